/** A part of a word after expansion. */
export type Piece =
  | { readonly kind: "text"; readonly text: string }
  /** Matches within one name: `*`, `?` or `[…]`, as written. */
  | { readonly kind: "glob"; readonly text: string }
  /** Nobody can tell without running it; `network`: it comes from there. */
  | { readonly kind: "unknown"; readonly written: string; readonly network: boolean }
  /** A path that `mktemp` has just made, so nothing of anybody else's is in it. */
  | { readonly kind: "fresh" };

/** One value that a word may have. */
export interface ShellValue {
  readonly pieces: readonly Piece[];
  /** Somebody's home folder, by custom: likely, not certain. */
  readonly guessed: boolean;
}

/** Values that one word may have; further ones count as unknown. */
export const alternativesMax = 32;

/** A value that is known to the letter. */
export function textValue(text: string): ShellValue {
  return { pieces: text === "" ? [] : [{ kind: "text", text }], guessed: false };
}

/** A value that can't be known; `written` is what stands for it in the text. */
export function unknownValue(written: string, network = false): ShellValue {
  return { pieces: [{ kind: "unknown", written, network }], guessed: false };
}

export const freshValue: ShellValue = { pieces: [{ kind: "fresh" }], guessed: false };

/** The text, where the value is known to the letter; else null. */
export function literalOf({ pieces }: ShellValue): string | null {
  let text = "";
  for (const piece of pieces) {
    if (piece.kind !== "text") return null;
    text += piece.text;
  }
  return text;
}

/** As people would write it: globs as they are, what is unknown as its variable. */
export function shownValue({ pieces }: ShellValue): string {
  return pieces.map(shownPiece).join("");
}

export function shownPiece(piece: Piece): string {
  switch (piece.kind) {
    case "text":
    case "glob":
      return piece.text;
    case "unknown":
      return piece.written;
    case "fresh":
      return "[a new temporary path]";
  }
}

export function isFromNetwork({ pieces }: ShellValue): boolean {
  return pieces.some((piece) => piece.kind === "unknown" && piece.network);
}

/** Every first part with every second part; too many become one unknown. */
export function joined(
  first: readonly ShellValue[],
  second: readonly ShellValue[],
): readonly ShellValue[] {
  const all = first.flatMap((a) =>
    second.map((b): ShellValue => {
      return { pieces: [...a.pieces, ...b.pieces], guessed: a.guessed || b.guessed };
    }),
  );
  return distinct(all);
}

/** Each value once; too many become one unknown. */
export function distinct(values: readonly ShellValue[]): readonly ShellValue[] {
  const byText = new Map(values.map((value) => [keyOf(value), value]));
  if (byText.size <= alternativesMax) return [...byText.values()];
  return [...[...byText.values()].slice(0, alternativesMax), unknownValue("one of many values")];
}

/** The same key for the same value. */
export function keyOf({ pieces, guessed }: ShellValue): string {
  return `${guessed ? "?" : "="}${pieces.map((piece) => `${piece.kind[0]}${shownPiece(piece)}`).join("\0")}`;
}

/** Cuts at each such character, in known text only; empty parts are left out. */
export function splitAt(
  value: ShellValue,
  isSeparator: (character: string) => boolean,
): readonly ShellValue[] {
  const parts: Piece[][] = [[]];
  for (const piece of value.pieces) {
    if (piece.kind !== "text") {
      parts.at(-1)!.push(piece);
      continue;
    }
    let text = "";
    const end = (): void => {
      if (text !== "") parts.at(-1)!.push({ kind: "text", text });
      text = "";
    };
    for (const character of piece.text) {
      if (isSeparator(character)) {
        end();
        parts.push([]);
      } else text += character;
    }
    end();
  }
  return parts
    .filter((pieces) => pieces.length > 0)
    .map((pieces) => ({ pieces, guessed: value.guessed }));
}

export function isSpace(character: string): boolean {
  return character === " " || character === "\t" || character === "\n";
}

export function isSlash(character: string): boolean {
  return character === "/";
}
