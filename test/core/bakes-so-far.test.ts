import { describe, expect, test } from "vitest";
import { type BakesSoFar, takenUp, withBake } from "../../src/core/bakes-so-far.ts";
import type { Action } from "../../src/core/action.ts";
import type { RolloutEvent } from "../../src/core/event.ts";
import type { Bake } from "../../src/core/plan/plan.ts";

const bake: Bake = {
  settleMs: 5_000,
  stableMs: 30_000,
  retryMs: 25_000,
  deadlineMs: 600_000,
  until: { timeMs: 300_000, and: null },
};

describe("a bake that was watched before and is taken up", () => {
  test.each<[string, Partial<Bake>, number, number, number | undefined]>([
    ["has what is left of its time and its deadline", {}, 100_000, 200_000, 500_000],
    ["waits no more for a time that is over", {}, 400_000, 0, 200_000],
    ["always has the time for one healthy stretch with its tries", {}, 590_000, 0, 60_000],
    ["has no more than the plan gave it", { deadlineMs: 40_000 }, 30_000, 270_000, 40_000],
    [
      "has no deadline where the plan gave none",
      { deadlineMs: undefined! },
      100,
      299_900,
      undefined,
    ],
  ])("%s", (_what, change, watchedMs, timeMs, deadlineMs) => {
    const { deadlineMs: given, ...rest } = { ...bake, ...change };
    const planned: Bake = given === undefined ? rest : { ...rest, deadlineMs: given };
    const now = takenUp(planned, { counted: null, watchedMs });
    expect([now.until?.timeMs, now.deadlineMs]).toEqual([timeMs, deadlineMs]);
    expect([now.settleMs, now.stableMs, now.retryMs]).toEqual([5_000, 30_000, 25_000]);
  });
});

const action: Action = { kind: "bake", instance: "a" };

function told(more: object): RolloutEvent {
  const evidence = { metric: "ui.n", seen: 7, written: "ui.n >= 9", number: 9, enough: false };
  return { kind: "noted", note: { kind: "bake.evidence", instance: "a", ...evidence, ...more } };
}

describe("what is known of a bake", () => {
  const known: BakesSoFar = withBake(new Map(), told({ value: 107, watchedMs: 60_000 }));

  test("is what was told of it last", () => {
    expect([...known]).toEqual([["a", { counted: { seen: 7, value: 107 }, watchedMs: 60_000 }]]);
    const gauge = withBake(known, told({ watchedMs: 70_000 }));
    expect([...gauge]).toEqual([["a", { counted: null, watchedMs: 70_000 }]]);
  });

  test.each<[string, RolloutEvent, boolean]>([
    ["outlives its runner", { kind: "forgotten", action }, true],
    ["ends with it", { kind: "outcome", action, outcome: { is: "done" } }, false],
    [
      "outlives what comes of others",
      { kind: "outcome", action: { ...action, instance: "b" }, outcome: { is: "done" } },
      true,
    ],
    ["is nothing where an old journal does not say for how long it was watched", told({}), true],
  ])("%s", (_what, event, isKnown) => {
    const after = withBake(known, event);
    expect([after.has("a"), after === known]).toEqual([isKnown, isKnown]);
  });
});
