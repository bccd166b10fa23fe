import type { CommandPlace } from "./command-place.ts";
import type { Deed, FindingId } from "./finding.ts";
import { isFresh, literalPath, pathOf, type PathPattern } from "./path-pattern.ts";
import type { Made, ShellScope } from "./shell-scope.ts";
import { distinct, type ShellValue, textValue } from "./shell-value.ts";

/** Something that a command does to a path. */
export interface PathDeed extends CommandPlace {
  readonly does: Deed;
  readonly path: PathPattern;
  /** Everything below goes the same way. */
  readonly deep: boolean;
  /** Only some of what is below, as it finds it; names like this glob where that is known. */
  readonly some: boolean;
  readonly named: string | null;
  /** The path may be a folder, and then something in it is meant. */
  readonly perhapsInto: boolean;
  /** The text itself made it, or a folder that it lies in. */
  readonly own: Made | null;
}

/** Something to be asked about that is no path. */
export interface CommandNote extends CommandPlace {
  readonly id: FindingId;
  /** A program, a file, a variable: the end of the sentence. */
  readonly about: string;
}

/** Paths that are given to a program of which nothing is known. */
export interface HandedPaths extends CommandPlace {
  readonly program: string;
  readonly paths: readonly PathPattern[];
}

/** All that a walk through a text has met. */
export interface ShellTrace {
  /** Parts of the text that were walked through, each as often as that was. */
  parts: number;
  readonly deeds: PathDeed[];
  readonly notes: CommandNote[];
  readonly handed: HandedPaths[];
  /** Paths that the text looks at, so they are there. */
  readonly looked: Set<string>;
  /** Paths that it has put there from the network. */
  readonly fetched: Set<string>;
}

/** A command that is being walked through: what it is, and where it is written down. */
export interface TracedCommand {
  readonly trace: ShellTrace;
  readonly place: CommandPlace;
}

/** Writes down something that must be asked about. */
export function note(walk: TracedCommand, id: FindingId, about: string): void {
  walk.trace.notes.push({ ...walk.place, id, about });
}

/** Every path that a word may name here. An empty word names none. */
export function pathsOf(values: readonly ShellValue[], scope: ShellScope): readonly PathPattern[] {
  return values
    .filter(({ pieces }) => pieces.length > 0)
    .flatMap((value) => scope.folder.map((folder) => pathOf(value, folder)));
}

/** Folders that a word may name here, from the root, as values to go on from. */
export function folderValues(
  values: readonly ShellValue[],
  scope: ShellScope,
): readonly ShellValue[] {
  return distinct(pathsOf(values, scope).map(valueOf));
}

function valueOf({ names, guessed }: PathPattern): ShellValue {
  const start = names[0]?.[0]?.kind;
  const isRooted = start !== "unknown" && start !== "fresh";
  const pieces = names.flatMap((name, index) => [
    ...(index > 0 || isRooted ? textValue("/").pieces : []),
    ...name,
  ]);
  return { pieces: pieces.length === 0 ? textValue("/").pieces : pieces, guessed };
}

export interface DeedOrder {
  readonly deep?: boolean;
  readonly some?: boolean;
  readonly named?: string | null;
  readonly perhapsInto?: boolean;
}

/** Writes down what a command does to each of these paths, and what comes of it for the rest of the text. */
export function doTo(
  { walk, scope }: { readonly walk: TracedCommand; readonly scope: ShellScope },
  does: Deed,
  paths: readonly PathPattern[],
  { deep = false, some = false, named = null, perhapsInto = false }: DeedOrder = {},
): void {
  for (const path of paths) {
    const own = isFresh(path) ? "surely" : ownership(path, scope);
    walk.trace.deeds.push({ ...walk.place, does, path, deep, some, named, perhapsInto, own });
    if (does === "overwrites" && !deep && own === null) make(scope, path, "file");
  }
}

/** Remembers that the text made this. */
export function make(scope: ShellScope, path: PathPattern, how: Made): void {
  if (!scope.made.has(path.shown)) scope.made.set(path.shown, how);
}

/** Remembers that the text looks at this, so that it must be there. */
export function lookAt(walk: TracedCommand, paths: readonly PathPattern[]): void {
  for (const path of paths) {
    const text = literalPath(path);
    if (text !== null) walk.trace.looked.add(text);
  }
}

/** Did the text make this path, or a folder that it lies in? */
function ownership({ shown }: PathPattern, { made }: ShellScope): Made | null {
  for (
    let at = shown;
    at !== "" && at !== "/";
    at = at.slice(0, Math.max(0, at.lastIndexOf("/")))
  ) {
    const how = made.get(at);
    if (how !== undefined) return how;
  }
  return null;
}
