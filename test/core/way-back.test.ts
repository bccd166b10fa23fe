import { describe, expect, test } from "vitest";
import type { Failure, FailureCode } from "../../src/core/failure.ts";
import { type InstanceState, openRollout } from "../../src/core/state.ts";
import { afterFailedRevert, goOnBack, nextRevert, takeBack } from "../../src/core/way-back.ts";
import { smallItinerary } from "../support/small-itinerary.ts";

const failure = (code: FailureCode): Failure => ({ code, message: "m", hint: "h" });

/** An instance that three steps have touched, on its way back. */
function goingBack(change: Partial<InstanceState> = {}): InstanceState {
  const fresh = openRollout(smallItinerary({ regions: { eu: [["a"]] } })).instances.get("a")!;
  return { ...takeBack({ ...fresh, touched: 3, guard: "armed" }), ...change };
}

test("whoever goes back asks receipts anew: nothing stays in doubt", () => {
  const fresh = openRollout(smallItinerary({ regions: { eu: [["a"]] } })).instances.get("a")!;
  expect(takeBack({ ...fresh, touched: 1, inDoubt: true })).toMatchObject({ inDoubt: false });
});

describe("a person asks a rollback that failed to go on", () => {
  test.each<[string, Partial<InstanceState>, readonly number[]]>([
    ["where it stopped", { back: [1, 0], step: 1 }, [1, 0]],
    [
      "from the newest step whose undo failed, older ones again after it",
      { back: [], flaws: [{ step: 1, failure: failure("UNDO_FAILED"), undos: 1 }] },
      [1, 0],
    ],
    [
      "with steps that it never came to, beside one that failed",
      { back: [1, 0], flaws: [{ step: 2, failure: failure("UNDO_FAILED"), undos: 1 }] },
      [2, 1, 0],
    ],
    ["through all steps, where only the end looked wrong", { back: [], flaws: [] }, [2, 1, 0]],
  ])("%s", (_name, change, back) => {
    const after = goOnBack(goingBack({ phase: "rollback-failed", ...change }));
    expect(after).toMatchObject({ phase: "reverting", back, step: back[0], tries: 0 });
  });

  test("undos keep the names of their receipts", () => {
    const before = goingBack({ phase: "rollback-failed" });
    expect(goOnBack(before).rollbacks).toBe(before.rollbacks);
  });
});

test("each failed undo of a step is counted, a conflict is not", () => {
  const once = afterFailedRevert(goingBack(), failure("UNDO_FAILED"));
  expect(once.flaws).toMatchObject([{ step: 2, undos: 1 }]);
  const twice = afterFailedRevert({ ...goOnBack(once) }, failure("UNDO_FAILED"));
  expect(twice.flaws).toMatchObject([{ step: 2, undos: 2 }]);
  const conflict = afterFailedRevert(goOnBack(twice), failure("RESTORE_CONFLICT"));
  expect(conflict.flaws).toMatchObject([{ step: 2, undos: 2 }]);
});

test("the switch of the newest step is out of the way when that step is, and not before", () => {
  const first = nextRevert(goingBack(), 2);
  expect(first).toMatchObject({ step: 1, guard: "none" });
  const older = nextRevert(goingBack({ guard: "lapsing" }), 0);
  expect(older.guard).toBe("lapsing");
});

test("every look at the end of a rollback has a number of its own", () => {
  const verifying = nextRevert(goingBack({ back: [0], step: 0 }), 0);
  expect(verifying).toMatchObject({ phase: "verifying", verifies: 1 });
  const again = nextRevert(goOnBack({ ...verifying, phase: "rollback-failed" }), 2);
  expect(nextRevert(nextRevert(again, 1), 0)).toMatchObject({ phase: "verifying", verifies: 2 });
});
