import { badOf } from "./bad.ts";
import type { Failure } from "./failure.ts";
import type { InstanceState } from "./state.ts";
import { asksAgain } from "./tries.ts";

/** On the way back, newest step first. Only for an instance that was touched. */
export function takeBack(it: InstanceState): InstanceState {
  return {
    ...it,
    phase: "reverting",
    step: it.touched - 1,
    tries: 0,
    resumeAt: null,
    inDoubt: false,
    freed: false,
    rollbacks: it.rollbacks + 1,
    back: allTouched(it),
    flaws: [],
  };
}

/**
 * Goes on where a rollback could not, when a person asks: from the newest step on that is still to be
 * taken back, or was not taken back whole, to the first. A step's snapshot holds what older steps did,
 * so they go back again after it. Undos that went well, or are in doubt, keep their receipts; those
 * that failed get new ones, and run again.
 */
export function goOnBack(it: InstanceState): InstanceState {
  const open = [...it.back, ...it.flaws.map((flaw) => flaw.step)];
  const newest = open.length === 0 ? it.touched - 1 : Math.max(...open);
  const back = allTouched(it).filter((step) => step <= newest);
  const again: InstanceState = { ...it, tries: 0, doubt: null, freed: false };
  const [step] = back;
  if (step === undefined) return toVerify(again);
  return { ...again, phase: "reverting", step, back };
}

/** Steps that may have begun, newest first. */
export function allTouched({ touched }: InstanceState): readonly number[] {
  return Array.from({ length: touched }, (_, at) => touched - 1 - at);
}

/**
 * A failed undo is not run again by itself, and what was changed since the step is not overwritten
 * unasked: the snapshot was put back as far as it may, and the way back goes on, so that users get
 * their files even where a person has to look at the rest.
 */
export function afterFailedRevert(it: InstanceState, failure: Failure): InstanceState {
  const bad = it.bad ?? badOf(failure, it.step);
  if (failure.code === "UNDO_FAILED" || failure.code === "RESTORE_CONFLICT") {
    const known = it.flaws.find((flaw) => flaw.step === it.step);
    const undos = (known?.undos ?? 0) + (failure.code === "UNDO_FAILED" ? 1 : 0);
    const others = it.flaws.filter((flaw) => flaw !== known);
    const flaws = [...others, { step: it.step, failure, undos }];
    return nextRevert({ ...it, tries: 0, bad, flaws }, it.step);
  }
  if (asksAgain(it, { kind: "revert" }, failure)) return { ...it, tries: it.tries + 1 };
  return { ...it, phase: "rollback-failed", tries: 0, doubt: failure, bad };
}

/** The next older step that is still to be taken back; `step` is, as far as it can be. */
export function nextRevert(it: InstanceState, step: number): InstanceState {
  const back = it.back.filter((other) => other !== step);
  // Whoever takes a step back disarms its switch, and only the newest one's can be armed.
  const guard = step === it.touched - 1 ? "none" : it.guard;
  const next: InstanceState = { ...it, back, guard };
  return back[0] === undefined ? toVerify(next) : { ...next, step: back[0] };
}

/** Content and health are looked at, and what was restarted is restarted once more. */
export function toVerify(it: InstanceState): InstanceState {
  return { ...it, phase: "verifying", step: 0, tries: 0, verifies: it.verifies + 1 };
}
