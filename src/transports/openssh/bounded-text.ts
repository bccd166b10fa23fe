import { open } from "node:fs/promises";
import type { Readable } from "node:stream";

/** Bytes of a program's words that are kept; the rest is dropped. */
const keptMax = 32 * 1024;

/** Reads the end of a log; "" while it is not there. */
export async function endOfFile(path: string): Promise<string> {
  try {
    await using file = await open(path, "r");
    const { size } = await file.stat();
    const from = Math.max(0, size - keptMax);
    const buffer = Buffer.alloc(size - from);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
    return buffer.toString("utf8", 0, bytesRead);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
}

/** Drains a stream for as long as it lives and remembers how it began. */
export function beginningOf(stream: Readable): () => string {
  const chunks: Buffer[] = [];
  let kept = 0;
  stream.on("data", (chunk: Buffer) => {
    if (kept < keptMax) chunks.push(chunk.subarray(0, keptMax - kept));
    kept += chunk.length;
  });
  return () => Buffer.concat(chunks).toString("utf8");
}
