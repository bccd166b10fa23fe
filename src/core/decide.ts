import type { Action } from "./action.ts";
import { isOutside } from "./held-to-envelope.ts";
import { waitsForEarlier } from "./after-late-harm.ts";
import { isOver, keepsLock } from "./over.ts";
import { chosenIn, countIn } from "./persistent-map.ts";
import { owesStandDown } from "./stand-down.ts";
import {
  type InstanceState,
  isUnderWay,
  type Phase,
  type RolloutState,
  wasSealed,
} from "./state.ts";

/**
 * What may begin now, in the order in which it should. Empty while everything that may be done is
 * pending, or nothing may. Call it only when `due` has nothing left to write: a halt that is due
 * comes before any action.
 */
export function decide(state: RolloutState): readonly Action[] {
  if (state.closed !== null || state.parked !== null) return [];
  const { instances } = state;
  const { concurrency } = state.itinerary.plan.rollout;
  if (isOver(state)) {
    const releasing = countIn(instances, isPending);
    return chosenIn(instances, wantsRelease)
      .filter((it) => mayRelease(it, state))
      .slice(0, Math.max(0, concurrency - releasing))
      .map(release);
  }
  const bakes = countIn(instances, isBaking);
  const busy = countIn(instances, isPending) - bakes;
  const baking = chosenIn(instances, awaitsBake)
    .filter((it) => wantsBake(it, state))
    .slice(0, Math.max(0, bakesAtOnceMax - bakes))
    .map(bake);
  if (state.mode === "preflight") {
    if (state.held !== null) return [];
    return chosenIn(instances, awaitsPreflight)
      .slice(0, Math.max(0, concurrency - busy))
      .map((it): Action => ({ kind: "preflight", instance: it.name }));
  }
  // Not held back by `concurrency`: each of them brings an instance to rest.
  const standingDown = chosenIn(instances, owesStandDown).map(standDown);
  const freeing = chosenIn(instances, isFreed)
    .filter((it) => mayRelease(it, state))
    .map(release);
  const going = nextActions(state, Math.max(0, concurrency - busy));
  const active = countIn(instances, occupiesPlace);
  const places = Math.max(0, (hasBegun(state) ? concurrency : 1) - active);
  return [
    ...standingDown,
    ...freeing,
    ...baking,
    ...going,
    ...(places === 0 ? [] : startable(state))
      .slice(0, places)
      .map((it): Action => ({ kind: "begin", instance: it.name })),
  ];
}

/** Watching is cheap, but every probe is a connection: a huge batch bakes in parts. */
const bakesAtOnceMax = 100;

function isIdle(it: InstanceState): boolean {
  return it.pending === null;
}

function isPending(it: InstanceState): boolean {
  return it.pending !== null;
}

function isBaking(it: InstanceState): boolean {
  return it.pending?.kind === "bake";
}

function awaitsPreflight(it: InstanceState): boolean {
  return isIdle(it) && it.phase === "unchecked";
}

function isFreed(it: InstanceState): boolean {
  return it.freed;
}

/** Counts against `concurrency`: waiting for its batch and baking do not. */
function occupiesPlace(it: InstanceState): boolean {
  return isUnderWay(it) && it.phase !== "stepped" && it.phase !== "baking";
}

/**
 * Back is newest first; but users of who turned bad after it was sealed have waited longest, and whoever
 * is half-way back goes on before another begins.
 */
function inOrder({ mode, instances }: RolloutState): readonly InstanceState[] {
  if (mode === "forward") return chosenIn(instances, mayGoOn);
  return [
    ...chosenIn(instances, goesFirst).toReversed(),
    ...chosenIn(instances, goesAfterwards).toReversed(),
  ];
}

function goesFirst(it: InstanceState): boolean {
  return mayGoOn(it) && (it.bad?.late !== undefined || isHalfWay(it));
}

function goesAfterwards(it: InstanceState): boolean {
  return mayGoOn(it) && !goesFirst(it);
}

function isHalfWay(it: InstanceState): boolean {
  return it.phase === "verifying" || it.step < it.touched - 1 || it.tries > 0;
}

/** Those that only wait for others, or for a person, have no next action of their own. */
function mayGoOn(it: InstanceState): boolean {
  return isIdle(it) && isUnderWay(it) && !owesStandDown(it) && !waits.has(it.phase);
}

const waits: ReadonlySet<Phase> = new Set<Phase>(["stepped", "baking", "inconclusive", "asking"]);

/** Of those that are under way, at most so many. */
function nextActions(state: RolloutState, max: number): readonly Action[] {
  const actions: Action[] = [];
  for (const it of inOrder(state)) {
    if (actions.length >= max) break;
    actions.push(...goOn(it, state));
  }
  return actions;
}

/** The next action of an instance that is under way; at most one, none while it has to wait. */
function goOn(it: InstanceState, state: RolloutState): readonly Action[] {
  const mayBegin = state.mode === "forward" && state.held === null;
  const forward = mayBegin && !waitsForEarlier(it, state);
  const { name: instance, step, attempt } = it;
  switch (it.phase) {
    case "beginning":
      return forward ? [{ kind: "begin", instance }] : [];
    case "stepping":
      if (it.inDoubt && state.mode === "forward")
        return [{ kind: "apply", instance, step, attempt }];
      if (!forward) return [];
      if (!it.snapshotted && isDoubtful(state, step)) return [];
      return it.snapshotted
        ? [{ kind: "apply", instance, step, attempt }]
        : [{ kind: "snapshot", instance, step }];
    case "rewinding":
      // Also while new work is held: it waits on firm ground, and with no switch armed.
      return state.mode === "forward" ? [{ kind: "rewind", instance, step }] : [];
    case "reverting":
      return [{ kind: "revert", instance, step }];
    case "verifying":
      return [{ kind: "verify", instance }];
    case "unchecked":
    case "waiting":
    case "unfit":
    case "stepped":
    case "baking":
    case "inconclusive":
    case "asking":
    case "sealed":
    case "rolled-back":
    case "rolled-back-unverified":
    case "rollback-failed":
    case "left":
    case "unknown":
      return [];
  }
}

/** A step that did something else on one instance begins on no other before that is decided. */
function isDoubtful(state: RolloutState, step: number): boolean {
  return chosenIn(state.instances, isOutside).some((it) => it.step === step);
}

function awaitsBake(it: InstanceState): boolean {
  return isIdle(it) && !owesStandDown(it) && (it.phase === "stepped" || it.phase === "baking");
}

function wantsBake(it: InstanceState, state: RolloutState): boolean {
  if (state.held !== null && state.mode === "forward") return false;
  // Whoever was excluded may come to its bake long after its batch had none, and its region was sealed.
  return state.regions.some(
    (region) => region.name === it.region && (region.bakesStarted > it.batch || wasSealed(region)),
  );
}

/**
 * The first instance of a rollout begins alone. Of two rollouts that want the same fleet at the same
 * moment one gets that instance's lock, and the other stops there: side by side, each might get the lock
 * of one instance and be refused the next, and neither would work.
 */
function hasBegun({ instances }: RolloutState): boolean {
  return countIn(instances, isClaimed) > 0;
}

function isClaimed(it: InstanceState): boolean {
  return it.claimed && it.phase !== "beginning" && it.phase !== "unfit";
}

/** Instances of the batch that is open, not yet begun. */
function startable(state: RolloutState): readonly InstanceState[] {
  if (state.mode !== "forward" || state.held !== null) return [];
  if (countIn(state.instances, isOutside) > 0) return [];
  const region = state.regions.find((it) => it.stage !== "sealed");
  if (region === undefined || region.stage !== "started") return [];
  return chosenIn(state.instances, awaitsBegin).filter(
    (it) => it.region === region.name && it.batch < region.batchesStarted,
  );
}

function awaitsBegin(it: InstanceState): boolean {
  return isIdle(it) && it.phase === "waiting";
}

function mayRelease(it: InstanceState, state: RolloutState): boolean {
  return wantsRelease(it) && !state.released.has(it.name);
}

function wantsRelease(it: InstanceState): boolean {
  return isIdle(it) && !owesStandDown(it) && it.claimed && !keepsLock(it);
}

const standDown = (it: InstanceState): Action => ({
  kind: "stand-down",
  instance: it.name,
  step: it.touched - 1,
});
const release = (it: InstanceState): Action => ({ kind: "release", instance: it.name });
const bake = (it: InstanceState): Action => ({ kind: "bake", instance: it.name });
