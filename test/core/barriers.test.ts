import { describe, expect, test } from "vitest";
import type { Outcome, RolloutEvent } from "../../src/core/event.ts";
import { evolve } from "../../src/core/evolve.ts";
import type { Halt } from "../../src/core/halt.ts";
import { type InstanceState, openRollout } from "../../src/core/state.ts";
import { underHalt } from "../../src/core/take-back.ts";
import { drive, type Driven, type Script } from "../support/drive.ts";
import { smallItinerary } from "../support/small-itinerary.ts";

const failed: Outcome = {
  is: "failed",
  failure: { code: "STEP_EXIT", message: "exit 1", hint: "look" },
};

function failing(name: string): Script {
  return (action) => (`${action.kind} ${action.instance}` === name ? failed : null);
}

/** `begin eu1`, `bake-started`, …: intents and turns in one order. */
function story({ events }: Pick<Driven, "events">): readonly string[] {
  return events.map((event) =>
    event.kind === "intent" ? `${event.action.kind} ${event.action.instance}` : event.kind,
  );
}

function kinds(events: readonly RolloutEvent[]): readonly string[] {
  return events.map((event) => event.kind);
}

describe("a batch", () => {
  const pair = smallItinerary({ regions: { eu: [["eu1", "eu2"]] }, concurrency: 1 });

  test("bakes when all of it is done with its steps, and not before", () => {
    const told = story(drive(pair, () => null));
    expect(told.filter((it) => it === "bake-started")).toHaveLength(1);
    expect(told.indexOf("bake-started")).toBeGreaterThan(told.indexOf("apply eu2"));
    expect(told.indexOf("bake eu1")).toBeGreaterThan(told.indexOf("bake-started"));
  });

  test("of which nothing came as far as a bake leaves none behind", () => {
    const { events } = drive(
      smallItinerary({ regions: { eu: [["eu1"], ["eu2"]] }, maxBad: 1 }),
      failing("apply eu1"),
    );
    expect(
      kinds(events).filter((kind) => kind === "bake-started" || kind === "batch-started"),
    ).toEqual(["batch-started", "batch-started", "bake-started"]);
  });
});

test("an instance that was excluded, and comes to its bake after its region was sealed without it, bakes", () => {
  const itinerary = smallItinerary({ regions: { eu: [["eu1"], ["eu2"]] }, maxBad: 1 });
  const open = openRollout(itinerary);
  const sealed: Partial<InstanceState> = { phase: "sealed", touched: 1, claimed: true };
  const late: Partial<InstanceState> = {
    phase: "stepped",
    touched: 1,
    claimed: true,
    excluded: true,
  };
  const instances = new Map(
    [...open.instances].map(([name, it]) => [name, { ...it, ...(name === "eu1" ? sealed : late) }]),
  );
  const from = {
    ...open,
    mode: "forward" as const,
    epoch: 1,
    instances,
    regions: open.regions.map((region) => ({
      ...region,
      stage: "sealed" as const,
      batchesStarted: 2,
      bakesStarted: 1,
      bakesFinished: 1,
    })),
  };
  const { events, state } = drive(itinerary, () => null, { from });
  expect(story({ events })).toContain("bake eu2");
  expect(state.instances.get("eu2")?.phase).toBe("sealed");
  expect(state.closed).not.toBeNull();
});

describe("a halt, for an instance that nothing is pending on", () => {
  const itinerary = smallItinerary({ regions: { eu: [["eu1"]], us: [["us1"]] } });
  const state = openRollout(itinerary);
  const halt: Halt = {
    rule: "max-bad-batch",
    limit: 0,
    bad: 1,
    instances: ["us1"],
    where: "us batch 1",
    scope: "under-way",
    sentence: "1 bad",
  };
  const touched: Partial<InstanceState> = { touched: 1 };

  test.each<[string, Partial<InstanceState>, Partial<Halt>, InstanceState["phase"]]>([
    ["between two steps goes back", { phase: "stepping", ...touched }, {}, "reverting"],
    ["before its first step waits", { phase: "stepping", touched: 0 }, {}, "waiting"],
    [
      "between two steps stays, and is named, where nothing goes back",
      { phase: "stepping", ...touched },
      { scope: "none" },
      "left",
    ],
    ["that begins waits", { phase: "beginning" }, {}, "waiting"],
    ["in doubt goes back", { phase: "inconclusive", ...touched }, {}, "reverting"],
    ["that is done bakes", { phase: "stepped", ...touched }, {}, "stepped"],
    [
      "that is done goes back with its region",
      { phase: "stepped", ...touched },
      { scope: "region", instances: ["eu1"] },
      "reverting",
    ],
    ["that is sealed stays", { phase: "sealed", ...touched }, {}, "sealed"],
    [
      "that is sealed stays when another region goes back",
      { phase: "sealed", ...touched },
      { scope: "region" },
      "sealed",
    ],
    [
      "that is sealed goes back with its region",
      { phase: "sealed", ...touched },
      { scope: "region", instances: ["eu1"] },
      "reverting",
    ],
    [
      "that is sealed goes back with everything",
      { phase: "sealed", ...touched },
      { scope: "all" },
      "reverting",
    ],
    ["that asks goes on asking", { phase: "asking", ...touched }, {}, "asking"],
    [
      "that asks goes back when a person aborts",
      { phase: "asking", ...touched },
      { rule: "abort" },
      "reverting",
    ],
    ["that was left stays", { phase: "left", ...touched }, { scope: "all" }, "left"],
    [
      "that was left goes back when a person takes everything back",
      { phase: "left", ...touched },
      { scope: "all", rule: "abort" },
      "reverting",
    ],
  ])("%s", (_name, from, change, phase) => {
    const it = { ...state.instances.get("eu1")!, ...from };
    expect(underHalt(it, { ...halt, ...change }, state).phase).toBe(phase);
  });

  test("is bad from then on when it goes back", () => {
    const it: InstanceState = { ...state.instances.get("eu1")!, phase: "stepping", touched: 1 };
    expect(underHalt(it, halt, state).bad).toMatchObject({ as: "rolled back" });
  });

  test("waits for what is pending", () => {
    const pending = { kind: "apply", instance: "eu1", step: 0, attempt: 1 } as const;
    const it: InstanceState = {
      ...state.instances.get("eu1")!,
      phase: "stepping",
      touched: 1,
      pending,
    };
    expect(underHalt(it, halt, state)).toBe(it);
  });
});

describe("the end", () => {
  test("comes when every lock is given back, or named as not given back", () => {
    const itinerary = smallItinerary({ regions: { eu: [["eu1", "eu2"]] } });
    const { state, actions } = drive(itinerary, failing("release eu1"));
    expect(state.closed).toBe("sealed");
    expect([...state.lingering]).toEqual(["eu1"]);
    expect(actions.filter((it) => it === "release eu1")).toHaveLength(2);
  });

  test("does not come while anything is pending", () => {
    const itinerary = smallItinerary({ regions: { eu: [["eu1", "eu2"]] }, concurrency: 2 });
    const { events } = drive(itinerary, () => null);
    const last = kinds(events).lastIndexOf("outcome");
    expect(kinds(events).indexOf("closed")).toBeGreaterThan(last);
  });
});

test("a new runner goes by its own epoch, and by no pause of an earlier one", () => {
  const itinerary = smallItinerary({ regions: { eu: [["eu1"]] } });
  const { state } = drive(itinerary, () => null, { until: (it) => it.mode === "forward" });
  const paused = evolve(state, {
    kind: "asked",
    wish: { kind: "pause" },
    by: "somebody",
    reason: "",
  });
  const next = evolve(paused, { kind: "taken-up", runner: "next", epoch: 7 });
  expect(next).toMatchObject({ epoch: 7, held: null, parked: null });
});
