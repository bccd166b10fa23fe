import type { SnapshotPath } from "../effects.ts";
import type { PathText } from "../path-text.ts";

/** What a look has counted of one tree. */
export interface CountedTree {
  readonly path: PathText;
  readonly entries: number;
  /** Bytes of file content. */
  readonly bytes: number;
}

export interface SnapshotNeeds {
  readonly entries: number;
  /** Bytes of content that a snapshot keeps. */
  readonly bytes: number;
  /** Bytes that it takes in the spool, about. */
  readonly spoolBytes: number;
  readonly inodes: number;
}

/** About what one entry takes beside its content: its headers, padding, and lines in lists. */
const bytesPerEntry = 2 * 1024;
/** Of a tree of which only the list is kept. */
const bytesPerLine = 256;
/** Files that each tree of a snapshot has of its own, and each snapshot. */
const inodesPerTree = 8;
const inodesPerSnapshot = 16;

/**
 * What the first snapshot of these trees needs where it is kept; later ones add what has changed.
 * An estimate that is rather too low: the snapshot itself looks again, and exactly.
 */
export function snapshotNeeds(
  trees: readonly CountedTree[],
  { paths, copies }: { readonly paths: readonly SnapshotPath[]; readonly copies: boolean },
): SnapshotNeeds {
  const kept = new Set(paths.filter(({ content }) => content).map(({ path }) => path));
  let entries = 0;
  let bytes = 0;
  let spoolBytes = 0;
  let inodes = inodesPerSnapshot + trees.length * inodesPerTree;
  for (const tree of trees) {
    entries += tree.entries;
    if (!kept.has(tree.path)) {
      spoolBytes += tree.entries * bytesPerLine;
      continue;
    }
    bytes += tree.bytes;
    spoolBytes += tree.bytes + tree.entries * bytesPerEntry;
    // An archive is one file; a copy is as many as there were.
    if (copies) inodes += tree.entries;
  }
  return { entries, bytes, spoolBytes, inodes };
}
