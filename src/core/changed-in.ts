import type { InstanceState, RolloutState } from "./state.ts";

/** Instances on which something of this rollout stands, or may stand, in rollout order. */
export function changedIn(state: RolloutState): readonly InstanceState[] {
  return [...state.instances.values()].filter(
    (it) => it.touched > 0 && it.phase !== "rolled-back" && it.phase !== "unfit",
  );
}
