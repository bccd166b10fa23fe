import { describe, expect, test } from "vitest";
import { decide } from "../../src/core/decide.ts";
import type { Outcome, Wish } from "../../src/core/event.ts";
import { evolve } from "../../src/core/evolve.ts";
import type { RolloutState } from "../../src/core/state.ts";
import { drive, type Script } from "../support/drive.ts";
import { smallItinerary } from "../support/small-itinerary.ts";

const itinerary = smallItinerary({ regions: { eu: [["a"]] }, steps: [{}, {}] });
const inconclusive: Outcome = {
  is: "inconclusive",
  failure: { code: "PROBE_INCONCLUSIVE", message: "m", hint: "h" },
};

/** Nobody can tell whether the step of this number did well. */
function doubtful(step: number): Script {
  return (action) => (action.kind === "apply" && action.step === step ? inconclusive : null);
}

/** In the very moment in which the step of this number has left its instance to a person. */
function doubtAt(step: number): RolloutState {
  const { state } = drive(itinerary, doubtful(step), {
    until: ({ instances }) => instances.get("a")?.phase === "inconclusive",
  });
  return state;
}

function decided(state: RolloutState, choice: Extract<Wish, { kind: "decide" }>["choice"]) {
  const wish: Wish = { kind: "decide", instance: "a", choice };
  return evolve(state, { kind: "asked", wish, by: "somebody", reason: "" });
}

describe("an instance whose switch is still to be disarmed", () => {
  test("is stood down, and nothing else, where it waits for a person", () => {
    expect(decide(doubtAt(0))).toEqual([{ kind: "stand-down", instance: "a", step: 0 }]);
  });

  test.each<[string, number]>([
    ["the next step's snapshot would be taken", 0],
    ["it would wait for its bake", 1],
  ])("is stood down before %s, where a person was quicker than that", (_what, step) => {
    const accepted = decided(doubtAt(step), "accept");
    expect(accepted.instances.get("a")).toMatchObject({ step: step + 1, guard: "armed" });
    expect(decide(accepted)).toEqual([{ kind: "stand-down", instance: "a", step }]);
  });

  test("goes on by itself once it is", () => {
    const accepted = decided(doubtAt(0), "accept");
    const { state, actions } = drive(itinerary, () => null, { from: accepted });
    expect(actions.slice(0, 2)).toEqual(["stand-down a/0", "snapshot a/1"]);
    expect(state.closed).toBe("sealed");
  });

  test("needs no stand-down on the way back, which disarms it itself", () => {
    const rolled = decided(doubtAt(0), "rollback");
    expect(decide(rolled)).toEqual([{ kind: "revert", instance: "a", step: 0 }]);
  });
});
