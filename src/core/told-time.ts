import { approvalRule, countingVotes } from "./approval.ts";
import type { RolloutEvent } from "./event.ts";
import type { ItineraryRegion } from "./itinerary.ts";
import { windowsAt } from "./plan/maintenance.ts";
import { type RegionState, type RolloutState, wasSealed, type WindowFact } from "./state.ts";

/**
 * The brain sees no clock. What depends on the time of day comes to it as records, and this says which
 * one must be written at the instant `now` (RFC 3339 in UTC) before `due` and `decide` are asked; null:
 * what is known still holds.
 */
export function toldTime(state: RolloutState, now: string): RolloutEvent | null {
  const beginning = beginsNext(state);
  if (beginning === null || state.held !== null || state.parked !== null) return null;
  const { region, planned } = beginning;
  return lapsed(region, planned, now) ?? hours(region, planned, now);
}

interface Beginning {
  readonly region: RegionState;
  readonly planned: ItineraryRegion;
}

/** The region of which something is still to begin: itself, or its next batch. */
function beginsNext(state: RolloutState): Beginning | null {
  if (state.closed !== null || state.mode !== "forward") return null;
  const region = state.regions.find((it) => it.stage !== "sealed");
  const planned = state.itinerary.regions.find((it) => it.name === region?.name);
  if (region === undefined || planned === undefined) return null;
  return region.batchesStarted < planned.batches.length ? { region, planned } : null;
}

/** Approvals that are too old by now, of a region that has not begun. */
function lapsed(region: RegionState, planned: ItineraryRegion, now: string): RolloutEvent | null {
  if (region.stage === "started") return null;
  const counting = countingVotes(approvalRule(planned), region.votes, now);
  const over = region.votes.filter((vote) => !counting.includes(vote));
  if (over.length === 0) return null;
  return {
    kind: "approval-lapsed",
    region: region.name,
    people: over.map(({ by }) => by),
    at: now,
  };
}

function hours(region: RegionState, planned: ItineraryRegion, now: string): RolloutEvent | null {
  if (!hasWindows(planned) || region.overridden) return null;
  const { window } = region;
  if (window !== null && holdsStill(window, Date.parse(now))) return null;
  const timezone = planned.timezone ?? "UTC";
  const seen = windowsAt(planned.windows ?? [], { timezone, atMs: Date.parse(now) });
  // A zone that is not known on this machine never opens by itself.
  const open = seen?.inside === true;
  const untilMs = (open ? seen.closesMs : seen?.opensMs) ?? null;
  const until = untilMs === null ? null : new Date(untilMs).toISOString();
  return { kind: "window", region: region.name, open, at: now, until };
}

/** A clock that was set back makes what it said before worth nothing. */
function holdsStill({ at, until }: WindowFact, nowMs: number): boolean {
  return nowMs >= Date.parse(at) && (until === null || nowMs < Date.parse(until));
}

export function hasWindows(planned: ItineraryRegion): boolean {
  return (planned.windows ?? []).length > 0;
}

/** Does a maintenance window keep the region, or its next batch, from beginning? */
export function waitsForWindow(region: RegionState, planned: ItineraryRegion): boolean {
  if (!hasWindows(planned) || region.overridden || wasSealed(region)) return false;
  return region.window?.open !== true;
}

/** The same, of the region of a rollout that comes next; null where none does. */
export function shutRegion(state: RolloutState): RegionState | null {
  const beginning = beginsNext(state);
  if (beginning === null) return null;
  return waitsForWindow(beginning.region, beginning.planned) ? beginning.region : null;
}

/** The region of a rollout that comes next, while its maintenance window is open; null where none is. */
export function openRegion(state: RolloutState): RegionState | null {
  const beginning = beginsNext(state);
  if (beginning === null || !hasWindows(beginning.planned)) return null;
  const { region } = beginning;
  return region.window?.open === true && !region.overridden ? region : null;
}
