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

/**
 * How the time of a first snapshot is estimated. Measured on two cores and an SSD, with GNU tools and
 * BusyBox: 0.46 and 0.53 s for one tree of three files; 20 and 26 s for 50 trees of one file, 128 s for
 * 400; 3.9 and 7.1 s for 60,000 files in one, which was walked in 0.22 and 0.34; 0.3 s for 400 MB, where
 * a slow disk takes ten times as long.
 */
export const snapshotRate = {
  /** Milliseconds that each tree takes, however small it is. */
  treeMs: 400,
  /** Walks that listing, packing, keeping and proving come to. */
  walks: 18,
  /** Entries below which a walk's time is that of starting its programs. */
  entriesMin: 1000,
  /** Bytes of content that are read, packed and made durable in a second, on no fast disk. */
  bytesPerSecond: 100 * 1024 * 1024,
} as const;

/** Milliseconds that the first snapshot takes, about, of so many trees that were counted in so long. */
export function snapshotMs(
  { entries, bytes }: SnapshotNeeds,
  { trees, walkedMs }: { readonly trees: number; readonly walkedMs: number },
): number {
  const { treeMs, walks, entriesMin, bytesPerSecond } = snapshotRate;
  const walking = entries < entriesMin ? 0 : walks * walkedMs;
  return Math.round(Math.max(trees * treeMs, walking) + (bytes / bytesPerSecond) * 1000);
}
