import type { Entry } from "../core/effects.ts";
import { type Frame, numberOf, ProtocolError, textsOf } from "./frames.ts";
import { type Place, placeBelow, type Root, rootOf } from "./host-paths.ts";
import { type ManifestLine, manifestLines } from "./manifest.ts";

/** A path that may have changed; whether it did can depend on content that is still to be asked. */
export interface Candidate {
  readonly place: Place;
  readonly before: Entry | null;
  readonly after: Entry | null;
}

export interface Seen {
  readonly candidates: readonly Candidate[];
  /** Paths that differ and were only counted. */
  readonly unlisted: number;
  readonly entries: number;
}

/** What the frames of a comparison say. */
export function readTrees(frames: readonly Frame[]): Seen {
  const candidates: Candidate[] = [];
  let entries = 0;
  let unlisted = 0;
  let root: Root | null = null;
  let paths = 0;
  let shown = 0;
  for (const frame of frames) {
    if (frame.kind === "TREE") {
      root = rootOf(frame);
      entries += numberOf(textsOf(frame, 4)[3]);
    } else if (frame.kind === "PATHS") {
      [paths = 0, shown = 0] = textsOf(frame, 2).map(numberOf);
    } else if (frame.kind === "LINES") {
      if (root === null) throw new ProtocolError("lines of no tree");
      const lines = manifestLines(frame.body);
      if (lines.length !== shown) throw new ProtocolError("fewer lines than it said");
      const all = candidatesOf(root, lines);
      // Where the list was cut, the last path may lack its other line.
      const whole = all.length < paths ? all.slice(0, -1) : all;
      unlisted += paths - whole.length;
      candidates.push(...whole.filter(mayDiffer));
    }
  }
  return { candidates, unlisted, entries };
}

function candidatesOf(root: Root, lines: readonly ManifestLine[]): readonly Candidate[] {
  const byName = new Map<string, { before: Entry | null; after: Entry | null }>();
  for (const line of lines) {
    const known = byName.get(line.name) ?? { before: null, after: null };
    byName.set(line.name, { ...known, [line.side]: line.entry });
  }
  return [...byName].map(([name, sides]) => ({ place: placeBelow(root, name), ...sides }));
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
