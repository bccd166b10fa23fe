import type { Redirection } from "unbash";
import { type CommandWord, wordText } from "./command-words.ts";
import { expandWord, type Expansion } from "./expand-word.ts";
import { doTo, lookAt, pathsOf, type TracedCommand } from "./shell-trace.ts";

/** Writes down what a redirection does to the file that it names. */
export function redirectTo(
  redirect: Redirection,
  {
    walk,
    empties = false,
    ...expansion
  }: Expansion & {
    readonly walk: TracedCommand;
    /** Nothing is printed into it, so that the file is empty afterwards. */
    readonly empties?: boolean;
  },
): void {
  if (redirect.type === "HereDoc" || redirect.target === undefined) return;
  const { scope } = expansion;
  const { operator, target } = redirect;
  const paths = pathsOf(expandWord(target, expansion), scope);
  if (operator === "<<<" || operator === "<&") return;
  if (operator === "<") {
    lookAt(walk, paths);
    return;
  }
  if (operator === ">&" && /^[0-9-]+$/.test(target.value)) return;
  const appends = operator === ">>" || operator === "&>>";
  doTo({ walk, scope }, empties && !appends ? "empties" : "overwrites", paths);
}

/** `> file` alone, `: > file`, `cat /dev/null > file`: the file is empty afterwards. */
export function printsNothing(words: readonly CommandWord[]): boolean {
  const [name, argument, second] = words.map(wordText);
  if (name === undefined || name === ":" || name === "true") return true;
  if (second !== undefined) return false;
  return (
    (name === "cat" && argument === "/dev/null") ||
    (name === "echo" && argument === "-n") ||
    (name === "printf" && argument === "")
  );
}
