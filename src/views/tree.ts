import type { RolloutState } from "../core/state.ts";
import { noActivity, observe } from "./activity.ts";
import type { LiveView } from "./live-view.ts";
import { span } from "./times.ts";
import { type Drawing, screenOf, startDrawing } from "./tree-drawing.ts";
import { treeModel } from "./tree-model.ts";
import type { TreeRow } from "./tree-row.ts";

export interface TreeOptions {
  /** The terminal, and what stands beside it: anything written to either while the tree is drawn is kept back. */
  readonly output: NodeJS.WriteStream;
  readonly errors: NodeJS.WriteStream;
  readonly color: boolean;
  /** Only signs of ASCII; default: any. */
  readonly ascii?: boolean;
  /** Does this process carry the rollout? Default: it only looks on. */
  readonly carries?: boolean;
  /** Milliseconds since 1970, for how long something has been going on. */
  readonly now: () => number;
}

/** The rollout as a tree of regions, batches and instances, drawn over itself: `treeModel` says what is on it. */
export function tree(options: TreeOptions): LiveView {
  let activity = noActivity;
  let drawn: Drawing | null = null;
  let state: RolloutState | null = null;
  const rows = (ended: boolean): readonly TreeRow[] => {
    if (state === null) return [];
    const { lines } = screenOf(options.output);
    return treeModel(state, { activity, nowMs: options.now(), lines, ended });
  };
  const stopWords = (): string =>
    options.carries === true && state !== null ? stoppedWords(state) : "";
  return {
    record(record, before, after) {
      activity = observe(activity, record, { before, after });
      state = after;
      drawn ??= startDrawing({ ...options, stopWords }, () => rows(false));
      drawn.touch();
    },
    async end() {
      await drawn?.end(rows(true));
    },
  };
}

/** A process that is stopped renews no lease. */
function stoppedWords(state: RolloutState): string {
  const { leaseMs } = state.itinerary.plan.rollout.guard;
  return `Stopped, and nothing goes on until \`fg\`. Unless that comes within ${span(leaseMs)}, a host ends a step that runs there, and takes it back.`;
}
