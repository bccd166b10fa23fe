import { describe, expect, test } from "vitest";
import type { Action } from "../../src/core/action.ts";
import type { Outcome } from "../../src/core/event.ts";
import type { Failure } from "../../src/core/failure.ts";
import { drive, type Script } from "../support/drive.ts";
import { smallItinerary, type SmallWorld } from "../support/small-itinerary.ts";

const failure: Failure = { code: "STEP_EXIT", message: "exit 1", hint: "look" };
const failed: Outcome = { is: "failed", failure };
const unreachable: Outcome = { is: "unreachable", failure };

/** Answers by action and instance, as in { "apply a": failed }; everything else is done. */
function answers(table: Readonly<Record<string, Outcome>>): Script {
  return (action: Action) => table[`${action.kind} ${action.instance}`] ?? null;
}

const twoBatches: SmallWorld = {
  regions: {
    eu: [
      ["a", "b", "c"],
      ["d", "e", "f"],
    ],
  },
  concurrency: 3,
};

describe("the halt rule passes what Ansible 2.14 fails", () => {
  test("a host fails while another is unreachable: the next batch does not start", () => {
    const { state, actions } = drive(
      smallItinerary(twoBatches),
      answers({ "apply a": failed, "begin b": unreachable }),
    );
    expect(state.closed).toBe("halted");
    expect(state.halt).toMatchObject({ rule: "max-bad-batch", limit: 0 });
    expect(actions.filter((it) => /^(begin|snapshot|apply) [def]/.test(it))).toEqual([]);
  });

  test("a rollback succeeds: the instance still counts as bad, and the rollout is not green", () => {
    const { state, actions } = drive(smallItinerary(twoBatches), answers({ "apply a": failed }));
    expect(state.instances.get("a")).toMatchObject({ phase: "rolled-back", bad: { as: "failed" } });
    expect(state.closed).toBe("halted");
    expect(actions.some((it) => it.startsWith("apply d"))).toBe(false);
  });

  test("only an unreachable host, with maxBad 0: it halts", () => {
    const { state, actions } = drive(
      smallItinerary(twoBatches),
      answers({ "begin b": unreachable }),
    );
    expect(state.closed).toBe("halted");
    expect(state.halt?.instances).toEqual(["b"]);
    expect(actions.some((it) => it.startsWith("begin d"))).toBe(false);
  });
});

describe("the limit must be exceeded, not reached", () => {
  test.each([
    { maxBad: 0, bad: [], outcome: "sealed" },
    { maxBad: 0, bad: ["a"], outcome: "halted" },
    { maxBad: 1, bad: ["a"], outcome: "waits for a decision" },
    { maxBad: 1, bad: ["a", "d"], outcome: "halted" },
    { maxBad: 2, bad: ["a", "b"], outcome: "waits for a decision" },
    { maxBad: 2, bad: ["a", "b", "c"], outcome: "halted" },
  ])("maxBad $maxBad with bad $bad: $outcome", ({ maxBad, bad, outcome }) => {
    const table = Object.fromEntries(bad.map((name) => [`apply ${name}`, failed]));
    const { state } = drive(smallItinerary({ ...twoBatches, maxBad }), answers(table));
    const waits = state.parked?.kind === "bad-in-region" ? "waits for a decision" : state.parked;
    expect(state.closed ?? waits).toBe(outcome);
  });

  test("counts over a region what each batch tolerates by itself", () => {
    const itinerary = smallItinerary({ ...twoBatches, maxBad: 1 });
    const { state } = drive(itinerary, answers({ "apply a": failed, "apply d": failed }));
    expect(state.halt).toMatchObject({ rule: "max-bad-region", limit: 1, bad: 2 });
    expect(state.halt?.sentence).toBe("2 bad in region eu (a, d), at most 1 allowed");
  });

  test("counts over the rollout what each region tolerates by itself", () => {
    const base = smallItinerary({ regions: { eu: [["a"]], us: [["b"]] }, maxBad: 1 });
    const { state } = drive(
      { ...base, maxBad: { rollout: 1 } },
      answers({ "preflight a": unreachable, "preflight b": unreachable }),
    );
    expect(state.halt).toMatchObject({ rule: "max-bad-rollout", limit: 1, bad: 2 });
    expect(state.closed).toBe("refused");
  });
});

describe("a halt takes back what onFail asks for", () => {
  const world: SmallWorld = { regions: { eu: [["a"], ["b"]], us: [["c"], ["d"]] }, concurrency: 1 };
  test.each([
    { onFail: "rollback", phases: ["sealed", "sealed", "sealed", "rolled-back"] },
    { onFail: "rollback-region", phases: ["sealed", "sealed", "rolled-back", "rolled-back"] },
    {
      onFail: "rollback-all",
      phases: ["rolled-back", "rolled-back", "rolled-back", "rolled-back"],
    },
    { onFail: "halt", phases: ["sealed", "sealed", "sealed", "left"] },
    { onFail: "ask", phases: ["sealed", "sealed", "sealed", "asking"] },
  ] as const)("$onFail leaves $phases", ({ onFail, phases }) => {
    const { state } = drive(smallItinerary({ ...world, onFail }), answers({ "apply d": failed }));
    expect([...state.instances.values()].map((it) => it.phase)).toEqual(phases);
  });

  test("halting is written before the first rollback begins", () => {
    const { events } = drive(smallItinerary(world), answers({ "apply c": failed }));
    const halting = events.findIndex((event) => event.kind === "halting");
    const revert = events.findIndex(
      (event) => event.kind === "intent" && event.action.kind === "revert",
    );
    expect(halting).toBeGreaterThan(0);
    expect(revert).toBeGreaterThan(halting);
  });

  test("steps are taken back newest first, then verified, then the lock is given back", () => {
    const { actions } = drive(
      smallItinerary({ regions: { eu: [["a"]] }, steps: [{}, {}, {}] }),
      (action) => (action.kind === "apply" && action.step === 2 ? failed : null),
    );
    expect(actions.slice(-5)).toEqual([
      "revert a/2",
      "revert a/1",
      "revert a/0",
      "verify a",
      "release a",
    ]);
  });
});
