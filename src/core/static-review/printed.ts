import { type CommandWord, partsOf, wordText } from "./command-words.ts";
import type { ShellScope } from "./shell-scope.ts";
import {
  freshValue,
  joined,
  literalOf,
  type Piece,
  type ShellValue,
  splitAt,
  textValue,
  unknownValue,
} from "./shell-value.ts";

/** What some well-known commands print, as lines; null: nobody can tell. */
export function printed(
  name: string,
  words: readonly CommandWord[],
  scope: ShellScope,
): readonly ShellValue[] | null {
  const { flags, operands } = partsOf(words, new Set(name === "mktemp" ? ["-p", "--tmpdir"] : []));
  switch (name) {
    case "echo":
      return spaced(operands);
    case "printf":
      return printf(operands);
    case "mktemp":
      return [freshValue];
    case "pwd":
      return scope.folder;
    case "dirname":
      return operands[0]?.map((value) => upTo(value, "folder")) ?? null;
    case "basename":
      return operands.length === 1 ? operands[0]!.map((value) => upTo(value, "name")) : null;
    case "realpath":
    case "readlink":
      return operands.length === 1 && (name === "realpath" || flags.has("-f"))
        ? operands[0]!
        : null;
    case "ls": {
      const isWhole = operands.length > 0 && operands.every((word) => word.every(hasGlob));
      if (flags.has("-d") || isWhole) return operands.flat();
      // Names, one on a line: what a star would give there.
      const isLong = ["-l", "-s", "-i", "-R", "-a", "-A"].some((flag) => flags.has(flag));
      return isLong ? null : [{ pieces: [{ kind: "glob", text: "*" }], guessed: false }];
    }
    case "true":
    case ":":
      return [];
    default:
      return null;
  }
}

function hasGlob({ pieces }: ShellValue): boolean {
  return pieces.some((piece) => piece.kind === "glob");
}

function spaced(operands: readonly CommandWord[]): readonly ShellValue[] {
  return operands.reduce<readonly ShellValue[]>(
    (before, word, index) => joined(before, index === 0 ? word : joined([textValue(" ")], word)),
    [textValue("")],
  );
}

/** A format without anything to fill in, or one that prints each word on a line. */
function printf([format, ...words]: readonly CommandWord[]): readonly ShellValue[] | null {
  const text = wordText(format);
  if (text === null) return null;
  if (/^%s(\\n|\\0| )?$/.test(text)) return words.flat();
  if (text.includes("%")) return null;
  return text
    .split(String.raw`\n`)
    .filter((line) => line !== "")
    .map((line) => textValue(line));
}

/** dirname(1) and basename(1): what stands before the last slash, or after it. */
function upTo(value: ShellValue, part: "folder" | "name"): ShellValue {
  const literal = literalOf(value);
  if (literal !== null) {
    const plain = literal.replace(/\/+$/, "");
    const slash = plain.lastIndexOf("/");
    if (part === "name") return textValue(plain.slice(slash + 1));
    return textValue(slash > 0 ? plain.slice(0, slash) : slash === 0 ? "/" : ".");
  }
  // Above a new temporary path, and under its name elsewhere, is what was there before.
  if (value.pieces.some((piece) => piece.kind === "fresh")) return unknownValue(`[${part} of it]`);
  const names = splitAt(value, /\//);
  const last = names.at(-1)!;
  if (part === "name") return last;
  // Something unknown may hold slashes itself, so only a last name that is known can be cut.
  if (last.pieces.some((piece) => piece.kind === "unknown")) {
    return unknownValue("[folder of it]");
  }
  const pieces = names.slice(0, -1).flatMap((name, index): readonly Piece[] => {
    const isFirst = index === 0 && value.pieces[0]?.kind !== "text";
    return isFirst ? name.pieces : [{ kind: "text", text: "/" }, ...name.pieces];
  });
  return { ...value, pieces };
}
