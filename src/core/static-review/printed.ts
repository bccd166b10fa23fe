import { type CommandWord, partsOf, wordText } from "./command-words.ts";
import type { ShellScope } from "./shell-scope.ts";
import {
  freshValue,
  joined,
  literalOf,
  type Piece,
  type ShellValue,
  isSlash,
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
  const { flags, operands } = partsOf(words, valuedOf(name));
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
    case "grep":
    case "egrep":
    case "fgrep":
      return namesOfGrep(flags, flags.has("-e") ? operands : operands.slice(1));
    case "true":
    case ":":
      return [];
    default:
      return null;
  }
}

/** Options of these commands that take the next word as their value. */
function valuedOf(name: string): ReadonlySet<string> {
  return new Set(
    name === "mktemp" ? ["-p", "--tmpdir"] : name.endsWith("grep") ? ["-e", "-f"] : [],
  );
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

/** printf(1) with nothing but `%s` to fill in: a line for each time that the format is gone through. */
function printf([format, ...words]: readonly CommandWord[]): readonly ShellValue[] | null {
  const text = wordText(format);
  const parts = text?.replace(/(?:\\n|\\0|\n)$/, "").split("%s");
  if (parts === undefined || parts.some((part) => /[%\\]/.test(part))) return null;
  const places = parts.length - 1;
  if (places === 0) return [textValue(parts[0] ?? "")];
  const lines: ShellValue[] = [];
  for (let at = 0; at === 0 || at < words.length; at += places) {
    const line = parts.reduce<readonly ShellValue[]>(
      (before, part, index) => {
        const word = index === 0 ? [textValue("")] : (words[at + index - 1] ?? [textValue("")]);
        return joined(joined(before, word), [textValue(part)]);
      },
      [textValue("")],
    );
    lines.push(...line);
  }
  return lines;
}

/** grep -l names files: its operands, or what lies below them. */
function namesOfGrep(
  flags: ReadonlySet<string>,
  files: readonly CommandWord[],
): readonly ShellValue[] | null {
  if (!flags.has("-l") && !flags.has("--files-with-matches")) return null;
  const isDeep = flags.has("-r") || flags.has("-R") || flags.has("--recursive");
  const inner = isDeep ? [textValue("/"), unknownValue("[what grep finds]")] : [];
  return inner.reduce<readonly ShellValue[]>((all, next) => joined(all, [next]), files.flat());
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
  const names = splitAt(value, isSlash);
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
