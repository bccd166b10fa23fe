/** A pipe without a reader, or a terminal that was closed: write(2). A full disk is neither. */
export function isReaderGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && goneCodes.has(String(error.code));
}

const goneCodes: ReadonlySet<string> = new Set(["EPIPE", "EIO"]);
