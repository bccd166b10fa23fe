import type { CommandWord } from "./command-words.ts";
import type { ShellFunction, ShellScope } from "./shell-scope.ts";
import type { TracedCommand } from "./shell-trace.ts";
import type { ShellValue } from "./shell-value.ts";

/** What something prints, line by line; null: nobody can tell. */
export type Output = readonly ShellValue[] | null;

/** What a command needs of the walk that it stands in. */
export interface ShellWalk extends TracedCommand {
  /** Walks through another text in this scope. */
  run(text: string, scope: ShellScope): Output;
  /** Walks through the body of a function. */
  enter(body: ShellFunction, scope: ShellScope): Output;
  /** Has another command done: what a wrapper runs, say. */
  perform(call: CommandCall): Output;
}

/** A command with its words expanded, and where it stands. */
export interface CommandCall {
  readonly walk: ShellWalk;
  readonly scope: ShellScope;
  /** The command's name first. */
  readonly words: readonly CommandWord[];
  /** The text of its here-document. */
  readonly document: string | undefined;
}
