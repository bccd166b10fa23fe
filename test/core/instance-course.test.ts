import { describe, expect, test } from "vitest";
import type { Action } from "../../src/core/action.ts";
import type { Outcome } from "../../src/core/event.ts";
import type { Failure, FailureCode } from "../../src/core/failure.ts";
import { afterOutcome } from "../../src/core/instance-course.ts";
import { type InstanceState, openRollout } from "../../src/core/state.ts";
import { triesMax } from "../../src/core/tries.ts";
import { smallItinerary, type SmallWorld } from "../support/small-itinerary.ts";

const failure = (code: FailureCode = "STEP_EXIT"): Failure => ({ code, message: "m", hint: "h" });

/** One instance in the middle of a rollout, with everything that a row does not name as usual. */
function at(change: Partial<InstanceState>, world: Partial<SmallWorld> = {}) {
  const itinerary = smallItinerary({ regions: { eu: [["a"]] }, steps: [{}, {}], ...world });
  const fresh = openRollout(itinerary).instances.get("a")!;
  return { it: { ...fresh, ...change }, course: itinerary };
}

const step = (kind: "snapshot" | "stand-down" | "rewind" | "revert", number = 0): Action => ({
  kind,
  instance: "a",
  step: number,
});
const apply: Action = { kind: "apply", instance: "a", step: 0, attempt: 1 };
const plain = (kind: "preflight" | "begin" | "bake" | "verify" | "release"): Action => ({
  kind,
  instance: "a",
});
const done: Outcome = { is: "done" };
const failed: Outcome = { is: "failed", failure: failure() };
const unknown: Outcome = { is: "unknown", failure: failure("CONNECT_LOST") };
const unreachable: Outcome = { is: "unreachable", failure: failure("CONNECT_REFUSED") };
const inconclusive: Outcome = { is: "inconclusive", failure: failure("PROBE_INCONCLUSIVE") };
const touched: Partial<InstanceState> = { phase: "stepping", snapshotted: true, touched: 1 };
const lastTry: Partial<InstanceState> = { tries: triesMax - 1 };

interface Row {
  readonly from: Partial<InstanceState>;
  readonly action: Action;
  readonly outcome: Outcome;
  readonly to: Partial<InstanceState>;
  readonly world?: Partial<SmallWorld>;
}

const rows: readonly (readonly [string, Row])[] = [
  [
    "preflight done: waits for its turn",
    { from: {}, action: plain("preflight"), outcome: done, to: { phase: "waiting" } },
  ],
  [
    "preflight failed: bad, untouched",
    { from: {}, action: plain("preflight"), outcome: failed, to: { phase: "unfit", touched: 0 } },
  ],
  [
    "preflight unreachable: asks again first",
    {
      from: {},
      action: plain("preflight"),
      outcome: unreachable,
      to: { phase: "unchecked", tries: 1 },
    },
  ],
  [
    "preflight unreachable to the end: bad as unreachable",
    { from: lastTry, action: plain("preflight"), outcome: unreachable, to: { phase: "unfit" } },
  ],
  [
    "preflight meets a changed host key: bad at once",
    {
      from: {},
      action: plain("preflight"),
      outcome: { is: "unreachable", failure: failure("HOST_KEY_CHANGED") },
      to: { phase: "unfit", tries: 0 },
    },
  ],
  [
    "begin done: the first step is next",
    {
      from: { phase: "beginning" },
      action: plain("begin"),
      outcome: done,
      to: { phase: "stepping", step: 0 },
    },
  ],
  [
    "begin inconclusive: waits for a decision",
    {
      from: { phase: "beginning" },
      action: plain("begin"),
      outcome: inconclusive,
      to: { phase: "inconclusive", resumeAt: "begin" },
    },
  ],
  [
    "snapshot done: the step may run",
    {
      from: { phase: "stepping" },
      action: step("snapshot"),
      outcome: done,
      to: { snapshotted: true },
    },
  ],
  [
    "first snapshot refused: bad, and nothing was touched",
    {
      from: { phase: "stepping" },
      action: step("snapshot"),
      outcome: failed,
      to: { phase: "unfit" },
    },
  ],
  [
    "later snapshot refused: what was done goes back",
    {
      from: { ...touched, step: 1, snapshotted: false },
      action: step("snapshot", 1),
      outcome: failed,
      to: { phase: "reverting", step: 0 },
    },
  ],
  [
    "apply done: the next step, with a snapshot of its own",
    {
      from: touched,
      action: apply,
      outcome: done,
      to: { phase: "stepping", step: 1, snapshotted: false },
    },
  ],
  [
    "apply done in the end: nothing is in doubt any more",
    {
      from: { ...touched, inDoubt: true, tries: 1 },
      action: apply,
      outcome: done,
      to: { phase: "stepping", step: 1, inDoubt: false, tries: 0 },
    },
  ],
  [
    "apply failed: back it goes",
    { from: touched, action: apply, outcome: failed, to: { phase: "reverting", step: 0 } },
  ],
  [
    "apply failed with a retry left: its snapshot goes back first",
    {
      from: touched,
      action: apply,
      outcome: failed,
      to: { phase: "rewinding" },
      world: { steps: [{ retries: 1, idempotent: true }] },
    },
  ],
  [
    "apply failed under onFail halt: left as it is",
    {
      from: touched,
      action: apply,
      outcome: failed,
      to: { phase: "left" },
      world: { onFail: "halt" },
    },
  ],
  [
    "apply failed under onFail ask: asks",
    {
      from: touched,
      action: apply,
      outcome: failed,
      to: { phase: "asking" },
      world: { onFail: "ask" },
    },
  ],
  [
    "apply unknown: its receipt is asked",
    {
      from: touched,
      action: apply,
      outcome: unknown,
      to: { phase: "stepping", inDoubt: true, attempt: 1, tries: 1 },
    },
  ],
  [
    "apply unknown to the end: unknown, and named",
    { from: { ...touched, ...lastTry }, action: apply, outcome: unknown, to: { phase: "unknown" } },
  ],
  [
    "apply never heard to the end: this step touched nothing",
    {
      from: { ...touched, ...lastTry },
      action: apply,
      outcome: unreachable,
      to: { phase: "unfit", touched: 0 },
    },
  ],
  [
    "apply unreachable after a try that may have been heard: unknown",
    {
      from: { ...touched, ...lastTry, inDoubt: true },
      action: apply,
      outcome: unreachable,
      to: { phase: "unknown" },
    },
  ],
  [
    "apply of an http step unknown: never asked again",
    {
      from: touched,
      action: apply,
      outcome: unknown,
      to: { phase: "reverting" },
      world: { steps: [{ work: { kind: "http", args: {} } }] },
    },
  ],
  [
    "apply inconclusive: waits for a decision",
    {
      from: touched,
      action: apply,
      outcome: inconclusive,
      to: { phase: "inconclusive", resumeAt: "step" },
    },
  ],
  [
    "rewind done: another attempt, with another receipt",
    {
      from: { ...touched, phase: "rewinding" },
      action: step("rewind"),
      outcome: done,
      to: { phase: "stepping", attempt: 2 },
    },
  ],
  [
    "rewind done: a snapshot and a switch of its own for the next attempt",
    {
      from: { ...touched, phase: "rewinding", guard: "armed" },
      action: step("rewind"),
      outcome: done,
      to: { snapshotted: false, generation: 2, guard: "none" },
    },
  ],
  [
    "the guard fired: never tried again, whatever retries are left",
    {
      from: { ...touched, guard: "armed" },
      action: apply,
      outcome: { is: "failed", failure: failure("GUARD_FIRED") },
      to: { phase: "reverting", guard: "armed" },
      world: { steps: [{ retries: 1, idempotent: true }] },
    },
  ],
  [
    "apply in doubt never began: nothing is wrong, and a new snapshot is taken first",
    {
      from: { ...touched, guard: "armed", inDoubt: true },
      action: apply,
      outcome: { is: "failed", failure: failure("STEP_NOT_BEGUN") },
      to: { phase: "stepping", snapshotted: false, generation: 2, touched: 0, bad: null },
    },
  ],
  [
    "apply done: its switch is disarmed",
    { from: { ...touched, guard: "armed" }, action: apply, outcome: done, to: { guard: "none" } },
  ],
  [
    "apply never heard: it armed nothing",
    {
      from: { ...touched, guard: "armed" },
      action: apply,
      outcome: unreachable,
      to: { phase: "stepping", guard: "none" },
    },
  ],
  [
    "apply unknown to the end: the switch does what it must",
    {
      from: { ...touched, ...lastTry, guard: "armed" },
      action: apply,
      outcome: unknown,
      to: { phase: "unknown", guard: "lapsing", inDoubt: true },
    },
  ],
  [
    "stand-down done: it rests, and stays as it is",
    {
      from: { ...touched, phase: "asking", guard: "armed" },
      action: step("stand-down"),
      outcome: done,
      to: { phase: "asking", guard: "none" },
    },
  ],
  [
    "stand-down comes too late for an inconclusive step: bad, and back it goes",
    {
      from: { ...touched, phase: "inconclusive", guard: "armed" },
      action: step("stand-down"),
      outcome: { is: "failed", failure: failure("GUARD_FIRED") },
      to: { phase: "reverting", guard: "none" },
    },
  ],
  [
    "stand-down comes too late for one that was left: left, and told",
    {
      from: { ...touched, phase: "left", guard: "armed" },
      action: step("stand-down"),
      outcome: { is: "failed", failure: failure("GUARD_FIRED") },
      to: { phase: "left", guard: "none", doubt: failure("GUARD_FIRED") },
    },
  ],
  [
    "stand-down without an answer: asks again first",
    {
      from: { ...touched, phase: "left", guard: "armed" },
      action: step("stand-down"),
      outcome: unknown,
      to: { phase: "left", guard: "armed", tries: 1 },
    },
  ],
  [
    "stand-down without an answer to the end: nobody knows how it will be",
    {
      from: { ...touched, ...lastTry, phase: "left", guard: "armed" },
      action: step("stand-down"),
      outcome: unknown,
      to: { phase: "unknown", guard: "lapsing", inDoubt: true },
    },
  ],
  [
    "bake done: sealed",
    {
      from: { ...touched, phase: "baking" },
      action: plain("bake"),
      outcome: done,
      to: { phase: "sealed" },
    },
  ],
  [
    "bake failed: back it goes",
    {
      from: { ...touched, phase: "baking" },
      action: plain("bake"),
      outcome: failed,
      to: { phase: "reverting" },
    },
  ],
  [
    "bake without an answer: inconclusive, never good",
    {
      from: { ...touched, phase: "baking" },
      action: plain("bake"),
      outcome: unreachable,
      to: { phase: "inconclusive", resumeAt: "bake" },
    },
  ],
  [
    "revert done: the step before it",
    {
      from: { phase: "reverting", step: 1, touched: 2, back: [1, 0] },
      action: step("revert", 1),
      outcome: done,
      to: { phase: "reverting", step: 0 },
    },
  ],
  [
    "last revert done: verify",
    {
      from: { phase: "reverting", step: 0, touched: 1, back: [0] },
      action: step("revert"),
      outcome: done,
      to: { phase: "verifying" },
    },
  ],
  [
    "revert failed: again, a bounded number of times",
    {
      from: { phase: "reverting", touched: 1 },
      action: step("revert"),
      outcome: failed,
      to: { phase: "reverting", tries: 1 },
    },
  ],
  [
    "revert failed to the end: a person is needed",
    {
      from: { phase: "reverting", touched: 1, ...lastTry },
      action: step("revert"),
      outcome: failed,
      to: { phase: "rollback-failed" },
    },
  ],
  [
    "an undo failed: the way back goes on",
    {
      from: { phase: "reverting", step: 1, touched: 2, back: [1, 0], guard: "armed" },
      action: step("revert", 1),
      outcome: { is: "failed", failure: failure("UNDO_FAILED") },
      to: { phase: "reverting", step: 0, tries: 0, guard: "none", back: [0] },
    },
  ],
  [
    "what was changed since the step is not overwritten: the way back goes on",
    {
      from: { phase: "reverting", step: 1, touched: 2, back: [1, 0] },
      action: step("revert", 1),
      outcome: { is: "failed", failure: failure("RESTORE_CONFLICT") },
      to: { phase: "reverting", step: 0, tries: 0, back: [0] },
    },
  ],
  [
    "revert runs out of time: it is not tried again",
    {
      from: { phase: "reverting", touched: 1, back: [0] },
      action: step("revert"),
      outcome: { is: "failed", failure: failure("DEADLINE_INSTANCE") },
      to: { phase: "rollback-failed", back: [0] },
    },
  ],
  [
    "revert without an answer to the end: the switch does what it must",
    {
      from: { phase: "reverting", touched: 1, back: [0], guard: "armed", ...lastTry },
      action: step("revert"),
      outcome: unknown,
      to: { phase: "rollback-failed", guard: "lapsing" },
    },
  ],
  [
    "verify done after a failed undo: a person is needed",
    {
      from: {
        phase: "verifying",
        touched: 1,
        flaws: [{ step: 0, failure: failure("UNDO_FAILED"), undos: 1 }],
      },
      action: plain("verify"),
      outcome: done,
      to: { phase: "rollback-failed" },
    },
  ],
  [
    "verify done: rolled back",
    {
      from: { phase: "verifying", touched: 1 },
      action: plain("verify"),
      outcome: done,
      to: { phase: "rolled-back", touched: 0 },
    },
  ],
  [
    "verify finds users unserved: not verified",
    {
      from: { phase: "verifying", touched: 1 },
      action: plain("verify"),
      outcome: failed,
      to: { phase: "rolled-back-unverified" },
    },
  ],
  [
    "a lock that is given back leaves in doubt what was in doubt",
    {
      from: { phase: "unknown", touched: 1, inDoubt: true, freed: true },
      action: plain("release"),
      outcome: done,
      to: { phase: "unknown", inDoubt: true },
    },
  ],
  [
    "a host that went back before its lock was given back leaves in doubt what was in doubt",
    {
      from: { phase: "unknown", touched: 1, inDoubt: true, freed: true },
      action: plain("release"),
      outcome: { is: "failed", failure: failure("GUARD_FIRED") },
      to: { phase: "unknown", inDoubt: true },
    },
  ],
  [
    "verify finds content that differs: the rollback failed",
    {
      from: { phase: "verifying", touched: 1 },
      action: plain("verify"),
      outcome: { is: "failed", failure: failure("RESTORE_INCOMPLETE") },
      to: { phase: "rollback-failed", back: [0] },
    },
  ],
];

describe("step × outcome", () => {
  test.each(rows)("%s", (_name, { from, action, outcome, to, world }) => {
    const { it, course } = at({ ...from, pending: action }, world);
    const after = afterOutcome(it, action, outcome, course);
    expect(after).toMatchObject({ ...to, pending: null });
  });

  test.each([
    ["CONTRACT_BROKEN", "contract broken"],
    ["BUDGET_EXCEEDED", "contract broken"],
    ["REGENERATION_LATE", "contract broken"],
    ["STEP_EXIT", "failed"],
    ["PROBE_FAILED", "failed"],
  ] as const)("%s counts as %s", (code, as) => {
    const { it, course } = at({ ...touched, pending: apply });
    const after = afterOutcome(it, apply, { is: "failed", failure: failure(code) }, course);
    expect(after.bad).toMatchObject({ as, step: 0 });
  });
});
