import type { Action } from "./action.ts";
import type { Outcome } from "./event.ts";
import type { Failure } from "./failure.ts";
import type { OnFail, Plan } from "./plan/plan.ts";
import type { Bad, InstanceState } from "./state.ts";

/** How often one question is put to a host that gave no answer, the first time included. */
export const triesMax = 4;

/** Preflight touches nothing, and a person waits for it. */
const preflightTriesMax = 2;

/** Answers that are the same a second later: asking again would only keep a person waiting. */
const lasting: ReadonlySet<string> = new Set([
  "HOST_KEY_UNKNOWN",
  "HOST_KEY_CHANGED",
  "AUTH_FAILED",
  "BECOME_FAILED",
  "TRANSPORT_UNSUPPORTED",
  "GUARD_HOST_UNFIT",
]);

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
  const known: InstanceState = { ...rested, inDoubt: false };
  if (outcome.is === "inconclusive") return afterInconclusive(known, action, outcome.failure);
  if (outcome.is === "failed") return afterFailed(known, action, outcome.failure, course);
  return afterSilence(rested, action, outcome, course);
}

function afterDone(it: InstanceState, action: Action, course: Course): InstanceState {
  const fresh: InstanceState = { ...it, tries: 0, inDoubt: false };
  switch (action.kind) {
    case "preflight":
      return { ...fresh, phase: "waiting" };
    case "begin":
      return { ...fresh, phase: "stepping", step: 0, attempt: 1, snapshotted: false };
    case "snapshot":
      return { ...fresh, snapshotted: true };
    case "apply":
      return nextStep(fresh, course);
    case "rewind":
      return { ...fresh, phase: "stepping", attempt: it.attempt + 1, snapshotted: true };
    case "bake":
      return { ...fresh, phase: "sealed" };
    case "revert":
      return nextRevert({
        ...fresh,
        flaws: fresh.flaws.filter((flaw) => flaw.step !== action.step),
      });
    case "verify":
      return it.flaws[0] === undefined
        ? { ...fresh, phase: "rolled-back", touched: 0 }
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
    attempt: 1,
    tries: 0,
    snapshotted: false,
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
      return it.attempt <= (course.plan.steps[it.step]?.retries ?? 0)
        ? { ...it, phase: "rewinding", tries: 0 }
        : trouble(it, badOf(failure, it.step), course);
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
        doubt: failure,
        bad: it.bad ?? badOf(failure, null),
      };
    case "release":
      return { ...it, tries: it.tries + 1 };
  }
}

/**
 * A failed undo is not run again by itself: its snapshot was put back all the same, and the way back
 * goes on, so that users get their files even where a person has to look at the rest.
 */
function afterFailedRevert(it: InstanceState, failure: Failure): InstanceState {
  const bad = it.bad ?? badOf(failure, it.step);
  if (failure.code === "UNDO_FAILED") {
    const others = it.flaws.filter((flaw) => flaw.step !== it.step);
    return nextRevert({ ...it, tries: 0, bad, flaws: [...others, { step: it.step, failure }] });
  }
  if (it.tries + 1 < triesMax) return { ...it, tries: it.tries + 1 };
  return { ...it, phase: "rollback-failed", doubt: failure, bad };
}

/** The step before it; while mending, the next older one that failed. */
function nextRevert(it: InstanceState): InstanceState {
  const older = it.mending ? it.flaws.filter((flaw) => flaw.step < it.step) : [];
  const step = it.mending ? Math.max(-1, ...older.map((flaw) => flaw.step)) : it.step - 1;
  return step < 0 ? { ...it, phase: "verifying", step: 0 } : { ...it, step };
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
  const asks = action.kind === "preflight" ? preflightTriesMax : triesMax;
  const again = it.tries + 1 < asks && !lasting.has(failure.code);
  const inDoubt = it.inDoubt || (action.kind === "apply" && outcome.is === "unknown");
  if (again) return { ...it, inDoubt, tries: it.tries + 1 };
  const bad: Bad = it.bad ?? { as: outcome.is, failure, step: it.step };
  switch (action.kind) {
    case "preflight":
    case "begin":
      return { ...it, phase: "unfit", bad: { ...bad, step: null } };
    case "snapshot":
    case "rewind":
      return trouble(it, bad, course);
    case "apply":
      // Not one try of the first attempt was heard: this step touched nothing.
      if (!inDoubt && it.attempt === 1) return trouble({ ...it, touched: it.step }, bad, course);
      if (!inDoubt) return trouble(it, bad, course);
      return { ...it, phase: "unknown", bad: { ...bad, as: "unknown" }, doubt: failure };
    case "revert":
      return { ...it, phase: "rollback-failed", bad, doubt: failure };
    case "verify":
      return { ...it, phase: "rolled-back-unverified", bad, doubt: failure };
    case "release":
      return { ...it, tries: it.tries + 1 };
  }
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

/** On the way back, newest step first. Only for an instance that was touched. */
export function takeBack(it: InstanceState): InstanceState {
  return {
    ...it,
    phase: "reverting",
    step: it.touched - 1,
    tries: 0,
    resumeAt: null,
    rollbacks: it.rollbacks + 1,
    flaws: [],
    mending: false,
  };
}

/**
 * Goes on where a rollback could not, when a person asks. Undos that went well keep their receipts;
 * those that failed get new ones, and run again.
 */
export function goOnBack(it: InstanceState): InstanceState {
  const newest = Math.max(-1, ...it.flaws.map((flaw) => flaw.step));
  if (newest < 0) return { ...it, phase: "reverting", tries: 0, doubt: null };
  return {
    ...it,
    phase: "reverting",
    step: newest,
    tries: 0,
    doubt: null,
    rollbacks: it.rollbacks + 1,
    mending: true,
  };
}

const contractCodes: ReadonlySet<string> = new Set([
  "CONTRACT_BROKEN",
  "BUDGET_EXCEEDED",
  "REGENERATION_LATE",
]);

function badOf(failure: Failure, step: number | null): Bad {
  return { as: contractCodes.has(failure.code) ? "contract broken" : "failed", failure, step };
}
