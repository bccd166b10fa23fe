import type { Action } from "./action.ts";
import { isOutside } from "./held-to-envelope.ts";
import { waitsForEarlier } from "./after-late-harm.ts";
import { isOver, keepsLock } from "./over.ts";
import { owesStandDown } from "./stand-down.ts";
import { type InstanceState, isUnderWay, type RolloutState, wasSealed } from "./state.ts";

/**
 * What may begin now, in the order in which it should. Empty while everything that may be done is
 * pending, or nothing may. Call it only when `due` has nothing left to write: a halt that is due
 * comes before any action.
 */
export function decide(state: RolloutState): readonly Action[] {
  if (state.closed !== null || state.parked !== null) return [];
  const all = [...state.instances.values()];
  const { concurrency } = state.itinerary.plan.rollout;
  if (isOver(state)) {
    const releasing = all.filter((it) => it.pending !== null).length;
    return all
      .filter((it) => mayRelease(it, state))
      .slice(0, Math.max(0, concurrency - releasing))
      .map(release);
  }
  const busy = all.filter((it) => it.pending !== null && it.pending.kind !== "bake").length;
  const bakes = all.filter((it) => it.pending?.kind === "bake").length;
  const baking = all
    .filter((it) => isIdle(it) && !owesStandDown(it) && wantsBake(it, state))
    .slice(0, Math.max(0, bakesAtOnceMax - bakes))
    .map(bake);
  if (state.mode === "preflight") {
    if (state.held !== null) return [];
    return all
      .filter((it) => isIdle(it) && it.phase === "unchecked")
      .slice(0, Math.max(0, concurrency - busy))
      .map((it): Action => ({ kind: "preflight", instance: it.name }));
  }
  // Not held back by `concurrency`: each of them brings an instance to rest.
  const standingDown = all.filter(owesStandDown).map(standDown);
  const freeing = all.filter((it) => it.freed && mayRelease(it, state)).map(release);
  const underWay = all.filter((it) => isIdle(it) && isUnderWay(it) && !owesStandDown(it));
  const going = inOrder(underWay, state).flatMap((it) => goOn(it, state));
  const active = all.filter(occupiesPlace).length;
  return [
    ...standingDown,
    ...freeing,
    ...baking,
    ...going.slice(0, Math.max(0, concurrency - busy)),
    ...startable(state)
      .slice(0, Math.max(0, (hasBegun(all) ? concurrency : 1) - active))
      .map((it): Action => ({ kind: "begin", instance: it.name })),
  ];
}

/** Watching is cheap, but every probe is a connection: a huge batch bakes in parts. */
const bakesAtOnceMax = 100;

function isIdle(it: InstanceState): boolean {
  return it.pending === null;
}

/** Counts against `concurrency`: waiting for its batch and baking do not. */
function occupiesPlace(it: InstanceState): boolean {
  return isUnderWay(it) && it.phase !== "stepped" && it.phase !== "baking";
}

/**
 * Back is newest first; but users of who turned bad after it was sealed have waited longest, and whoever
 * is half-way back goes on before another begins.
 */
function inOrder(all: readonly InstanceState[], state: RolloutState): readonly InstanceState[] {
  if (state.mode === "forward") return all;
  return [...all].reverse().sort((a, b) => rank(a) - rank(b));
}

function rank(it: InstanceState): number {
  if (it.bad?.late !== undefined) return 0;
  return it.phase === "verifying" || it.step < it.touched - 1 || it.tries > 0 ? 0 : 1;
}

/** The next action of an instance that is under way; none while it has to wait. */
function goOn(it: InstanceState, state: RolloutState): readonly Action[] {
  const mayGoOn = state.mode === "forward" && state.held === null;
  const forward = mayGoOn && !waitsForEarlier(it, state);
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
  return [...state.instances.values()].some((it) => isOutside(it) && it.step === step);
}

function wantsBake(it: InstanceState, state: RolloutState): boolean {
  if (it.phase !== "stepped" && it.phase !== "baking") return false;
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
function hasBegun(all: readonly InstanceState[]): boolean {
  return all.some((it) => it.claimed && it.phase !== "beginning" && it.phase !== "unfit");
}

/** Instances of the batch that is open, not yet begun. */
function startable(state: RolloutState): readonly InstanceState[] {
  if (state.mode !== "forward" || state.held !== null) return [];
  if ([...state.instances.values()].some(isOutside)) return [];
  const region = state.regions.find((it) => it.stage !== "sealed");
  if (region === undefined || region.stage !== "started") return [];
  return [...state.instances.values()].filter(
    (it) =>
      isIdle(it) &&
      it.phase === "waiting" &&
      it.region === region.name &&
      it.batch < region.batchesStarted,
  );
}

function mayRelease(it: InstanceState, state: RolloutState): boolean {
  if (!isIdle(it) || owesStandDown(it)) return false;
  return it.claimed && !state.released.has(it.name) && !keepsLock(it);
}

const standDown = (it: InstanceState): Action => ({
  kind: "stand-down",
  instance: it.name,
  step: it.touched - 1,
});
const release = (it: InstanceState): Action => ({ kind: "release", instance: it.name });
const bake = (it: InstanceState): Action => ({ kind: "bake", instance: it.name });
