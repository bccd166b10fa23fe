import type { SyntaxNode } from "unbash";
import type { CommandPlace } from "./command-place.ts";
import { distinct, type ShellValue } from "./shell-value.ts";

export interface ShellFunction {
  readonly body: SyntaxNode;
  /** It stands in a text inside of the text. */
  readonly isInner: boolean;
}

export interface AtEnd {
  readonly text: string;
  readonly place: CommandPlace;
}

/**
 * How a text has made a path. "surely": it would have failed if something had been there. "folder",
 * "file": what was there before, if anything, is still there, or is written over.
 */
export type Made = "surely" | "folder" | "file";

/** What a shell knows at one point of a text. Changed in place while the text is walked. */
export interface ShellScope {
  /** Values that each variable may have here. */
  readonly variables: Map<string, readonly ShellValue[]>;
  /** Arrays whose elements are known, in order; of others `variables` has "NAME[]". */
  readonly lists: Map<string, readonly (readonly ShellValue[])[]>;
  readonly functions: Map<string, ShellFunction>;
  /** Folders that it may be in. */
  folder: readonly ShellValue[];
  /** "$1", "$2" …: the values that each may have. */
  words: readonly (readonly ShellValue[])[];
  /** Lines that a command here may read; null: nobody can tell. */
  input: readonly ShellValue[] | null;
  /** Paths that the text itself has made so far. */
  readonly made: Map<string, Made>;
  /** What runs at the end of it (`trap … EXIT`), by signal, and where that is written. */
  readonly atEnd: Map<string, AtEnd>;
  /** Functions that are under way around here. */
  calls: number;
  /** What follows is not reached, in the loop, the function or the whole text. */
  ended: "break" | "return" | "exit" | null;
}

/** A copy that may go its own way: a branch, or a subshell. */
export function forked(scope: ShellScope): ShellScope {
  return {
    ...scope,
    variables: new Map(scope.variables),
    lists: new Map(scope.lists),
    functions: new Map(scope.functions),
    made: new Map(scope.made),
    atEnd: new Map(scope.atEnd),
  };
}

/** Goes on in `scope` with whatever any of these branches may have left. Those that ended don't come back. */
export function rejoin(scope: ShellScope, branches: readonly ShellScope[]): void {
  const back = branches.filter(({ ended }) => ended === null);
  if (back.length === 0) {
    const ends = branches.map(({ ended }) => ended);
    scope.ended =
      ends.find((end) => end === "break") ?? ends.find((end) => end === "return") ?? "exit";
    return;
  }
  const names = new Set(back.flatMap(({ variables }) => [...variables.keys()]));
  for (const name of names) {
    // A branch that does not know it leaves what there was: the environment's, if anything.
    scope.variables.set(name, distinct(back.flatMap(({ variables }) => variables.get(name) ?? [])));
  }
  for (const name of new Set(back.flatMap(({ lists }) => [...lists.keys()]))) {
    const longest = longestOf(back.map(({ lists }) => lists.get(name)));
    if (longest === null) scope.lists.delete(name);
    else scope.lists.set(name, longest);
  }
  scope.folder = distinct(back.flatMap(({ folder }) => folder));
  for (const branch of back) {
    for (const [name, body] of branch.functions) scope.functions.set(name, body);
    for (const [signal, text] of branch.atEnd) scope.atEnd.set(signal, text);
    for (const [path, how] of branch.made) {
      const everywhere = how !== "surely" || back.every(({ made }) => made.get(path) === how);
      scope.made.set(path, everywhere ? how : "folder");
    }
  }
  scope.words = back[0]!.words;
}

type List = readonly (readonly ShellValue[])[];

/** The list that all others are the beginning of: a branch has added to it. null: there is none. */
function longestOf(lists: readonly (List | undefined)[]): List | null {
  const [longest] = lists.toSorted((a, b) => (b?.length ?? 0) - (a?.length ?? 0));
  if (longest === undefined) return null;
  const isAll = lists.every((list) => list?.every((word, at) => word === longest[at]) === true);
  return isAll ? longest : null;
}
