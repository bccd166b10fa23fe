import {
  instancesOf,
  type InstanceState,
  type RegionState,
  type RolloutState,
} from "../core/state.ts";
import { windowWait } from "./region-waits.ts";
import { type Fate, fateOf } from "./summary.ts";

/**
 * A row per region, in rollout order: its name, and where it stands. `nowMs`, since 1970: also how long it
 * still waits.
 */
export function regionRows(
  state: RolloutState,
  nowMs: number | null = null,
): readonly (readonly [string, string])[] {
  return state.regions.map((region) => [region.name, regionWords(state, region, nowMs)]);
}

function regionWords(state: RolloutState, region: RegionState, nowMs: number | null): string {
  const members = instancesOf(state, region.name);
  const stage = stageWords({ state, region, members, nowMs });
  const counts = countsByFate(members).map(([fate, count]) => `${count} ${fate}`);
  return `${stage}: ${counts.join(", ")}`;
}

function stageWords({
  state,
  region,
  members,
  nowMs,
}: {
  readonly state: RolloutState;
  readonly region: RegionState;
  readonly members: readonly InstanceState[];
  readonly nowMs: number | null;
}): string {
  const planned = state.itinerary.regions.find((it) => it.name === region.name);
  switch (region.stage) {
    case "waiting":
      return planned?.approve === true && !region.approved
        ? "not begun, needs approval"
        : notBegun(state, region, nowMs);
    case "approval":
      return region.approved ? notBegun(state, region, nowMs) : "waits for approval";
    case "sealed":
    case "harmed":
      return members.every((it) => it.phase === "sealed" || it.excluded) ? "sealed" : "was sealed";
    case "started": {
      const batches = planned?.batches.length ?? 0;
      const baking = region.bakesStarted > region.bakesFinished ? ", baking" : "";
      const stopped = state.closed === null ? "" : "stopped in ";
      const window = baking === "" && stopped === "" ? windowWait(state, region.name, nowMs) : null;
      const waits = window === null ? "" : `; the next waits for ${window}`;
      return `${stopped}batch ${region.batchesStarted} of ${batches}${baking}${waits}`;
    }
  }
}

function notBegun(state: RolloutState, region: RegionState, nowMs: number | null): string {
  const window = windowWait(state, region.name, nowMs);
  return window === null ? "not begun" : `not begun, waits for ${window}`;
}

function countsByFate(members: readonly InstanceState[]): readonly (readonly [Fate, number])[] {
  const counts = new Map<Fate, number>();
  for (const it of members) counts.set(fateOf(it), (counts.get(fateOf(it)) ?? 0) + 1);
  return [...counts];
}
