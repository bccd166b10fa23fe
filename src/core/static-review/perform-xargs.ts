import { flagsOf, optionValue, partsOf, type CommandWord, wordText } from "./command-words.ts";
import type { CommandCall } from "./command-call.ts";
import { forked } from "./shell-scope.ts";
import { note } from "./shell-trace.ts";
import {
  isFromNetwork,
  shownValue,
  isSpace,
  splitAt,
  type ShellValue,
  unknownValue,
} from "./shell-value.ts";

const valued = flagsOf(
  "-I -J -n --max-args -P --max-procs -L --max-lines -s --max-chars -d --delimiter -a --arg-file -E -j --jobs",
);

/** xargs(1) and parallel(1): a command for each line of the input. */
export function performXargs(
  call: CommandCall,
  args: readonly CommandWord[],
): readonly ShellValue[] | null {
  const { walk, scope } = call;
  const parts = partsOf(args, valued, "first");
  const [program] = parts.rest;
  if (program === undefined) return null;
  const isFile = optionValue(parts, "-a --arg-file") !== undefined;
  const isWhole = parts.flags.has("-0") || parts.flags.has("-d") || parts.flags.has("--null");
  const input = isFile ? null : scope.input;
  const lines =
    input === null || input.some(isFromNetwork)
      ? null
      : input.flatMap((line) => (isWhole ? [line] : splitAt(line, isSpace)));
  const shown = program.map(shownValue).join(" or ");
  if (lines === null || lines.length === 0) note(walk, "unknown-input", shown);
  const values = lines === null || lines.length === 0 ? [unknownValue("[its input]")] : lines;
  const place = wordText(optionValue(parts, "-I -J")) ?? "{}";
  const has = parts.rest.some((word) => (wordText(word) ?? "").includes(place));
  const words = has
    ? parts.rest.map((word) => (wordText(word) === place ? values : replaced(word, place, values)))
    : [...parts.rest, values];
  // What is found outside of known folders was asked about above, whatever the command.
  walk.perform({ ...call, scope: { ...forked(scope), input: null }, words, document: undefined });
  return null;
}

function replaced(word: CommandWord, place: string, values: readonly ShellValue[]): CommandWord {
  const text = wordText(word);
  if (text === null || !text.includes(place)) return word;
  const [before = "", ...after] = text.split(place);
  return values.map((value) => ({
    guessed: value.guessed,
    pieces: [
      ...(before === "" ? [] : [{ kind: "text", text: before } as const]),
      ...value.pieces,
      ...(after.join(place) === "" ? [] : [{ kind: "text", text: after.join(place) } as const]),
    ],
  }));
}
