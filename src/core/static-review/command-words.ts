import { literalOf, type ShellValue, textValue } from "./shell-value.ts";

/** One word of a command: the values that it may have. */
export type CommandWord = readonly ShellValue[];

export interface CommandLineParts {
  /** As typed: "-r", "--recursive". */
  readonly flags: ReadonlySet<string>;
  /** The last value of each option that takes one. */
  readonly values: ReadonlyMap<string, CommandWord>;
  readonly operands: readonly CommandWord[];
}

/** Flags as a table writes them: "-r -R --recursive". */
export function flagsOf(text: string | undefined): ReadonlySet<string> {
  return new Set((text ?? "").split(" ").filter((flag) => flag !== ""));
}

/** The text of a word that can only be one. */
export function wordText(word: CommandWord | undefined): string | null {
  const [first, second] = word ?? [];
  return first === undefined || second !== undefined ? null : literalOf(first);
}

/**
 * Takes words apart as getopt_long(3) does: `-rf`, `-ofile`, `--name=value`, operands in between,
 * and `--`. `first` stops at the first operand, as commands do that run another one.
 */
export function partsOf(
  words: readonly CommandWord[],
  valued: ReadonlySet<string>,
  until: "end" | "first" = "end",
): CommandLineParts & { readonly rest: readonly CommandWord[] } {
  const flags = new Set<string>();
  const values = new Map<string, CommandWord>();
  const operands: CommandWord[] = [];
  let at = 0;
  for (; at < words.length; at += 1) {
    const word = words[at]!;
    const text = beginningOf(word);
    if (text === "--") {
      at += 1;
      break;
    }
    if (!text.startsWith("-") || text === "-") {
      if (until === "first") break;
      operands.push(word);
      continue;
    }
    if (text.startsWith("--")) {
      const [name = text] = text.split("=", 1);
      flags.add(name);
      if (name !== text) values.set(name, cutOff(word, name.length + 1));
      else if (valued.has(name)) values.set(name, words[(at += 1)] ?? []);
      continue;
    }
    // Some take a whole word after one dash: find, for one, and `kill -0`.
    flags.add(text);
    for (let letter = 1; letter < text.length; letter += 1) {
      const flag = `-${text[letter]}`;
      flags.add(flag);
      if (!valued.has(flag)) continue;
      const here = letter + 1 < text.length || word.some((value) => literalOf(value) === null);
      values.set(flag, here ? cutOff(word, letter + 1) : (words[(at += 1)] ?? []));
      break;
    }
  }
  const rest = words.slice(at);
  return { flags, values, operands: until === "first" ? [] : [...operands, ...rest], rest };
}

export function hasFlag(parts: CommandLineParts, flags: string | undefined): boolean {
  return [...flagsOf(flags)].some((flag) => parts.flags.has(flag));
}

/** The value of the first of these options that has one. */
export function optionValue(parts: CommandLineParts, flags: string): CommandWord | undefined {
  return [...flagsOf(flags)].map((flag) => parts.values.get(flag)).find((value) => value);
}

/** The known text that a word begins with. */
function beginningOf(word: CommandWord): string {
  const [piece] = word[0]?.pieces ?? [];
  return piece?.kind === "text" ? piece.text : "";
}

/** The same word without its first characters, which are known text. */
export function cutOff(word: CommandWord, characters: number): CommandWord {
  return word.map((value): ShellValue => {
    const [first, ...rest] = value.pieces;
    if (first?.kind !== "text") return value;
    const text = first.text.slice(characters);
    return { ...value, pieces: text === "" ? rest : [{ kind: "text", text }, ...rest] };
  });
}

export function wordOf(text: string): CommandWord {
  return [textValue(text)];
}
