/** Characters of a value shown in a message; the rest is cut, and the cut is visible. */
const shownMax = 60;

/** A value in quotes for a message: one line, printable, bounded. Lists and mappings by their size. */
export function quoted(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "a mapping";
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") {
    return "nothing";
  }
  const text = String(value);
  const shown = text.length > shownMax ? `${text.slice(0, shownMax)}…` : text;
  return `"${shown.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, escaped)}"`;
}

/** "1 instance", "3 instances". */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}

function escaped(character: string): string {
  if (character === "\n") return "\\n";
  if (character === "\t") return "\\t";
  return `\\u{${character.codePointAt(0)!.toString(16)}}`;
}

/** "a", "a and b", "a, b and c": each in quotes. At most `max` are named. */
export function quotedList(values: readonly string[], max = 8): string {
  const shown = values.slice(0, max).map((value) => quoted(value));
  if (values.length > max) return `${shown.join(", ")} and ${values.length - max} more`;
  const last = shown.pop() ?? "none";
  return shown.length === 0 ? last : `${shown.join(", ")} and ${last}`;
}
