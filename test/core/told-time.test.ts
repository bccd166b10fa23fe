import { describe, expect, test } from "vitest";
import { due } from "../../src/core/due.ts";
import type { RolloutEvent, Wish } from "../../src/core/event.ts";
import { evolve } from "../../src/core/evolve.ts";
import type { ApprovalRule } from "../../src/core/plan/plan.ts";
import { brokenPromises } from "../../src/core/promises.ts";
import { openRollout, type RolloutState } from "../../src/core/state.ts";
import { toldTime } from "../../src/core/told-time.ts";
import { drive } from "../support/drive.ts";
import { smallItinerary, type SmallWorld } from "../support/small-itinerary.ts";

/** The small worlds' windows are from 02:00 to 05:00 UTC. */
const before = "2026-01-01T01:00:00Z";
const within = "2026-01-01T03:00:00Z";
const after = "2026-01-01T06:00:00Z";

/** Goes as far as it can while it is `now`, every host answering well. */
function goOn(from: RolloutState, now: string): RolloutState {
  return drive(from.itinerary, () => null, { from, now }).state;
}

const world = (it: Partial<SmallWorld> = {}): RolloutState =>
  openRollout(smallItinerary({ regions: { eu: [["eu1"], ["eu2"]] }, windows: ["eu"], ...it }));

const phases = (state: RolloutState): string[] =>
  [...state.instances.values()].map((it) => it.phase);

const asked = (wish: Wish, by = "bob@desk"): RolloutEvent => ({
  kind: "asked",
  wish,
  by,
  reason: "",
});

const takenUp: RolloutEvent = { kind: "taken-up", runner: "next", epoch: 2 };

describe("a region with a maintenance window", () => {
  test("is looked at before it opens, and touched only when it is open", () => {
    const early = goOn(world(), before);
    expect(early.parked).toEqual({
      kind: "window",
      region: "eu",
      opens: "2026-01-01T02:00:00.000Z",
    });
    expect(phases(early)).toEqual(["waiting", "waiting"]);
    const later = goOn(evolve(early, takenUp), within);
    expect([later.closed, ...phases(later)]).toEqual(["sealed", "sealed", "sealed"]);
  });

  test("stays parked for whoever resumes it too early, with the same opening", () => {
    const early = goOn(world(), before);
    expect(goOn(evolve(early, takenUp), before).parked).toEqual(early.parked);
  });

  test("ends the batch that is under way when the window closes, and begins no other", () => {
    const open = drive(world().itinerary, () => null, {
      now: within,
      until: (state) => state.instances.get("eu1")?.phase === "stepping",
    }).state;
    const closed = goOn(open, after);
    expect(phases(closed)).toEqual(["sealed", "waiting"]);
    expect(closed.parked).toEqual({
      kind: "window",
      region: "eu",
      opens: "2026-01-02T02:00:00.000Z",
    });
    // The promise does not hang on `due` alone.
    const batch: RolloutEvent = { kind: "batch-started", region: "eu", batch: 1 };
    expect(brokenPromises(closed, batch, evolve(closed, batch))).toEqual([
      "5: something would begin in eu outside its maintenance window",
    ]);
  });

  test("goes back at any time", () => {
    const open = drive(world().itinerary, () => null, {
      now: within,
      until: (state) => state.instances.get("eu1")?.phase === "stepped",
    }).state;
    const aborted = evolve(open, asked({ kind: "abort", rollback: true }));
    expect(goOn(aborted, after).closed).toBe("halted");
  });

  test("goes on outside it once a person says so, also before it is asked for", () => {
    const override: Wish = { kind: "override-window", region: "eu" };
    expect(goOn(evolve(goOn(world(), before), asked(override)), before).closed).toBe("sealed");
    expect(goOn(evolve(world(), asked(override)), before).closed).toBe("sealed");
  });

  test("asks the clock again where it was set back, or what it said is over", () => {
    const told = evolve(goOn(world(), before), takenUp);
    expect(toldTime(told, before)).toBeNull();
    expect(toldTime(told, "2026-01-01T02:00:00.000Z")).toMatchObject({ open: true });
    expect(toldTime(told, "2025-12-31T03:00:00Z")).toMatchObject({ open: true });
  });

  test("holds up no region that has none", () => {
    const state = goOn(
      world({ regions: { eu: [["eu1"]], us: [["us1"]] }, windows: ["us"] }),
      before,
    );
    expect(phases(state)).toEqual(["sealed", "waiting"]);
    expect(state.parked).toMatchObject({ kind: "window", region: "us" });
  });
});

const approve = (at: string | undefined, digest?: string): Wish => ({
  kind: "approve",
  region: "eu",
  ...(at === undefined ? {} : { at }),
  ...(digest === undefined ? {} : { digest }),
});

describe("a region that takes people to begin", () => {
  const rule: ApprovalRule = {
    by: 2,
    from: ["ann", "bob", "eve"],
    expiresMs: 4 * 3_600_000,
    starter: false,
  };
  const opened = (given: Partial<ApprovalRule> = {}): RolloutState => {
    const approvals = { eu: { ...rule, ...given } };
    const state = world({ windows: [], approve: ["eu"], approvals });
    return { ...state, startedBy: "ann@laptop" };
  };
  type Given = readonly [by: string, at: string];
  const given = (state: RolloutState, votes: readonly Given[]): RolloutState =>
    votes.reduce((it, [by, at]) => evolve(it, asked(approve(at), by)), state);

  test.each<{ says: string; votes: readonly Given[]; rule?: Partial<ApprovalRule>; now?: string }>([
    {
      says: "two of those who are named",
      votes: [
        ["bob@desk", before],
        ["eve@desk", before],
      ],
    },
    { says: "one, where it takes one", votes: [["eve@desk", before]], rule: { by: 1 } },
    {
      says: "who began it, where the plan allows",
      votes: [
        ["ann@laptop", before],
        ["eve@desk", before],
      ],
      rule: { starter: true },
    },
    {
      says: "anybody, where nobody is named",
      votes: [
        ["joe@desk", before],
        ["eve@desk", before],
      ],
      rule: { from: null },
    },
    {
      says: "until they expire",
      votes: [
        ["bob@desk", before],
        ["eve@desk", before],
      ],
      now: "2026-01-01T04:59:00Z",
    },
    {
      says: "anew after they expired",
      votes: [
        ["bob@desk", before],
        ["eve@desk", before],
        ["bob@desk", after],
        ["eve@desk", after],
      ],
      now: "2026-01-01T07:00:00Z",
    },
  ])("begins for $says", ({ votes, rule: own, now = before }) => {
    expect(goOn(given(opened(own), votes), now).closed).toBe("sealed");
  });

  test.each<{ says: string; votes: readonly Given[]; now?: string; left: readonly string[] }>([
    { says: "one of two", votes: [["bob@desk", before]], left: ["bob@desk"] },
    {
      says: "one who asks twice, from two machines",
      votes: [
        ["bob@desk", before],
        ["bob@sofa", before],
      ],
      left: ["bob@desk"],
    },
    {
      says: "somebody who is not named",
      votes: [
        ["joe@desk", before],
        ["eve@desk", before],
      ],
      left: ["eve@desk"],
    },
    {
      says: "who began it, from another machine",
      votes: [
        ["ann@desk", before],
        ["eve@desk", before],
      ],
      left: ["eve@desk"],
    },
    {
      says: "two, the first of whom is too old by the second",
      votes: [
        ["bob@desk", before],
        ["eve@desk", after],
      ],
      now: after,
      left: ["eve@desk"],
    },
    {
      says: "two that are too old by the time it could begin",
      votes: [
        ["bob@desk", before],
        ["eve@desk", before],
      ],
      now: after,
      left: [],
    },
  ])("does not begin for $says", ({ votes, now = before, left }) => {
    const state = goOn(given(opened(), votes), now);
    expect(state.parked).toEqual({ kind: "approval", region: "eu" });
    expect(state.regions[0]?.votes.map((it) => it.by)).toEqual(left);
    expect(phases(state)).toEqual(["waiting", "waiting"]);
  });

  test("counts no approval of another digest", () => {
    const other = asked(approve(before, "f".repeat(64)), "bob@desk");
    expect(evolve(opened(), other).regions[0]?.votes).toEqual([]);
    const own = asked(approve(before, opened().itinerary.digest), "bob@desk");
    expect(evolve(opened(), own).regions[0]?.votes).toHaveLength(1);
  });

  test("waits for its window when it is approved, and for people again when that takes too long", () => {
    const state = world({ approve: ["eu"], approvals: { eu: { ...rule, by: 1 } } });
    const approved = evolve(state, asked(approve("2025-12-31T23:00:00Z")));
    const parked = goOn(approved, before);
    expect(parked.parked?.kind).toBe("window");
    expect(goOn(evolve(parked, takenUp), "2026-01-01T03:30:00Z").parked?.kind).toBe("approval");
  });

  test("reads approvals of 0.1, which say no time, as ones that never expire", () => {
    const state = evolve(world({ windows: [], approve: ["eu"] }), asked(approve(undefined)));
    expect(goOn(state, "2099-01-01T00:00:00Z").closed).toBe("sealed");
    expect(due(state)).toBeNull();
  });
});
