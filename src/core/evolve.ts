import { type Action, actionId } from "./action.ts";
import type { RolloutEvent } from "./event.ts";
import { afterOutcome, type Course } from "./instance-course.ts";
import type { Itinerary } from "./itinerary.ts";
import { afterLateHarm } from "./after-late-harm.ts";
import { inOrderOf, type OrderedRegion } from "./outliers-last.ts";
import { persistentMap, withEntry } from "./persistent-map.ts";
import { withoutStaleSnapshot } from "./stale-snapshot.ts";
import { isGuarded } from "./stand-down.ts";
import { instanceOf, type InstanceState, type RegionState, type RolloutState } from "./state.ts";
import { underHalt } from "./take-back.ts";
import { withTold } from "./told.ts";
import { afterWish } from "./wish.ts";

/** Folds one journal record into the state. It never decides anything: that is decide.ts and due.ts. */
export function evolve(state: RolloutState, event: RolloutEvent): RolloutState {
  if (state.closed !== null && event.kind !== "asked" && event.kind !== "taken-up")
    throw new Error(`the rollout is closed, yet the journal goes on with "${event.kind}"`);
  switch (event.kind) {
    case "opened":
      return {
        ...state,
        startedBy: event.by,
        previewedLast: event.previewedLast ?? null,
        sealedBefore: event.sealedBefore ?? null,
      };
    case "noted":
      return withTold(state, event);
    case "outliers-found":
      return { ...state, odd: event.outliers };
    case "order-decided":
      return inDecidedOrder(state, event.regions);
    case "taken-up":
      return withEach(
        { ...state, epoch: event.epoch, held: null, parked: null },
        withoutStaleSnapshot,
      );
    case "intent":
      return withInstance(withLock(state, event.action), event.action.instance, (it) =>
        begin(it, event.action, state.itinerary),
      );
    case "forgotten":
      return halted(
        withInstance(state, event.action.instance, (it) =>
          forget(expectPending(it, event.action), event.action),
        ),
        event.action.instance,
      );
    case "outcome":
      return outcome(withTold(state, event), event.action, event.outcome);
    case "preflight-passed":
      return { ...state, mode: "forward" };
    case "region-started":
      return withRegion(state, event.region, (it) => ({ ...it, stage: "started" }));
    case "batch-started":
      return withRegion(state, event.region, (it) => ({ ...it, batchesStarted: event.batch + 1 }));
    case "bake-started":
      return withRegion(state, event.region, (it) => ({ ...it, bakesStarted: event.batch + 1 }));
    case "bake-finished":
      return withRegion(state, event.region, (it) => ({ ...it, bakesFinished: event.batch + 1 }));
    case "region-sealed":
      return withRegion(state, event.region, (it) => ({ ...it, stage: "sealed" }));
    case "approval-waiting":
      return withRegion(state, event.region, (it) => ({ ...it, stage: "approval" }));
    case "approval-lapsed":
      return withRegion(state, event.region, (it) => withoutVotes(it, event.people));
    case "window": {
      const { open, at, until } = event;
      return withRegion(state, event.region, (it) => ({ ...it, window: { open, at, until } }));
    }
    case "late-harm":
      return afterLateHarm(state, event);
    case "halting":
      return withEach({ ...state, mode: "halting", halt: event.halt }, (it, next) =>
        underHalt(it, event.halt, next),
      );
    case "parked":
      return { ...state, parked: event.why };
    case "asked":
      return afterWish(state, event.wish, event.by);
    case "closed":
      return { ...state, closed: event.outcome };
  }
}

/** Instances are in the order in which the rollout comes to them, and know the number of their batch. */
function inDecidedOrder(state: RolloutState, ordered: readonly OrderedRegion[]): RolloutState {
  const itinerary = inOrderOf(state.itinerary, ordered);
  const instances = itinerary.regions.flatMap(({ batches }) =>
    batches.flatMap(({ instances: names }, batch) =>
      names.map((name) => [name, { ...instanceOf(state, name), batch }] as const),
    ),
  );
  return { ...state, itinerary, ordered, instances: persistentMap(instances) };
}

/** It waits for people again, also where enough of them had let it begin. */
function withoutVotes(region: RegionState, people: readonly string[]): RegionState {
  const votes = region.votes.filter((vote) => !people.includes(vote.by));
  return { ...region, votes, approved: false, stage: "waiting" };
}

function begin(it: InstanceState, action: Action, itinerary: Itinerary): InstanceState {
  if (it.pending !== null)
    throw new Error(`${actionId(action)} begins while ${actionId(it.pending)} is pending`);
  const pending: InstanceState = { ...it, pending: action };
  switch (action.kind) {
    case "begin":
      return { ...pending, phase: "beginning", claimed: true };
    case "apply":
      return {
        ...pending,
        touched: Math.max(it.touched, action.step + 1),
        bases: withStep(it.bases, action.step, it.generation),
        attempts: withStep(it.attempts, action.step, action.attempt),
        guard: isGuarded(itinerary, action.step) ? "armed" : it.guard,
      };
    case "bake":
      return { ...pending, phase: "baking" };
    case "preflight":
    case "snapshot":
    case "stand-down":
    case "rewind":
    case "revert":
    case "verify":
    case "release":
      return pending;
  }
}

/** Whatever is done on a host takes its lock again, so that it must be given back again. */
function withLock(state: RolloutState, { kind, instance }: Action): RolloutState {
  if (kind === "release" || !state.released.has(instance)) return state;
  return { ...state, released: new Map([...state.released].filter(([name]) => name !== instance)) };
}

function withStep(numbers: readonly number[], step: number, number: number): readonly number[] {
  return Array.from({ length: Math.max(numbers.length, step + 1) }, (_, at) =>
    at === step ? number : (numbers[at] ?? 1),
  );
}

/** Its runner is gone. What it may have done to a host, the host's receipt will tell. */
function forget(it: InstanceState, action: Action): InstanceState {
  // Whether that snapshot was finished long ago or never, nobody knows: the next has another name.
  const generation = action.kind === "snapshot" ? it.generation + 1 : it.generation;
  return { ...it, pending: null, generation, inDoubt: it.inDoubt || action.kind === "apply" };
}

function outcome(
  state: RolloutState,
  action: Action,
  result: Extract<RolloutEvent, { kind: "outcome" }>["outcome"],
): RolloutState {
  const course: Course = { plan: state.itinerary.plan, receipted: state.itinerary.receipted };
  const next = withInstance(state, action.instance, (it) =>
    afterOutcome(expectPending(it, action), action, result, course),
  );
  if (action.kind === "release") return afterRelease(next, action.instance, result.is === "done");
  return halted(next, action.instance);
}

/** Giving locks back is tried twice; what can't be given back is named, and ends nothing. */
function afterRelease(state: RolloutState, name: string, done: boolean): RolloutState {
  const it = instanceOf(state, name);
  if (!done && it.tries < releaseTriesMax) return state;
  const lingering = new Set(state.lingering);
  if (done) lingering.delete(name);
  else lingering.add(name);
  const rested = withInstance(state, name, () => ({ ...it, tries: 0 }));
  return { ...rested, lingering, released: withEntry(state.released, name, true) };
}

const releaseTriesMax = 2;

function halted(state: RolloutState, name: string): RolloutState {
  const { halt } = state;
  if (state.mode !== "halting" || halt === null) return state;
  return withInstance(state, name, (it) => underHalt(it, halt, state));
}

function expectPending(it: InstanceState, action: Action): InstanceState {
  if (it.pending === null || actionId(it.pending) !== actionId(action))
    throw new Error(`${actionId(action)} has an outcome but no intent`);
  return it;
}

function withInstance(
  state: RolloutState,
  name: string,
  change: (it: InstanceState) => InstanceState,
): RolloutState {
  const before = instanceOf(state, name);
  const after = change(before);
  if (after === before) return state;
  return { ...state, instances: withEntry(state.instances, name, after) };
}

function withEach(
  state: RolloutState,
  change: (it: InstanceState, state: RolloutState) => InstanceState,
): RolloutState {
  const instances = [...state.instances].map(([name, it]) => [name, change(it, state)] as const);
  return { ...state, instances: persistentMap(instances) };
}

function withRegion(
  state: RolloutState,
  name: string,
  change: (it: RegionState) => RegionState,
): RolloutState {
  return {
    ...state,
    regions: state.regions.map((region) => (region.name === name ? change(region) : region)),
  };
}
