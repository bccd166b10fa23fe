import type { Action } from "./action.ts";
import { badOf } from "./bad.ts";
import type { Outcome } from "./event.ts";
import type { Failure } from "./failure.ts";
import type { OnFail, Plan } from "./plan/plan.ts";
import type { Bad, InstanceState } from "./state.ts";
import { asksAgain } from "./tries.ts";
import { afterFailedRevert, allTouched, nextRevert, takeBack } from "./way-back.ts";

/** What one instance needs to know of the rollout to find its next phase. */
export interface Course {
  readonly plan: Plan;
  readonly receipted: readonly boolean[];
}

/** The instance after this action ended so. Step × outcome, and nothing else. */
export function afterOutcome(
  it: InstanceState,
  action: Action,
  outcome: Outcome,
  course: Course,
): InstanceState {
  const rested: InstanceState = { ...it, pending: null };
  if (outcome.is === "done") return afterDone(rested, action, course);
  // Its ending is known, whatever it is: nothing is in doubt any more.
  const known: InstanceState = { ...rested, inDoubt: staysInDoubt(rested, action) };
  if (outcome.is === "inconclusive") return afterInconclusive(known, action, outcome.failure);
  if (outcome.is === "failed") return afterFailed(known, action, outcome.failure, course);
  return afterSilence(rested, action, outcome, course);
}

/** Whoever gives a lock back does not ask what became of the step. */
function staysInDoubt(it: InstanceState, { kind }: Action): boolean {
  return kind === "release" && it.inDoubt;
}

function afterDone(it: InstanceState, action: Action, course: Course): InstanceState {
  const fresh: InstanceState = { ...it, tries: 0, inDoubt: staysInDoubt(it, action) };
  switch (action.kind) {
    case "preflight":
      return { ...fresh, phase: "waiting" };
    case "begin":
      return { ...fresh, phase: "stepping", step: 0, done: 0, attempt: 1, snapshotted: false };
    case "snapshot":
      return { ...fresh, snapshotted: true };
    case "apply":
      return nextStep({ ...fresh, guard: "none" }, course);
    case "rewind":
      // Its switch is used up, and a switch goes by its snapshot's name: the next has its own.
      return {
        ...fresh,
        phase: "stepping",
        attempt: it.attempt + 1,
        snapshotted: false,
        generation: it.generation + 1,
        guard: "none",
      };
    case "stand-down":
      return { ...fresh, guard: "none" };
    case "bake":
      return { ...fresh, phase: "sealed" };
    case "revert":
      return nextRevert(
        { ...fresh, flaws: fresh.flaws.filter((flaw) => flaw.step !== action.step) },
        action.step,
      );
    case "verify":
      return it.flaws[0] === undefined
        ? { ...fresh, phase: "rolled-back", touched: 0, done: 0 }
        : { ...fresh, phase: "rollback-failed", doubt: it.flaws[0].failure };
    case "release":
      return fresh;
  }
}

/** Also where a person who accepts an inconclusive step leads. */
export function nextStep(it: InstanceState, course: Course): InstanceState {
  const step = it.step + 1;
  const last = step >= course.plan.steps.length;
  return {
    ...it,
    phase: last ? "stepped" : "stepping",
    step,
    done: step,
    attempt: 1,
    tries: 0,
    snapshotted: false,
    generation: 1,
  };
}

function afterInconclusive(it: InstanceState, action: Action, failure: Failure): InstanceState {
  switch (action.kind) {
    case "begin":
      return { ...it, phase: "inconclusive", resumeAt: "begin", doubt: failure };
    case "apply":
      return { ...it, phase: "inconclusive", resumeAt: "step", doubt: failure };
    case "bake":
      return { ...it, phase: "inconclusive", resumeAt: "bake", doubt: failure };
    case "verify":
      return { ...it, phase: "rolled-back-unverified", doubt: failure };
    case "preflight":
    case "snapshot":
    case "stand-down":
    case "rewind":
    case "revert":
    case "release":
      throw new Error(`${action.kind} can't be inconclusive`);
  }
}

function afterFailed(
  it: InstanceState,
  action: Action,
  failure: Failure,
  course: Course,
): InstanceState {
  switch (action.kind) {
    case "preflight":
    case "begin":
      return { ...it, phase: "unfit", bad: it.bad ?? badOf(failure, null) };
    case "apply":
      if (failure.code === "STEP_NOT_BEGUN") return notBegun(it);
      // A guard that fired has spoken: whatever cut it off would cut off another attempt too.
      return it.attempt <= (course.plan.steps[it.step]?.retries ?? 0) &&
        failure.code !== "GUARD_FIRED"
        ? { ...it, phase: "rewinding", tries: 0 }
        : trouble(it, badOf(failure, it.step), course);
    case "stand-down":
      return afterFailedStandDown(it, badOf(failure, action.step), course);
    case "snapshot":
    case "rewind":
      return trouble(it, badOf(failure, it.step), course);
    case "bake":
      return trouble(it, badOf(failure, null), course);
    case "revert":
      return afterFailedRevert(it, failure);
    case "verify":
      return {
        ...it,
        phase: failure.code === "RESTORE_INCOMPLETE" ? "rollback-failed" : "rolled-back-unverified",
        // Which step left the difference nobody knows: asked again, all of them are gone through.
        back: failure.code === "RESTORE_INCOMPLETE" ? allTouched(it) : [],
        doubt: it.flaws[0]?.failure ?? failure,
        bad: it.bad ?? badOf(failure, null),
      };
    case "release":
      return { ...it, tries: it.tries + 1 };
  }
}

/** It was in doubt, and its receipt says that it never began: its snapshot may be of long ago. */
function notBegun(it: InstanceState): InstanceState {
  // An earlier attempt was rewound, and still counts as having been there.
  const touched = it.attempt === 1 ? it.step : it.touched;
  const generation = it.generation + 1;
  return { ...it, tries: 0, touched, guard: "none", snapshotted: false, generation };
}

/** The host acted before it heard that nobody asks for it any more; or it can't be reached. */
function afterFailedStandDown(it: InstanceState, bad: Bad, course: Course): InstanceState {
  if (bad.failure.code === "GUARD_FIRED") {
    const known: InstanceState = { ...it, guard: "none", tries: 0 };
    if (it.phase === "rollback-failed") return known;
    if (it.phase === "left" || it.phase === "asking")
      return { ...known, bad: it.bad ?? bad, doubt: bad.failure };
    return trouble(known, bad, course);
  }
  const again = asksAgain(it, { kind: "stand-down" }, bad.failure);
  return again ? { ...it, tries: it.tries + 1 } : lapsing(it, bad, course);
}

/** Nobody hears of its switch any more; the host will act by itself, or has. */
function lapsing(it: InstanceState, bad: Bad, course: Course): InstanceState {
  const lapsed: InstanceState = { ...it, guard: "lapsing", tries: 0, resumeAt: null };
  if (it.phase === "rollback-failed") return lapsed;
  const waits = it.phase === "left" || it.phase === "asking" || it.phase === "inconclusive";
  if (waits || (it.phase === "stepping" && it.inDoubt)) return notKnown(lapsed, bad);
  // A person let it go on, and by now the host may have taken the step back.
  return trouble(lapsed, { ...bad, as: "unknown" }, course);
}

/** Its receipt and its switch will tell, once somebody can ask. */
function notKnown(it: InstanceState, bad: Bad): InstanceState {
  const known: Bad = { ...(it.bad ?? bad), as: "unknown" };
  return { ...it, phase: "unknown", inDoubt: true, bad: known, doubt: bad.failure };
}

/** Unreachable or unknown: the same question again, a bounded number of times, then a name for it. */
function afterSilence(
  it: InstanceState,
  action: Action,
  outcome: { readonly is: "unreachable" | "unknown"; readonly failure: Failure },
  course: Course,
): InstanceState {
  const { failure } = outcome;
  if (action.kind === "apply" && outcome.is === "unknown" && !mayAskAgain(it, course))
    return trouble(it, { ...badOf(failure, it.step), as: "unknown" }, course);
  if (action.kind === "bake")
    return { ...it, phase: "inconclusive", resumeAt: "bake", doubt: failure };
  const again = asksAgain(it, action, failure);
  const inDoubt = it.inDoubt || (action.kind === "apply" && outcome.is === "unknown");
  if (again) return { ...it, inDoubt, guard: guardAfter(it, action, inDoubt), tries: it.tries + 1 };
  const bad: Bad = it.bad ?? { as: outcome.is, failure, step: it.step };
  switch (action.kind) {
    case "preflight":
    case "begin":
      return { ...it, phase: "unfit", bad: { ...bad, step: null } };
    case "snapshot":
    case "rewind":
      return trouble(it, bad, course);
    case "apply":
      if (inDoubt) return lapsing({ ...it, inDoubt }, { ...bad, as: "unknown" }, course);
      // Not one try of the first attempt was heard: this step touched nothing.
      if (it.attempt === 1) return trouble({ ...it, guard: "none", touched: it.step }, bad, course);
      return trouble({ ...it, guard: "none" }, bad, course);
    case "stand-down":
      return lapsing(it, bad, course);
    case "revert":
      return {
        ...it,
        phase: "rollback-failed",
        tries: 0,
        guard: it.guard === "armed" ? "lapsing" : it.guard,
        bad,
        doubt: failure,
      };
    case "verify":
      return { ...it, phase: "rolled-back-unverified", bad, doubt: failure };
    case "release":
      return { ...it, tries: it.tries + 1 };
  }
}

/** A step that was provably never heard of has armed nothing either. */
function guardAfter(it: InstanceState, action: Action, inDoubt: boolean): InstanceState["guard"] {
  return action.kind === "apply" && !inDoubt ? "none" : it.guard;
}

/** A receipt on the host, or the plan's word, makes it safe to put the question again. */
function mayAskAgain(it: InstanceState, course: Course): boolean {
  return course.receipted[it.step] === true || course.plan.steps[it.step]?.idempotent === true;
}

/** Bad from now on; what follows is the plan's `onFail`. */
export function trouble(it: InstanceState, bad: Bad, course: Course): InstanceState {
  const onFail: OnFail =
    (bad.step === null ? undefined : course.plan.steps[bad.step]?.onFail) ??
    course.plan.rollout.onFail;
  const marked: InstanceState = { ...it, bad: it.bad ?? bad, tries: 0, resumeAt: null };
  if (it.touched === 0) return { ...marked, phase: "unfit" };
  if (onFail === "halt") return { ...marked, phase: "left" };
  if (onFail === "ask") return { ...marked, phase: "asking" };
  return takeBack(marked);
}
