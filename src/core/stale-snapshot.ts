import type { InstanceState } from "./state.ts";

/**
 * After a pause of unknown length: a snapshot whose step has not begun is taken again, under the name
 * of the next generation, so that a rollback never goes back to what was hours before the step. One
 * that was asked for and never answered may be there too. Where the step may have begun, its snapshot
 * is the only way back, and stays.
 */
export function withoutStaleSnapshot(it: InstanceState): InstanceState {
  if (it.phase !== "stepping" || it.inDoubt || it.pending !== null) return it;
  if (!it.snapshotted && it.tries === 0) return it;
  return { ...it, snapshotted: false, generation: it.generation + 1 };
}
