import { describe, expect, test } from "vitest";
import type { Action } from "../../src/core/action.ts";
import type { Failure, FailureCode } from "../../src/core/failure.ts";
import { afterOutcome } from "../../src/core/instance-course.ts";
import { type InstanceState, openRollout } from "../../src/core/state.ts";
import { afterFailedRevert, goOnBack, nextRevert, takeBack } from "../../src/core/way-back.ts";
import { smallItinerary } from "../support/small-itinerary.ts";

const itinerary = smallItinerary({ regions: { eu: [["a"]] }, steps: [{}, {}, {}] });
const fresh = openRollout(itinerary).instances.get("a")!;
const failure = (code: FailureCode): Failure => ({ code, message: "m", hint: "h" });

/** Three steps were done, and the way back stands before the newest. */
const back: InstanceState = takeBack({ ...fresh, phase: "stepped", step: 3, touched: 3 });

describe("the way back", () => {
  test("goes through every step that was touched, newest first, then verifies", () => {
    const steps: number[] = [];
    let it = back;
    while (it.phase === "reverting") {
      steps.push(it.step);
      it = nextRevert(it, it.step);
    }
    expect(steps).toEqual([2, 1, 0]);
    expect(it).toMatchObject({ phase: "verifying", verifies: 1, back: [] });
  });

  test("has receipts of its own each time, and nothing in doubt any more", () => {
    const again = takeBack({ ...back, inDoubt: true, freed: true, tries: 2 });
    expect(again).toMatchObject({ rollbacks: 2, inDoubt: false, freed: false, tries: 0 });
  });

  test.each(["UNDO_FAILED", "RESTORE_CONFLICT"] as const)(
    "goes on after %s, which is not forgotten",
    (code) => {
      const it = afterFailedRevert(back, failure(code));
      expect(it).toMatchObject({ phase: "reverting", step: 1, back: [1, 0] });
      expect(it.flaws).toMatchObject([{ step: 2, failure: { code } }]);
      const verify: Action = { kind: "verify", instance: "a" };
      const end = afterOutcome(
        { ...it, phase: "verifying", pending: verify },
        verify,
        { is: "done" },
        itinerary,
      );
      expect(end).toMatchObject({ phase: "rollback-failed", doubt: { code } });
    },
  );

  test("is asked for a bounded number of times where a restore fails", () => {
    let it = back;
    let asked = 0;
    while (it.phase === "reverting" && asked < 20) {
      it = afterFailedRevert(it, failure("RESTORE_INCOMPLETE"));
      asked += 1;
    }
    expect(it).toMatchObject({ phase: "rollback-failed", back: [2, 1, 0] });
    expect(asked).toBe(4);
  });

  test("leaves no switch behind that is thought to be armed", () => {
    const armed: InstanceState = { ...back, guard: "armed" };
    expect(nextRevert(armed, 2).guard).toBe("none");
    expect(nextRevert({ ...armed, guard: "lapsing" }, 1).guard).toBe("lapsing");
  });
});

describe("a person who asks to go on", () => {
  test("gets what is still to be taken back, and what was not taken back whole", () => {
    const stuck: InstanceState = {
      ...back,
      phase: "rollback-failed",
      back: [1, 0],
      flaws: [{ step: 2, failure: failure("UNDO_FAILED"), undos: 1 }],
    };
    expect(goOnBack(stuck)).toMatchObject({ phase: "reverting", step: 2, back: [2, 1, 0] });
    expect(goOnBack({ ...stuck, flaws: [] })).toMatchObject({ step: 1, back: [1, 0] });
    expect(goOnBack(stuck).rollbacks).toBe(stuck.rollbacks);
  });

  test("has a failed undo run again, under another receipt", () => {
    const once = afterFailedRevert(back, failure("UNDO_FAILED"));
    const twice = afterFailedRevert({ ...once, step: 2 }, failure("UNDO_FAILED"));
    expect(once.flaws).toMatchObject([{ step: 2, undos: 1 }]);
    expect(twice.flaws).toMatchObject([{ step: 2, undos: 2 }]);
  });

  test("goes through all steps again where a verification found a difference", () => {
    const verify: Action = { kind: "verify", instance: "a" };
    const flaws = [{ step: 0, failure: failure("UNDO_FAILED"), undos: 1 }];
    const it = afterOutcome(
      { ...back, phase: "verifying", back: [], flaws, pending: verify },
      verify,
      { is: "failed", failure: failure("RESTORE_INCOMPLETE") },
      itinerary,
    );
    expect(it).toMatchObject({ phase: "rollback-failed", back: [2, 1, 0] });
  });
});
