import { describe, expect, test } from "vitest";
import { decide } from "../../src/core/decide.ts";
import { harmOf } from "../../src/core/did-harm.ts";
import type { RolloutEvent, Wish } from "../../src/core/event.ts";
import { evolve } from "../../src/core/evolve.ts";
import { lateHarmSeen, watchedIn } from "../../src/core/after-late-harm.ts";
import type { LateHarm } from "../../src/core/late-harm.ts";
import { brokenPromises } from "../../src/core/promises.ts";
import type { RolloutState } from "../../src/core/state.ts";
import { drive, type Driven } from "../support/drive.ts";
import { smallItinerary, type SmallWorld } from "../support/small-itinerary.ts";

const regions = { eu: [["eu1"], ["eu2"]], us: [["us1", "us2"]], ap: [["ap1"]] };

const harm: LateHarm = {
  instance: "eu1",
  is: "lost",
  says: '1 entry is gone below "/srv/app/tmp" (keep): /srv/app/tmp/a',
  path: "/srv/app/tmp",
  count: 1,
  examples: ["/srv/app/tmp/a"],
};

/** A rollout that is looked at, up to where `until` holds. */
function upTo(until: (state: RolloutState) => boolean, world: Partial<SmallWorld> = {}): Driven {
  const steps = [{}, {}];
  const itinerary = smallItinerary({ regions, watch: { everyMs: 30_000 }, steps, ...world });
  return drive(itinerary, () => null, { until });
}

/** us1 is at its step. */
const inUs = (state: RolloutState): boolean =>
  state.instances.get("us1")?.pending?.kind === "apply";

function seen(state: RolloutState, late: LateHarm = harm): RolloutState {
  const event = lateHarmSeen(state, late);
  if (event === null) throw new Error("nothing is written");
  const after = evolve(state, event);
  expect(brokenPromises(state, event, after)).toEqual([]);
  return after;
}

/** Goes on from here by itself, and keeps what it promises. */
function goOn(from: RolloutState): Driven {
  const driven = drive(from.itinerary, () => null, { from });
  let state = from;
  for (const event of driven.events) {
    const after = evolve(state, event);
    expect(brokenPromises(state, event, after)).toEqual([]);
    state = after;
  }
  return driven;
}

function ask(state: RolloutState, wish: Wish): RolloutState {
  return evolve(state, { kind: "asked", wish, by: "ann@desk", reason: "seen to" });
}

function phases(state: RolloutState): Readonly<Record<string, string>> {
  return Object.fromEntries([...state.instances.values()].map((it) => [it.name, it.phase]));
}

describe("harm on a sealed instance while the rollout goes on elsewhere", () => {
  test("makes it bad, halts by the same rule, and says who, where and while what", () => {
    const state = seen(upTo(inUs).state);
    expect(state.instances.get("eu1")?.bad).toMatchObject({
      as: "contract broken",
      step: null,
      late: { during: "us" },
      failure: { code: "LATE_HARM", path: "/srv/app/tmp" },
    });
    const { state: ended } = goOn(state);
    expect(ended.halt).toMatchObject({
      rule: "max-bad-batch",
      where: "eu batch 1",
      instances: ["eu1"],
      late: [{ instance: "eu1", region: "eu", during: "us" }],
      sentence:
        "1 bad in eu batch 1 (eu1), at most 0 allowed; eu1 of region eu was sealed and turned bad while region us was under way",
    });
    expect(ended.closed).toBe("halted");
    expect(harmOf(ended)).toContain("eu1 was sealed, and turned bad while region us was under way");
  });

  test("goes back, and whoever was under way with it; who was sealed well stays", () => {
    const { state, events } = goOn(seen(upTo(inUs).state));
    expect(phases(state)).toEqual({
      eu1: "rolled-back",
      eu2: "sealed",
      us1: "rolled-back",
      us2: "waiting",
      ap1: "waiting",
    });
    const at = (fits: (event: RolloutEvent) => boolean): number => events.findIndex(fits);
    const back = at((it) => it.kind === "intent" && it.action.kind === "revert");
    expect(at((it) => it.kind === "halting")).toBeLessThan(back);
    expect(
      events.some((it) => it.kind === "intent" && ["begin", "snapshot"].includes(it.action.kind)),
    ).toBe(false);
  });

  test.each([
    ["halt", { eu1: "left", eu2: "sealed", us1: "left" }],
    ["ask", { eu1: "asking", eu2: "sealed", us1: "rolled-back" }],
    ["rollback-region", { eu1: "rolled-back", eu2: "rolled-back", us1: "rolled-back" }],
    ["rollback-all", { eu1: "rolled-back", eu2: "rolled-back", us1: "rolled-back" }],
  ] as const)("does what the plan's onFail says: %s", (onFail, want) => {
    const { state } = goOn(seen(upTo(inUs, { onFail }).state));
    expect(phases(state)).toMatchObject(want);
  });

  test("counts as failed where a probe fails, and only once", () => {
    const late: LateHarm = { instance: "eu2", is: "unhealthy", says: "probe ui fails" };
    const state = seen(upTo(inUs).state, late);
    expect(state.instances.get("eu2")?.bad).toMatchObject({ as: "failed" });
    expect(lateHarmSeen(state, late)).toBeNull();
  });

  test("of several seen at once each counts, also once the first has halted it", () => {
    const first = seen(upTo(inUs).state);
    const halted = drive(first.itinerary, () => null, {
      from: first,
      until: (state) => state.mode === "halting",
    }).state;
    const both = seen(halted, { ...harm, instance: "eu2" });
    const { state } = goOn(both);
    expect(phases(state)).toMatchObject({ eu1: "rolled-back", eu2: "rolled-back" });
  });

  test("in the region that is under way itself, its later batch goes back too", () => {
    const { state } = upTo((it) => it.instances.get("eu2")?.pending?.kind === "apply");
    const { state: ended } = goOn(seen(state));
    expect(ended.halt?.late).toEqual([{ instance: "eu1", region: "eu", during: "eu" }]);
    expect(phases(ended)).toMatchObject({ eu1: "rolled-back", eu2: "rolled-back", us1: "waiting" });
  });

  test("after the end of everything is told, and nothing comes of it", () => {
    const { state } = upTo((it) => it.released.size > 0);
    expect(state.closed).toBeNull();
    const event = lateHarmSeen(state, harm);
    expect(event).toMatchObject({ kind: "noted", note: { kind: "remark", instance: "eu1" } });
    expect(evolve(state, event!).instances).toBe(state.instances);
  });
});

describe("harm on a sealed instance that maxBad tolerates", () => {
  const tolerant = { maxBad: 1, concurrency: 1 };

  test("brings what has begun to its end, begins nothing, and waits for a decision", () => {
    const { state } = goOn(seen(upTo(inUs, tolerant).state));
    expect(state.parked).toEqual({ kind: "bad-in-region", region: "eu", instances: ["eu1"] });
    expect(phases(state)).toEqual({
      eu1: "rolled-back",
      eu2: "sealed",
      us1: "sealed",
      us2: "waiting",
      ap1: "waiting",
    });
    expect(state.halt).toBeNull();
  });

  test("goes on once it is excluded, and is not green in the end", () => {
    const parked = goOn(seen(upTo(inUs, tolerant).state)).state;
    const decided = ask(parked, { kind: "decide", instance: "eu1", choice: "exclude" });
    const { state, events } = goOn(decided);
    expect(events[0]).toEqual({ kind: "region-sealed", region: "eu" });
    expect(phases(state)).toMatchObject({ us2: "sealed", ap1: "sealed", eu1: "rolled-back" });
    expect(state.closed).toBe("halted");
  });

  test("takes a new snapshot of what waited for that decision before it was touched", () => {
    const { state } = upTo((it) => it.instances.get("us1")?.pending?.kind === "snapshot", tolerant);
    const waiting = goOn(seen(state)).state;
    const us1 = waiting.instances.get("us1");
    expect(us1).toMatchObject({ phase: "stepping", touched: 0, snapshotted: true });
    const decided = ask(waiting, { kind: "decide", instance: "eu1", choice: "exclude" });
    const { actions } = goOn(decided);
    expect(actions.indexOf("snapshot us1/0")).toBeLessThan(actions.indexOf("apply us1/0"));
    expect(decided.instances.get("us1")).toMatchObject({ snapshotted: false, generation: 2 });
  });

  test("does not let the next region begin that an approval was given for", () => {
    const world = { ...tolerant, approve: ["us"] };
    const waiting = upTo((it) => it.regions[1]?.stage === "approval", world).state;
    const harmed = seen(waiting);
    const approved = ask(harmed, { kind: "approve", region: "us" });
    const { state, events } = goOn(approved);
    expect(events.some((it) => it.kind === "region-started")).toBe(false);
    expect(state.parked).toMatchObject({ kind: "bad-in-region", region: "eu" });
  });
});

describe("who is looked at", () => {
  test("is sealed, in whatever region, while something is under way", () => {
    expect(watchedIn(upTo(inUs).state)).toEqual(["eu1", "eu2"]);
    expect(watchedIn(upTo((it) => it.instances.get("eu1")?.phase === "baking").state)).toEqual([]);
  });

  test("is nobody where the plan says so, or nothing is under way any more", () => {
    const itinerary = smallItinerary({ regions });
    const off = drive(itinerary, () => null, { until: inUs }).state;
    expect(watchedIn(off)).toEqual([]);
    expect(watchedIn(upTo((it) => it.released.size > 0).state)).toEqual([]);
    expect(watchedIn(upTo(() => false).state)).toEqual([]);
  });

  test.each<[string, Wish]>([
    ["a pause", { kind: "pause" }],
    ["an abort", { kind: "abort", rollback: false }],
    ["a signal", { kind: "interrupt", signal: "SIGINT" }],
  ])("is nobody any more after %s", (_name, wish) => {
    expect(watchedIn(ask(upTo(inUs).state, wish))).toEqual([]);
  });

  test("goes on while a halt takes others back", () => {
    const state = seen(upTo(inUs, { concurrency: 3 }).state);
    const halted = evolve(state, { kind: "halting", halt: goOn(state).state.halt! });
    expect(watchedIn(halted)).toEqual(["eu2"]);
    expect(decide(halted).map(({ kind, instance }) => `${kind} ${instance}`)).toContain(
      "revert eu1",
    );
  });
});
