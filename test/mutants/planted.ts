/** A fault to plant: one exact piece of a source file, and what stands there instead. */
export interface Planted {
  /** What would be wrong, in a few words; unique. */
  readonly name: string;
  /** Below the root of the repository. */
  readonly file: string;
  /** Must be in the file exactly once. */
  readonly from: string;
  readonly to: string;
  /** Why no quick check can tell it from the sound program; only for one that survives. */
  readonly survives?: string;
}

/** Short for a list: name, what is there, what comes there, and why it survives where it does. */
export function inFile(
  file: string,
  faults: readonly (readonly [name: string, from: string, to: string, survives?: string])[],
): readonly Planted[] {
  return faults.map(([name, from, to, survives]) => ({
    name,
    file,
    from,
    to,
    ...(survives === undefined ? {} : { survives }),
  }));
}

/** The file's text with the fault in it; null: the piece is not there exactly once any more. */
export function plant(text: string, { from, to }: Planted): string | null {
  const at = text.indexOf(from);
  if (at < 0 || text.indexOf(from, at + 1) >= 0) return null;
  return text.slice(0, at) + to + text.slice(at + from.length);
}
