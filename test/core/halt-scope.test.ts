import { describe, expect, test } from "vitest";
import type { Outcome } from "../../src/core/event.ts";
import type { RolloutState } from "../../src/core/state.ts";
import { drive, type Script } from "../support/drive.ts";
import { smallItinerary } from "../support/small-itinerary.ts";

const failed: Outcome = {
  is: "failed",
  failure: { code: "STEP_EXIT", message: "exit 1", hint: "look" },
};

/** Fails these steps, as "eu1/0", and nothing else. */
function failing(...steps: readonly string[]): Script {
  return (action) =>
    action.kind === "apply" && steps.includes(`${action.instance}/${action.step}`) ? failed : null;
}

describe("what a halt takes back", () => {
  test("is what the failed step's own onFail says, whatever the rollout's says", () => {
    const itinerary = smallItinerary({
      regions: { eu: [["eu0"], ["eu1"]] },
      steps: [{ onFail: "rollback-all" }],
      onFail: "rollback",
    });
    const { state } = drive(itinerary, failing("eu1/0"));
    expect(state.instances.get("eu0")?.phase).toBe("rolled-back");
  });

  test("is the widest of what several failed steps say", () => {
    const itinerary = smallItinerary({
      regions: { eu: [["eu0"], ["eu1", "eu2"]] },
      steps: [{ onFail: "rollback-all" }, { onFail: "rollback" }],
      onFail: "rollback",
      maxBad: 1,
    });
    const { state } = drive(itinerary, failing("eu1/0", "eu2/1"));
    expect(state.halt).toMatchObject({ bad: 2, scope: "all" });
    expect(state.instances.get("eu0")?.phase).toBe("rolled-back");
  });
});

describe("concurrency", () => {
  const names = ["eu1", "eu2", "eu3", "eu4", "eu5", "eu6"];

  test("bounds how many instances are worked on at once", () => {
    const itinerary = smallItinerary({ regions: { eu: [names] }, steps: [{}, {}], concurrency: 2 });
    const { script, seen } = most(() => null);
    expect(drive(itinerary, script).state.closed).toBe("sealed");
    expect(seen).toEqual({ pending: 2, begun: 2 });
  });

  test("bounds how many go back at once, however many there are", () => {
    const itinerary = smallItinerary({
      regions: { eu: [names], us: [["us1"]] },
      onFail: "rollback-all",
      concurrency: 2,
    });
    const { script, seen } = most(failing("us1/0"));
    const { state } = drive(itinerary, script);
    expect([...state.instances.values()].map((it) => it.phase)).toEqual(
      Array.from({ length: 7 }, () => "rolled-back"),
    );
    expect(seen.pending).toBe(2);
  });
});

/** The most that were pending, and that were between begin and their last step, at once. */
function most(script: Script): {
  readonly script: Script;
  readonly seen: { pending: number; begun: number };
} {
  const seen = { pending: 0, begun: 0 };
  return {
    seen,
    script: (action, state) => {
      seen.pending = Math.max(seen.pending, count(state, "pending"));
      seen.begun = Math.max(seen.begun, count(state, "begun"));
      return script(action, state);
    },
  };
}

function count(state: RolloutState, what: "pending" | "begun"): number {
  return [...state.instances.values()].filter((it) =>
    what === "pending"
      ? it.pending !== null && it.pending.kind !== "bake"
      : ["beginning", "stepping", "reverting", "verifying"].includes(it.phase),
  ).length;
}
