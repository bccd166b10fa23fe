import { describe, expect, test } from "vitest";
import { emergencyBake, emergencyTrouble } from "../../src/core/emergency.ts";
import type { Wish } from "../../src/core/event.ts";
import { evolve } from "../../src/core/evolve.ts";
import { freeze } from "../../src/core/freeze.ts";
import type { Inventory } from "../../src/core/plan/inventory.ts";
import { openRollout, type RolloutState } from "../../src/core/state.ts";
import { drive } from "../support/drive.ts";
import { smallItinerary } from "../support/small-itinerary.ts";

const emergency = { bake: { stableMs: 500 }, approvers: ["ann", "bob"], starter: false };
const itinerary = smallItinerary({ regions: { eu: [["a"]], us: [["b"]] }, emergency });
const started: RolloutState = { ...openRollout(itinerary), startedBy: "ann@desk" };
const approve: Wish = {
  kind: "approve-emergency",
  at: "2026-01-01T00:00:00Z",
  digest: "0".repeat(64),
};

const parked = drive(itinerary, () => null, { from: started });

function ask(state: RolloutState, wish: Wish, by: string): RolloutState {
  return evolve(state, { kind: "asked", wish, by, reason: "users wait" });
}

describe("a rollout that was started as an emergency", () => {
  test("looks at every instance, and touches none before somebody has approved it", () => {
    expect(parked.actions).toEqual(["preflight a", "preflight b"]);
    expect(parked.state.parked).toEqual({ kind: "emergency" });
    const taken = evolve(parked.state, { kind: "taken-up", runner: "next", epoch: 2 });
    expect(drive(itinerary, () => null, { from: taken }).actions).toEqual([]);
  });

  test("goes to its end once somebody has, and asks for nobody again", () => {
    const { state } = drive(itinerary, () => null, {
      from: ask(parked.state, approve, "bob@home"),
    });
    expect([state.closed, state.emergency]).toEqual([
      "sealed",
      { by: "bob@home", at: "2026-01-01T00:00:00Z" },
    ]);
  });

  test.each<[string, Wish, string]>([
    ["who is not named", approve, "eve@home"],
    ["who started it", approve, "ann@elsewhere"],
    ["of another digest", { ...approve, digest: "f".repeat(64) }, "bob@home"],
    ["of a region", { kind: "approve", region: "eu" }, "bob@home"],
  ])("is not approved by somebody %s", (_who, wish, by) => {
    expect(ask(parked.state, wish, by)).toBe(parked.state);
  });

  test("still asks for the approval that a region takes, and waits for its window", () => {
    const both = smallItinerary({
      regions: { eu: [["a"]] },
      emergency,
      approve: ["eu"],
      windows: ["eu"],
    });
    const noon = { now: "2026-01-01T12:00:00Z" };
    const waits = drive(both, () => null, { from: { ...openRollout(both) }, ...noon }).state;
    expect(waits.parked).toEqual({ kind: "emergency" });
    const first = drive(both, () => null, { from: ask(waits, approve, "bob"), ...noon }).state;
    expect(first.parked).toEqual({ kind: "approval", region: "eu" });
    const wish: Wish = { kind: "approve", region: "eu" };
    const second = drive(both, () => null, { from: ask(first, wish, "eve"), ...noon });
    expect(second.state.parked).toMatchObject({ kind: "window", region: "eu" });
    expect(second.actions).toEqual([]);
  });
});

describe("what an emergency changes", () => {
  const usual = { settleMs: 5_000, stableMs: 600_000, retryMs: 60_000 };
  const small = smallItinerary({ regions: { eu: [["a"]], us: [["b"]] } });
  const base = small.plan;
  const policy = { bake: { stableMs: 20_000 }, approvers: ["ann"], starter: true };
  const rollout = { ...base.rollout, bake: usual, bakeFirst: { ...usual, settleMs: 9_000 } };
  const plan = { ...base, rollout: { ...rollout, emergency: policy } };
  const inventory: Inventory = {
    name: "small",
    production: true,
    spool: "/var/lib/handrail",
    regions: Object.values(small.instances).map((it) => ({
      name: it.region,
      timezone: null,
      maintenance: [],
      instances: [{ ...it, index: null, labels: {}, vars: {} }],
    })),
  };
  const order = { plan, inventory, files: {}, rollout: "r", digest: "d" };

  test("is the bakes as far as the plan says, in every region, and nothing else", () => {
    const [plain, short] = [freeze(order), freeze({ ...order, emergency: "users wait" })];
    expect(short.regions.map(({ bake }) => bake)).toEqual([
      { settleMs: 9_000, stableMs: 20_000, retryMs: 60_000 },
      { settleMs: 5_000, stableMs: 20_000, retryMs: 60_000 },
    ]);
    expect(short.emergency).toEqual({
      reason: "users wait",
      rule: { by: 1, from: ["ann"], expiresMs: null, starter: true },
    });
    const { emergency: _asked, regions, ...rest } = short;
    const bakesAside = regions.map((region, at) => ({ ...region, bake: plain.regions[at]?.bake }));
    expect({ ...rest, regions: bakesAside }).toEqual(plain);
  });

  test("is the time of `until`, and what that waits for beside it stays", () => {
    const goal = {
      metric: "ui.requests",
      is: ">=",
      number: 100,
      written: "ui.requests >= 100",
    } as const;
    const long = { ...usual, until: { timeMs: 900_000, and: goal }, deadlineMs: 2_700_000 };
    const asked = {
      ...plan,
      rollout: { ...rollout, bake: long, emergency: { ...policy, bake: { untilMs: 60_000 } } },
    };
    const { regions } = freeze({ ...order, plan: asked, emergency: "users wait" });
    expect(regions.map(({ bake }) => bake.until)).toEqual([
      undefined,
      { timeMs: 60_000, and: goal },
    ]);
    expect(regions[1]?.bake).toEqual({ ...long, until: { timeMs: 60_000, and: goal } });
  });

  test.each([
    ["a plan that declares none", base, "ann", /declares nothing for one/],
    [
      "one that only its starter could approve",
      { ...plan, rollout: { ...rollout, emergency: { ...policy, starter: false } } },
      "ann@desk",
      /only ann may approve an emergency/,
    ],
    ["one whose starter may approve it", plan, "ann@desk", /^nothing$/],
    ["one that somebody else may approve", plan, "bob@desk", /^nothing$/],
  ])("is refused beforehand in %s", (_name, asked, by, why) => {
    const trouble = emergencyTrouble(asked, by);
    expect(trouble === null ? "nothing" : trouble.why).toMatch(why);
  });
});

test.each([
  ["is waited for as long as it says", 60_000, 60_000],
  ["never makes a bake longer", 900_000, 300_000],
])("what an emergency waits for beside health %s", (_what, untilMs, timeMs) => {
  const usual = {
    settleMs: 1_000,
    stableMs: 2_000,
    retryMs: 3_000,
    until: { timeMs: 300_000, and: null },
  };
  const { until } = emergencyBake(usual, { ...emergency, bake: { untilMs } });
  expect(until?.timeMs).toBe(timeMs);
});
