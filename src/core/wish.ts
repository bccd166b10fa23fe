import { approvalRule, countingVotes, isApproved, personOf, refusedApprover } from "./approval.ts";
import { approveEmergency } from "./emergency.ts";
import type { ParkedReason, Wish } from "./event.ts";
import { type Course, nextStep } from "./instance-course.ts";
import { needsApproval } from "./odd-ones.ts";
import { isOver, keepsLock } from "./over.ts";
import { persistentMap, withEntry } from "./persistent-map.ts";
import { doubtedStep, goesOnWithout } from "./required.ts";
import { withoutStaleSnapshot } from "./stale-snapshot.ts";
import { type InstanceState, type RolloutState, wasSealed } from "./state.ts";
import { hasWindows } from "./told-time.ts";
import { goOnBack, takeBack, toVerify } from "./way-back.ts";

type Decision = Extract<Wish, { kind: "decide" }>;

/**
 * The state after a person, a signal or a deadline asked for something. A wish that means nothing
 * in this state changes nothing: it stays in the journal as asked.
 */
export function afterWish(state: RolloutState, wish: Wish, by: string): RolloutState {
  switch (wish.kind) {
    case "pause":
      return beginsWork(state) && state.held === null
        ? { ...state, held: { why: pausedBecause(wish.because) } }
        : state;
    case "interrupt":
      return state.closed === null
        ? { ...state, held: { why: { kind: "interrupted", signal: wish.signal } } }
        : state;
    case "resume": {
      if (state.held === null && state.parked === null) return state;
      const resumed: RolloutState = { ...state, held: null, parked: null };
      return state.held === null ? resumed : withEach(resumed, withoutStaleSnapshot);
    }
    case "abort":
      return canAbort(state, wish)
        ? { ...state, abort: { rollback: wish.rollback, by }, held: null, parked: null }
        : state;
    case "deadline":
      return { ...state, overdue: wish.failure };
    case "approve":
      return approve(state, wish, by);
    case "approve-emergency":
      return beginsWork(state) ? approveEmergency(state, wish, by) : state;
    case "override-window":
      return overrideWindow(state, wish.region);
    case "undo":
      return undo(wish.over === state.over ? state : { ...state, over: wish.over === true }, by);
    case "reconcile":
      return reconcile(state);
    case "release-lock":
      return releaseLock(state, wish.instance);
    case "decide":
      return state.closed === null ? decided(state, wish) : state;
  }
}

function pausedBecause(because: string | undefined): ParkedReason {
  return because === undefined ? { kind: "paused" } : { kind: "paused", because };
}

/** Does anything new still begin here, or would it if nobody held it up? */
export function beginsWork(state: RolloutState): boolean {
  if (state.closed !== null || isOver(state)) return false;
  // Asked or due, a halt is as good as written.
  if (state.abort !== null || state.overdue !== null) return false;
  return state.mode === "preflight" || state.mode === "forward";
}

/**
 * Over, it only gives locks back, and what is sealed by then is a matter for `undo`; what is being
 * undone ends by itself. Asked again, only an abort that takes more back means anything.
 */
function canAbort(state: RolloutState, { rollback }: { readonly rollback: boolean }): boolean {
  if (state.closed !== null || isOver(state) || state.mode === "undoing") return false;
  if (state.abort === null) return true;
  return rollback && !state.abort.rollback && state.halt?.scope !== "all";
}

type Approval = Extract<Wish, { kind: "approve" }>;

/** Also a region that is not there yet: its approval is remembered. */
function approve(state: RolloutState, wish: Approval, by: string): RolloutState {
  const { region: name, at = null, digest = state.itinerary.digest } = wish;
  const planned = state.itinerary.regions.find((it) => it.name === name);
  const region = state.regions.find((it) => it.name === name);
  if (region === undefined || !needsApproval(state, name) || !beginsWork(state)) return state;
  if (digest !== state.itinerary.digest || region.stage === "started" || wasSealed(region))
    return state;
  const rule = approvalRule(planned);
  if (isApproved(rule, region, at) || refusedApprover(rule, by, state.startedBy) !== null)
    return state;
  const before = countingVotes(rule, region.votes, at);
  if (before.some((vote) => personOf(vote.by) === personOf(by))) return state;
  const votes = [...before, { by, at }];
  const approved = votes.length >= rule.by;
  const waits = state.parked?.kind === "approval" && state.parked.region === name;
  return {
    ...state,
    parked: waits && approved ? null : state.parked,
    regions: state.regions.map((it) => (it.name === name ? { ...it, votes, approved } : it)),
  };
}

/** Also a region that is not there yet. What is wrong about its approval stays wrong. */
function overrideWindow(state: RolloutState, name: string): RolloutState {
  const planned = state.itinerary.regions.find((it) => it.name === name);
  const region = state.regions.find((it) => it.name === name);
  if (planned === undefined || region === undefined || !beginsWork(state)) return state;
  if (!hasWindows(planned) || region.overridden || wasSealed(region)) return state;
  const waits = state.parked?.kind === "window" && state.parked.region === name;
  return {
    ...state,
    parked: waits ? null : state.parked,
    regions: state.regions.map((it) => (it.name === name ? { ...it, overridden: true } : it)),
  };
}

/**
 * Everything that was touched goes back. A rollout that is not over is aborted, with the same end;
 * one that is being undone goes on where that failed.
 */
function undo(state: RolloutState, by: string): RolloutState {
  const isEnded = state.closed !== null || isOver(state);
  if (!isEnded && state.mode === "undoing")
    return withEach({ ...state, held: null, parked: null }, (it) =>
      it.pending === null ? mended(it) : it,
    );
  if (!isEnded) return afterWish(state, { kind: "abort", rollback: true }, by);
  return {
    ...withEach(state, wayBack),
    mode: "undoing",
    closed: null,
    held: null,
    parked: null,
    released: new Map(),
  };
}

function wayBack(it: InstanceState): InstanceState {
  if (it.touched === 0) return it;
  const going = mended(it);
  return going === it ? takeBack(it) : going;
}

/** A rollback that a person has to look at goes on; the same instance back where there is none. */
export function mended(it: InstanceState): InstanceState {
  if (it.phase === "rollback-failed") return goOnBack(it);
  if (it.phase === "rolled-back-unverified") return toVerify({ ...it, doubt: null, freed: false });
  return it;
}

/** Asks the hosts again about everything that could not be found out or finished. */
function reconcile(state: RolloutState): RolloutState {
  const reopened: RolloutState = {
    ...state,
    closed: null,
    parked: null,
    // Asking is not going on: where nothing is in doubt after all, nothing new begins either.
    held:
      state.mode === "forward" || state.mode === "preflight"
        ? { why: { kind: "paused" } }
        : state.held,
    released: new Map([...state.released].filter(([name]) => !isOpen(state, name))),
  };
  return withEach(reopened, (it) => {
    if (it.pending !== null) return it;
    if (it.phase === "unknown")
      // While halting the answer changes nothing: the way leads back, and ends what still runs.
      return state.mode === "forward"
        ? { ...it, phase: "stepping", tries: 0, bad: null, doubt: null, freed: false }
        : { ...takeBack(it), doubt: null };
    return mended(it);
  });
}

/** Must it be given back again at the end? */
function isOpen(state: RolloutState, name: string): boolean {
  const it = state.instances.get(name);
  return state.lingering.has(name) || it?.freed === true;
}

/** The person who has seen to an instance gives its lock back, in whatever state the rollout is. */
function releaseLock(state: RolloutState, name: string): RolloutState {
  const it = state.instances.get(name);
  if (it === undefined || it.pending !== null || !it.claimed || !keepsLock(it)) return state;
  return {
    ...state,
    closed: null,
    parked: null,
    instances: withEntry(state.instances, name, { ...it, freed: true, tries: 0 }),
  };
}

function decided(state: RolloutState, wish: Decision): RolloutState {
  const it = state.instances.get(wish.instance);
  if (it === undefined || it.pending !== null) return state;
  if (goesOnWithout(state, it.name, wish.choice)) return state;
  const course: Course = { plan: state.itinerary.plan, receipted: state.itinerary.receipted };
  // A halt takes back; trying again would be new work.
  if (wish.choice === "retry" && state.mode !== "forward") return state;
  const after = afterDecision(it, wish.choice, course);
  if (after === it) return state;
  const decidedOn: RolloutState = {
    ...state,
    parked: null,
    instances: withEntry(state.instances, it.name, after),
  };
  // What waited for this decision before it was touched may have waited for hours.
  return wish.choice === "exclude" && it.bad?.late !== undefined
    ? withEach(decidedOn, withoutStaleSnapshot)
    : decidedOn;
}

/** The choices that mean something in this phase; the same instance back where one means nothing. */
export function afterDecision(
  it: InstanceState,
  choice: Decision["choice"],
  course: Course,
): InstanceState {
  if (it.phase === "inconclusive") return afterDoubt(it, choice, course);
  if (it.phase === "asking") {
    if (choice === "rollback") return takeBack(it);
    if (choice === "leave") return { ...it, phase: "left" };
    return choice === "retry" ? tryAgain(it, course) : it;
  }
  return choice === "exclude" && it.bad !== null && !it.excluded ? { ...it, excluded: true } : it;
}

/** A step that never began leaves nothing to put back, and needs no leave to run twice. */
function tryAgain(it: InstanceState, { plan }: Course): InstanceState {
  const step = plan.steps[it.step];
  if (step === undefined) return it;
  const again: InstanceState = { ...it, bad: null, tries: 0 };
  if (it.touched > it.step) return step.idempotent ? { ...again, phase: "rewinding" } : it;
  const generation = it.generation + 1;
  return { ...again, phase: "stepping", snapshotted: false, generation };
}

function afterDoubt(it: InstanceState, choice: Decision["choice"], course: Course): InstanceState {
  const sure: InstanceState = { ...it, resumeAt: null, doubt: null, tries: 0 };
  const failure = it.doubt;
  const doubted = doubtedStep(it);
  const at = doubted === null ? {} : { doubted };
  const bad = failure === null ? it.bad : { as: "failed" as const, failure, step: null, ...at };
  switch (choice) {
    case "accept":
      if (it.resumeAt === "step") return nextStep(sure, course);
      if (it.resumeAt === "bake") return { ...sure, phase: "sealed" };
      return {
        ...sure,
        phase: "stepping",
        step: 0,
        attempt: 1,
        snapshotted: false,
        generation: 1,
      };
    case "retry":
      // It has run: its receipt is asked, and what it did is judged once more.
      if (it.resumeAt === "step") return { ...sure, phase: "stepping", inDoubt: true };
      if (it.resumeAt === "bake") return { ...sure, phase: "baking" };
      return { ...sure, phase: "waiting" };
    case "rollback":
      return it.touched === 0 ? { ...sure, phase: "unfit", bad } : { ...takeBack(sure), bad };
    case "leave":
      return it.touched === 0 ? { ...sure, phase: "unfit", bad } : { ...sure, phase: "left", bad };
    case "exclude":
      return it;
  }
}

function withEach(state: RolloutState, change: (it: InstanceState) => InstanceState): RolloutState {
  return {
    ...state,
    instances: persistentMap([...state.instances].map(([name, it]) => [name, change(it)])),
  };
}
