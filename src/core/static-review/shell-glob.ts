import type { Piece } from "./shell-value.ts";

/** The regular expression for a name made of such pieces; null when one of them is unknown or no glob. */
export function nameMatcher(pieces: readonly Piece[]): RegExp | null {
  let source = "";
  for (const piece of pieces) {
    if (piece.kind === "text") source += literal(piece.text);
    else if (piece.kind === "glob") source += globSource(piece.text);
    else return null;
  }
  return compiled(`^${source}$`);
}

/** The longest or shortest end or beginning of a text that a pattern of `${name%pattern}` takes away. */
export function withoutMatch(
  text: string,
  pattern: readonly Piece[],
  operator: "#" | "##" | "%" | "%%",
): string | null {
  const parts = pattern.map((piece) =>
    piece.kind === "text"
      ? literal(piece.text)
      : piece.kind === "glob"
        ? anywhere(piece.text)
        : null,
  );
  if (parts.includes(null)) return null;
  const matcher = compiled(`^(?:${parts.join("")})$`);
  if (matcher === null) return null;
  const lengths = Array.from({ length: text.length + 1 }, (_, length) => length);
  const order = operator.length === 2 ? lengths.reverse() : lengths;
  for (const length of order) {
    const [part, rest] = operator.startsWith("#")
      ? [text.slice(0, length), text.slice(length)]
      : [text.slice(text.length - length), text.slice(0, text.length - length)];
    if (matcher.test(part)) return rest;
  }
  return text;
}

function globSource(text: string): string {
  if (text === "*") return "[^/]*";
  if (text === "?") return "[^/]";
  return text.startsWith("[!") ? `[^${text.slice(2)}` : text;
}

/** In parameter expansions a star goes through slashes. */
function anywhere(text: string): string {
  return text === "*" ? ".*" : text === "?" ? "." : globSource(text);
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}

function compiled(source: string): RegExp | null {
  try {
    return new RegExp(source, "s");
  } catch (error) {
    // A bracket that is no range to a regular expression: `[z-a]`, say.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** The pieces of a pattern that stands in one text, as `find -name` takes it. */
export function globPieces(text: string): readonly Piece[] {
  const parts = text.split(/(\*|\?|\[[^\]]*\])/);
  return parts.flatMap((part, index): Piece[] => {
    if (part === "") return [];
    return [{ kind: index % 2 === 0 ? "text" : "glob", text: part }];
  });
}
