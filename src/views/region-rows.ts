import {
  instancesOf,
  type InstanceState,
  type RegionState,
  type RolloutState,
} from "../core/state.ts";
import { windowWait } from "./region-waits.ts";
import { type Fate, fateOf } from "./summary.ts";

/** A row per region, in rollout order: its name, and where it stands. */
export function regionRows(state: RolloutState): readonly (readonly [string, string])[] {
  return state.regions.map((region) => [region.name, regionWords(state, region)]);
}

function regionWords(state: RolloutState, region: RegionState): string {
  const members = instancesOf(state, region.name);
  const stage = stageWords(state, region, members);
  const counts = countsByFate(members).map(([fate, count]) => `${count} ${fate}`);
  return `${stage}: ${counts.join(", ")}`;
}

function stageWords(
  state: RolloutState,
  region: RegionState,
  members: readonly InstanceState[],
): string {
  const planned = state.itinerary.regions.find((it) => it.name === region.name);
  switch (region.stage) {
    case "waiting":
      return planned?.approve === true && !region.approved
        ? "not begun, needs approval"
        : notBegun(state, region);
    case "approval":
      return region.approved ? notBegun(state, region) : "waits for approval";
    case "sealed":
      return members.every((it) => it.phase === "sealed" || it.excluded) ? "sealed" : "was sealed";
    case "started": {
      const batches = planned?.batches.length ?? 0;
      const baking = region.bakesStarted > region.bakesFinished ? ", baking" : "";
      const stopped = state.closed === null ? "" : "stopped in ";
      const window = baking === "" && stopped === "" ? windowWait(state, region.name) : null;
      const waits = window === null ? "" : `; the next waits for ${window}`;
      return `${stopped}batch ${region.batchesStarted} of ${batches}${baking}${waits}`;
    }
  }
}

function notBegun(state: RolloutState, region: RegionState): string {
  const window = windowWait(state, region.name);
  return window === null ? "not begun" : `not begun, waits for ${window}`;
}

function countsByFate(members: readonly InstanceState[]): readonly (readonly [Fate, number])[] {
  const counts = new Map<Fate, number>();
  for (const it of members) counts.set(fateOf(it), (counts.get(fateOf(it)) ?? 0) + 1);
  return [...counts];
}
