import { decide } from "./decide.ts";
import { waitsForEmergency } from "./emergency.ts";
import type { ParkedReason, RolloutEvent } from "./event.ts";
import type { Halt } from "./halt.ts";
import { haltRule } from "./halt-rule.ts";
import { haltByOutliers, needsApproval, oddOnes, orderToDecide } from "./odd-ones.ts";
import { waitsForEarlier } from "./after-late-harm.ts";
import { isOver, isUntouched, keepsLock } from "./over.ts";
import { chosenIn, countIn } from "./persistent-map.ts";
import {
  instancesOf,
  type InstanceState,
  isBad,
  isSettled,
  needsPerson,
  type RegionState,
  type RolloutState,
} from "./state.ts";
import { shutRegion, waitsForWindow } from "./told-time.ts";

/**
 * The record that must be written before anything else happens; null when there is none. The loop
 * writes what is due until nothing is, and only then asks `decide`.
 */
export function due(state: RolloutState): RolloutEvent | null {
  if (state.closed !== null) return null;
  return haltDue(state) ?? stageDue(state) ?? closeDue(state) ?? parkDue(state);
}

function haltDue(state: RolloutState): RolloutEvent | null {
  if (state.mode === "undoing") return null;
  if (state.mode === "halting") {
    const { abort, halt } = state;
    if (abort === null || halt === null) return null;
    const widens = abort.rollback && halt.scope !== "all";
    return halt.rule !== "abort" || widens ? halting(abortHalt(abort, halt)) : null;
  }
  if (state.abort !== null) return halting(abortHalt(state.abort, null));
  if (state.overdue !== null)
    return halting({
      rule: "deadline-progress",
      limit: null,
      bad: null,
      instances: [],
      where: "the rollout",
      scope: "under-way",
      sentence: state.overdue.message,
    });
  // Preflight tells everything that it found at once.
  if (state.mode === "preflight" && hasUnchecked(state)) return null;
  const halt = haltRule(state);
  const stop = halt ?? (state.mode === "preflight" ? haltByOutliers(state) : null);
  return stop === null ? null : halting(stop);
}

/** An abort of what halts already keeps the numbers and names of the first halt. */
function abortHalt(
  abort: { readonly rollback: boolean; readonly by: string },
  earlier: Halt | null,
): Halt {
  const aborted = `aborted by ${abort.by}${abort.rollback ? ", with everything taken back" : ""}`;
  return {
    limit: null,
    bad: null,
    instances: [],
    where: "the rollout",
    ...earlier,
    rule: "abort",
    scope: abort.rollback ? "all" : (earlier?.scope ?? "under-way"),
    sentence: earlier === null ? aborted : `${earlier.sentence}; then ${aborted}`,
  };
}

function stageDue(state: RolloutState): RolloutEvent | null {
  switch (state.mode) {
    case "preflight":
      return hasUnchecked(state)
        ? null
        : (outliersDue(state) ?? orderDue(state) ?? { kind: "preflight-passed" });
    case "forward": {
      const region = state.regions.find((it) => it.stage !== "sealed");
      if (region === undefined) return null;
      return region.stage === "harmed" ? harmedDue(state, region) : regionDue(state, region);
    }
    case "halting": {
      // Instances that finished their steps before the halt still get their bake.
      const region = state.regions.find((it) => it.stage === "started");
      return region === undefined ? null : bakeDue(state, region);
    }
    case "undoing":
      return null;
  }
}

/** Told before anything is touched, and before a region is waited with for their sake. */
function outliersDue(state: RolloutState): RolloutEvent | null {
  if (state.odd !== null || state.itinerary.plan.rollout.onOutlier === undefined) return null;
  const found = oddOnes(state);
  return found.length === 0 ? null : { kind: "outliers-found", outliers: found };
}

/** Decided once: what a runner that takes over finds in the journal stands. */
function orderDue(state: RolloutState): RolloutEvent | null {
  const regions = orderToDecide(state);
  return regions === null ? null : { kind: "order-decided", regions };
}

function regionDue(state: RolloutState, region: RegionState): RolloutEvent | null {
  const planned = state.itinerary.regions.find((it) => it.name === region.name);
  if (planned === undefined) throw new Error(`region "${region.name}" is not in the itinerary`);
  if (region.stage !== "started") {
    if (state.held !== null || waitsForEmergency(state)) return null;
    if (needsApproval(state, region.name) && !region.approved)
      return region.stage === "approval" ? null : { kind: "approval-waiting", region: region.name };
    if (waitsForWindow(region, planned)) return null;
    return { kind: "region-started", region: region.name };
  }
  const bake = bakeDue(state, region);
  if (bake !== null) return bake;
  const isOpen = (it: InstanceState): boolean =>
    it.region === region.name && it.batch < region.batchesStarted;
  if (chosenIn(state.instances, isUnsettled).some(isOpen)) return null;
  if (region.batchesStarted < planned.batches.length)
    // A batch that has begun is brought to its end, bake and all, also when the window closes meanwhile.
    return state.held === null && !waitsForWindow(region, planned)
      ? { kind: "batch-started", region: region.name, batch: region.batchesStarted }
      : null;
  return sealDue(state, region);
}

function sealDue(state: RolloutState, { name }: RegionState): RolloutEvent | null {
  const isShort = chosenIn(state.instances, keepsUnsealed).some((it) => it.region === name);
  return isShort ? null : { kind: "region-sealed", region: name };
}

function keepsUnsealed(it: InstanceState): boolean {
  return it.phase !== "sealed" && !it.excluded;
}

/** Nothing begins elsewhere until it is decided about; what has begun is brought to its end. */
function harmedDue(state: RolloutState, region: RegionState): RolloutEvent | null {
  const seal = sealDue(state, region);
  const started = state.regions.find((it) => it.stage === "started");
  return seal ?? (started === undefined ? null : bakeDue(state, started));
}

/** The bake of a batch begins when every instance of it is done with its steps, or out. */
function bakeDue(state: RolloutState, region: RegionState): RolloutEvent | null {
  const batch = region.batchesStarted - 1;
  const isMember = (it: InstanceState): boolean => it.region === region.name && it.batch === batch;
  // A batch in which nothing came as far as a bake leaves no bake behind.
  if (region.bakesStarted <= batch) {
    const isLate = (it: InstanceState): boolean => isMember(it) && !doneWithSteps(it, state);
    const ready =
      chosenIn(state.instances, isStepped).some(isMember) &&
      !chosenIn(state.instances, isUnsettled).some(isLate);
    return ready ? { kind: "bake-started", region: region.name, batch } : null;
  }
  const finished =
    region.bakesFinished <= batch && !chosenIn(state.instances, isUnsettled).some(isMember);
  return finished ? { kind: "bake-finished", region: region.name, batch } : null;
}

function isUnsettled(it: InstanceState): boolean {
  return !isSettled(it);
}

function isStepped(it: InstanceState): boolean {
  return it.phase === "stepped";
}

/** Whoever still waits for its turn is out only where nothing begins any more, or for now. */
function doneWithSteps(it: InstanceState, state: RolloutState): boolean {
  return (
    isSettled(it) ||
    it.phase === "stepped" ||
    it.phase === "inconclusive" ||
    it.phase === "asking" ||
    (it.phase === "waiting" && it.pending === null && state.mode !== "forward") ||
    (it.pending === null && waitsForEarlier(it, state))
  );
}

function closeDue(state: RolloutState): RolloutEvent | null {
  if (!isOver(state)) return null;
  if (countIn(state.instances, isPending) > 0) return null;
  const unreleased = chosenIn(state.instances, owesLock).some((it) => !state.released.has(it.name));
  if (unreleased) return null;
  const all = [...state.instances.values()];
  if (state.mode === "undoing")
    return { kind: "closed", outcome: all.some(needsPerson) ? "halted" : "undone" };
  if (state.mode === "forward")
    return { kind: "closed", outcome: all.every((it) => it.bad === null) ? "sealed" : "halted" };
  return { kind: "closed", outcome: all.every(isUntouched) ? "refused" : "halted" };
}

function parkDue(state: RolloutState): RolloutEvent | null {
  if (state.parked !== null) return null;
  if (countIn(state.instances, isPending) > 0 || decide(state).length > 0) return null;
  return { kind: "parked", why: parkedReason(state) };
}

function isPending(it: InstanceState): boolean {
  return it.pending !== null;
}

function owesLock(it: InstanceState): boolean {
  return it.claimed && !keepsLock(it);
}

function parkedReason(state: RolloutState): ParkedReason {
  const all = [...state.instances.values()];
  const names = (phase: InstanceState["phase"]): string[] =>
    all.filter((it) => it.phase === phase).map((it) => it.name);
  const asking = names("asking");
  // A halt goes on whether new work is held or not: it is the question that it waits for.
  if (state.held !== null && (state.mode !== "halting" || asking.length === 0))
    return state.held.why;
  if (asking.length > 0) return { kind: "ask", instances: asking };
  const inconclusive = names("inconclusive");
  if (inconclusive.length > 0) return { kind: "inconclusive", instances: inconclusive };
  const region = state.regions.find((it) => it.stage !== "sealed");
  if (waitsForEmergency(state)) return { kind: "emergency" };
  if (region?.stage === "approval" && !region.approved)
    return { kind: "approval", region: region.name };
  const shut = shutRegion(state);
  if (shut !== null) {
    const opens = shut.window?.until ?? null;
    return { kind: "window", region: shut.name, opens };
  }
  if (region !== undefined) {
    const bad = instancesOf(state, region.name).filter(isBad);
    if (bad.length > 0)
      return { kind: "bad-in-region", region: region.name, instances: bad.map((it) => it.name) };
  }
  throw new Error("the rollout can neither go on nor end: this is a bug in Handrail");
}

const halting = (halt: Halt): RolloutEvent => ({ kind: "halting", halt });

function hasUnchecked(state: RolloutState): boolean {
  return countIn(state.instances, isUnchecked) > 0;
}

function isUnchecked(it: InstanceState): boolean {
  return it.phase === "unchecked";
}
