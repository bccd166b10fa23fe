import type { RolloutState } from "../core/state.ts";
import { noActivity, observe } from "./activity.ts";
import type { LiveView } from "./live-view.ts";
import { type Drawing, startDrawing } from "./tree-drawing.ts";
import { treeModel } from "./tree-model.ts";

export interface TreeOptions {
  /** The terminal, and what stands beside it: anything written to either while the tree is drawn is kept back. */
  readonly output: NodeJS.WriteStream;
  readonly errors: NodeJS.WriteStream;
  readonly color: boolean;
  /** Milliseconds since 1970, for how long something has been going on. */
  readonly now: () => number;
}

/** Lines where a terminal does not say how many it has. */
const linesDefault = 24;

/**
 * The rollout as a tree of regions, batches and instances, drawn by listr2. Its tasks do no work:
 * they are kept waiting while the rollout goes, and show what `treeModel` says of it.
 */
export function tree(options: TreeOptions): LiveView {
  let activity = noActivity;
  let state: RolloutState | null = null;
  let drawn: Drawing | null = null;
  const draw = (ended: boolean): void => {
    if (state === null || drawn === null) return;
    const lines = options.output.rows ?? linesDefault;
    drawn.show(treeModel(state, { activity, nowMs: options.now(), lines, ended }));
  };
  return {
    record(record, before, after) {
      activity = observe(activity, record, { before, after });
      state = after;
      drawn ??= startDrawing(after.itinerary, options, () => draw(false));
    },
    async end() {
      if (drawn === null) return;
      await drawn.end(() => draw(true));
    },
  };
}
