import { type CommandWord, flagsOf, partsOf, wordText } from "./command-words.ts";
import type { CommandCall } from "./command-call.ts";
import { forked, type ShellScope } from "./shell-scope.ts";
import { note, pathsOf } from "./shell-trace.ts";
import { isFromNetwork, literalOf, type ShellValue, shownValue } from "./shell-value.ts";

/** `sh -c text`, `sh file`, and `… | sh`. */
export function performShell(
  call: CommandCall,
  args: readonly CommandWord[],
): readonly ShellValue[] | null {
  const { walk, scope } = call;
  const valued = flagsOf("-o +o -O --rcfile --init-file");
  const parts = partsOf(args, valued, "first");
  const [first, ...others] = parts.rest;
  if (parts.flags.has("-c")) {
    return first === undefined ? [] : runValue(call, first, others.slice(1));
  }
  if (first !== undefined && !parts.flags.has("-s") && wordText(first) !== "-") {
    return runFile(call, first);
  }
  if (call.document !== undefined) {
    return walk.run(call.document, { ...forked(scope), input: null, words: others });
  }
  const input = scope.input ?? [];
  if (input.some(isFromNetwork)) note(walk, "network-into-shell", "a shell reads it as commands");
  else if (
    scope.input !== null &&
    input.length > 0 &&
    input.every((line) => literalOf(line) !== null)
  ) {
    return walk.run(input.map((line) => literalOf(line)!).join("\n"), forked(scope));
  } else note(walk, "evaluates-text", "what a shell reads from its input");
  return null;
}

/** Walks through a text that is the value of a word, in a shell of its own. */
export function runValue(
  call: CommandCall,
  text: CommandWord,
  words: readonly CommandWord[],
): readonly ShellValue[] | null {
  return evaluate(call, text, (known, scope) => {
    return call.walk.run(known, { ...forked(scope), atEnd: new Map(), words });
  });
}

/** `. file` and `sh file`: what stands in it is on the host alone. */
export function runFile({ walk, scope }: CommandCall, file: CommandWord): null {
  const isFetched =
    file.some(isFromNetwork) ||
    pathsOf(file, scope).some(({ shown }) => walk.trace.fetched.has(shown));
  const shown = file.map(shownValue).join(" or ");
  note(walk, isFetched ? "network-into-shell" : "reads-commands", shown);
  return null;
}

/**
 * Has each text walked through. A part of it that is not known stands as a variable without a value,
 * which is not the whole truth, because it may hold commands of its own: that is asked about too.
 */
export function evaluate(
  { walk, scope }: CommandCall,
  text: CommandWord,
  run: (known: string, scope: ShellScope) => readonly ShellValue[] | null,
): readonly ShellValue[] | null {
  const outputs = text.map((value) => {
    const known = literalOf(value);
    if (known !== null) return run(known, scope);
    note(walk, isFromNetwork(value) ? "network-into-shell" : "evaluates-text", shownValue(value));
    if (!value.pieces.some((piece) => piece.kind === "text")) return null;
    const child = forked(scope);
    const words = value.pieces.map((piece, index) => {
      if (piece.kind === "text" || piece.kind === "glob") return piece.text;
      const name = `handrail_part_${index}`;
      child.variables.set(name, [{ pieces: [piece], guessed: value.guessed }]);
      return `\${${name}}`;
    });
    run(words.join(""), child);
    return null;
  });
  return outputs.includes(null) ? null : outputs.flatMap((output) => output ?? []);
}
