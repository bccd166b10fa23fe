import type { Entry } from "../core/effects.ts";
import { type Frame, numberOf, ProtocolError, textsOf } from "./frames.ts";
import { type Place, placeBelow, type Root, rootOf } from "./host-paths.ts";
import { type ManifestLine, manifestLines } from "./manifest.ts";

/** A path that may have changed; whether it did can depend on content that is still to be asked. */
export interface Candidate {
  readonly place: Place;
  readonly before: Entry | null;
  readonly after: Entry | null;
  /** Gone, and the tree was losing such entries by itself. */
  readonly churn: boolean;
  /** Do both hold the same, byte for byte? null: nobody could compare, or there is nothing to. */
  readonly sameContent: boolean | null;
}

export interface Seen {
  readonly candidates: readonly Candidate[];
  /** Paths that differ and were only counted. */
  readonly unlisted: number;
  readonly entries: number;
  /** Milliseconds that the tree that was watched least was watched for; 0 without a tree. */
  readonly watchedMs: number;
}

/** What the frames of a comparison say. */
export function readTrees(frames: readonly Frame[]): Seen {
  const trees: Tree[] = [];
  for (const frame of frames) {
    if (frame.kind === "TREE") trees.push(treeOf(frame));
    else if (framesOfTrees.has(frame.kind)) fill(trees.at(-1), frame);
  }
  const seen = trees.map(candidatesOf);
  return {
    candidates: seen.flatMap(({ candidates }) => candidates),
    unlisted: sum(seen.map(({ unlisted }) => unlisted)),
    entries: sum(trees.map(({ entries }) => entries)),
    watchedMs: trees.length === 0 ? 0 : Math.min(...trees.map(({ watchedMs }) => watchedMs)),
  };
}

interface Tree {
  readonly root: Root;
  readonly entries: number;
  readonly watchedMs: number;
  /** Paths that differ, and lines that are shown of them. */
  paths: number;
  shown: number;
  lines: readonly ManifestLine[];
  /** By the number of a line, counted from 1. */
  churn: ReadonlySet<number>;
  same: ReadonlyMap<number, boolean>;
}

const framesOfTrees: ReadonlySet<string> = new Set(["PATHS", "LINES", "CHURN", "SAME"]);

function treeOf(frame: Frame): Tree {
  const texts = textsOf(frame, 5);
  return {
    root: rootOf(frame),
    entries: numberOf(texts[3]),
    watchedMs: numberOf(texts[4]),
    paths: 0,
    shown: 0,
    lines: [],
    churn: new Set(),
    same: new Map(),
  };
}

function fill(tree: Tree | undefined, frame: Frame): void {
  if (tree === undefined) throw new ProtocolError("differences of no tree");
  if (frame.kind === "PATHS") {
    [tree.paths = 0, tree.shown = 0] = textsOf(frame, 2).map(numberOf);
  } else if (frame.kind === "LINES") {
    tree.lines = manifestLines(frame.body);
    if (tree.lines.length !== tree.shown) throw new ProtocolError("fewer lines than it said");
  } else if (frame.kind === "CHURN") {
    tree.churn = new Set(textLines(frame).map(numberOf));
  } else {
    tree.same = new Map(
      textLines(frame).map((line) => [numberOf(line.slice(0, -1)), line.endsWith("=")]),
    );
  }
}

function textLines(frame: Frame): readonly string[] {
  return frame.body
    .toString("latin1")
    .split("\n")
    .filter((line) => line !== "");
}

function candidatesOf({ root, paths, lines, churn, same }: Tree): {
  readonly candidates: readonly Candidate[];
  readonly unlisted: number;
} {
  const byName = new Map<string, Candidate>();
  for (const [index, line] of lines.entries()) {
    const known = byName.get(line.name) ?? unknownAt(placeBelow(root, line.name));
    byName.set(line.name, {
      ...known,
      [line.side]: line.entry,
      churn: known.churn || churn.has(index + 1),
      sameContent: known.sameContent ?? same.get(index + 1) ?? null,
    });
  }
  const all = [...byName.values()];
  // Where the list was cut, the last path may lack its other line.
  const whole = all.length < paths ? all.slice(0, -1) : all;
  return { candidates: whole.filter(mayDiffer), unlisted: paths - whole.length };
}

function unknownAt(place: Place): Candidate {
  return { place, before: null, after: null, churn: false, sameContent: null };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

/** Everything but a folder that only got or lost entries: that is told by the entries themselves. */
function mayDiffer({ before, after }: Candidate): boolean {
  if (before === null || after === null || before.type !== after.type) return true;
  if (before.type === "file" || before.type === "link") return true;
  return hasOtherShape(before, after);
}

/** Does anything but content and times differ? Another inode counts: whoever holds the old one open. */
export function hasOtherShape(before: Entry, after: Entry): boolean {
  return (
    before.type !== after.type ||
    before.mode !== after.mode ||
    before.uid !== after.uid ||
    before.gid !== after.gid ||
    before.inode !== after.inode
  );
}
