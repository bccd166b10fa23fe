import { describe, expect, test } from "vitest";
import type { Action } from "../../src/core/action.ts";
import { evolve } from "../../src/core/evolve.ts";
import type { StepSpec } from "../../src/core/plan/plan.ts";
import { recover } from "../../src/core/recover.ts";
import { withoutStaleSnapshot } from "../../src/core/stale-snapshot.ts";
import { type InstanceState, openRollout, type RolloutState } from "../../src/core/state.ts";
import { smallItinerary } from "../support/small-itinerary.ts";

const http = { kind: "http", args: {} } as const;
const apply: Action = { kind: "apply", instance: "a", step: 0, attempt: 1 };
const revert: Action = { kind: "revert", instance: "a", step: 0 };
const snapshot: Action = { kind: "snapshot", instance: "a", step: 0 };

/** Where a runner died with this action pending. */
function died(action: Action, step: Partial<StepSpec> = {}): RolloutState {
  const itinerary = smallItinerary({ regions: { eu: [["a"]] }, steps: [step] });
  const state = openRollout(itinerary);
  const instance: Partial<InstanceState> = {
    phase: action.kind === "revert" ? "reverting" : "stepping",
    snapshotted: true,
    touched: action.kind === "revert" ? 1 : 0,
    bases: action.kind === "revert" ? [1] : [],
  };
  const instances = new Map(state.instances).set("a", {
    ...state.instances.get("a")!,
    ...instance,
  });
  return evolve({ ...state, mode: "forward", instances }, { kind: "intent", action });
}

describe("after a crash", () => {
  test.each<[string, Action, Partial<StepSpec>, string]>([
    ["a step with a receipt is asked for again", apply, {}, "forgotten"],
    ["a request is not sent again", apply, { work: http }, "STEP_IN_DOUBT"],
    ["an idempotent request is sent again", apply, { work: http, idempotent: true }, "forgotten"],
    ["a step is taken back again", revert, { undo: { kind: "run", args: "true" } }, "forgotten"],
    ["an undo that is a request is not sent again", revert, { undo: http }, "UNDO_FAILED"],
    [
      "an idempotent undo that is a request is sent again",
      revert,
      { undo: http, idempotent: true },
      "forgotten",
    ],
    ["a snapshot is begun again", snapshot, {}, "forgotten"],
  ])("%s", (_name, action, step, what) => {
    const [event, ...more] = recover(died(action, step));
    expect(more).toEqual([]);
    expect(JSON.stringify(event)).toContain(`"${what}"`);
  });

  test("nothing is left pending, and only the step is in doubt", () => {
    for (const action of [apply, revert, snapshot]) {
      const state = died(action);
      const after = recover(state).reduce(evolve, state);
      expect(after.instances.get("a")).toMatchObject({
        pending: null,
        inDoubt: action.kind === "apply",
      });
    }
  });

  test("a snapshot that may be half-made is never used", () => {
    const state = died(snapshot);
    const after = recover(state).reduce(evolve, state);
    expect(after.instances.get("a")).toMatchObject({ generation: 2 });
  });
});

describe("after a pause of unknown length, the snapshot of a step", () => {
  const base = openRollout(smallItinerary({ regions: { eu: [["a"]] } })).instances.get("a")!;
  const ready: InstanceState = { ...base, phase: "stepping", snapshotted: true };

  test("that has not begun is taken anew, under another name", () => {
    expect(withoutStaleSnapshot(ready)).toMatchObject({ snapshotted: false, generation: 2 });
  });

  test("that was asked for and never answered has another name from then on", () => {
    const asked: InstanceState = { ...ready, snapshotted: false, tries: 1 };
    expect(withoutStaleSnapshot(asked)).toMatchObject({ snapshotted: false, generation: 2 });
  });

  test.each<[string, InstanceState]>([
    ["that was never asked for", { ...ready, snapshotted: false }],
    ["that may have begun", { ...ready, inDoubt: true }],
    ["that is under way", { ...ready, pending: apply }],
    ["that is being taken back", { ...ready, phase: "reverting" }],
  ])("%s stays as it is", (_name, it) => {
    expect(withoutStaleSnapshot(it)).toBe(it);
  });
});
