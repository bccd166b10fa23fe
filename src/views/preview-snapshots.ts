import { snapshotRate } from "../core/verdict/snapshot-needs.ts";
import { duration } from "../core/duration-words.ts";
import type { PreviewHost } from "./preview-hosts.ts";
import { grouped, size } from "./wording.ts";

/** What the first snapshots of a rollout take on the hosts that were looked at, about. */
export interface PreviewSnapshots {
  readonly bytes: number;
  readonly largest: SnapshotOn | null;
  readonly slowest: SnapshotOn | null;
  /** How the times were estimated, in words. */
  readonly estimate: string;
}

interface SnapshotOn {
  readonly host: string;
  readonly bytes: number;
  /** null: not known. */
  readonly ms: number | null;
}

export function previewSnapshots(hosts: readonly PreviewHost[]): PreviewSnapshots {
  const all = hosts
    .filter(({ failure }) => failure === null)
    .map(({ name, needs }): SnapshotOn => ({ host: name, bytes: needs.bytes, ms: needs.ms }));
  return {
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
    largest: most(all, ({ bytes }) => bytes),
    slowest: most(all, ({ ms }) => ms ?? 0),
    estimate: estimateWords,
  };
}

const { treeMs, walks, entriesMin, bytesPerSecond } = snapshotRate;

const estimateWords = `times are estimates for the first snapshot of each: ${duration(treeMs)} a tree, or ${walks} times what counting the trees just took there where that is more (from ${grouped(entriesMin)} entries on), and content at ${size(bytesPerSecond)} a second; later snapshots keep only what is new`;

/** "about 4 s"; nothing where it is not known. */
export function aboutWords(ms: number | null): string {
  return ms === null ? "" : `, about ${duration(ms)}`;
}

function most(all: readonly SnapshotOn[], by: (it: SnapshotOn) => number): SnapshotOn | null {
  return all.reduce<SnapshotOn | null>(
    (best, it) => (best === null || by(it) > by(best) ? it : best),
    null,
  );
}
