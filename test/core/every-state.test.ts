import { describe, expect, test } from "vitest";
import { decide } from "../../src/core/decide.ts";
import { due } from "../../src/core/due.ts";
import type { Wish } from "../../src/core/event.ts";
import { evolve } from "../../src/core/evolve.ts";
import { brokenPromises } from "../../src/core/promises.ts";
import { openRollout, type RolloutState } from "../../src/core/state.ts";
import { isLong, longOnly } from "../support/long-suite.ts";
import { smallItinerary, type SmallWorld } from "../support/small-itinerary.ts";
import { describeState, keyOf, successors } from "../support/small-worlds.ts";

interface WalkedWorld extends SmallWorld {
  /** No answer is ever lost. */
  readonly silent?: true;
  /** It has so many states that only the long suite goes through them. */
  readonly large?: true;
}

/** Every world is walked whole: each action with each outcome, a crash and a wish at every point. */
const worlds: readonly (readonly [string, WalkedWorld, readonly Wish[]])[] = [
  [
    "two regions, rollback, the first bad instance halts",
    { regions: { eu: [["eu1"], ["eu2"]], us: [["us1"]] }, steps: [{}, {}], concurrency: 1 },
    [{ kind: "interrupt", signal: "SIGINT" }],
  ],
  [
    "two at once, one bad is tolerated",
    { regions: { eu: [["eu1", "eu2"]], us: [["us1"]] }, maxBad: 1, silent: true, large: true },
    [{ kind: "decide", instance: "eu1", choice: "exclude" }],
  ],
  [
    "rollback-all with an abort at any time",
    { regions: { eu: [["eu1"]], us: [["us1"]] }, onFail: "rollback-all", large: true },
    [
      { kind: "abort", rollback: false },
      { kind: "abort", rollback: true },
    ],
  ],
  [
    "sealed instances that turn bad later, which halts",
    {
      regions: { eu: [["eu1"], ["eu2"]], us: [["us1"]] },
      watch: { everyMs: 30_000 },
      onFail: "rollback-region",
      silent: true,
      large: true,
      concurrency: 1,
    },
    [{ kind: "abort", rollback: false }],
  ],
  [
    "sealed instances that turn bad later, which is tolerated until it is decided",
    {
      regions: { eu: [["eu1"]], us: [["us1"]] },
      watch: { everyMs: 30_000 },
      maxBad: 1,
      silent: true,
      large: true,
      concurrency: 1,
    },
    [{ kind: "decide", instance: "eu1", choice: "exclude" }],
  ],
  [
    "sealed instances that turn bad later, under onFail: ask",
    {
      regions: { eu: [["eu1"]], us: [["us1"]] },
      watch: { everyMs: 30_000 },
      onFail: "ask",
      maxBad: 1,
      silent: true,
    },
    (["rollback", "leave", "exclude"] as const).map((choice) => ({
      kind: "decide",
      instance: "eu1",
      choice,
    })),
  ],
  [
    "rollback-region, approval, undo afterwards",
    {
      large: true,
      regions: { eu: [["eu1"], ["eu2"]] },
      onFail: "rollback-region",
      approve: ["eu"],
      silent: true,
    },
    [{ kind: "approve", region: "eu" }, { kind: "undo" }],
  ],
  [
    "maintenance windows that open and close, two people, and an override",
    {
      regions: { eu: [["eu1"], ["eu2"]] },
      windows: ["eu"],
      approve: ["eu"],
      approvals: { eu: { by: 2, from: null, expiresMs: 3_600_000, starter: false } },
      silent: true,
      concurrency: 1,
    },
    [
      { kind: "approve", region: "eu", at: "2026-01-01T02:30:00Z" },
      { kind: "override-window", region: "eu" },
    ],
  ],
  [
    "an emergency that somebody approves, and a pause",
    {
      regions: { eu: [["eu1"], ["eu2"]] },
      emergency: { bake: { stableMs: 500 }, approvers: ["somebody"], starter: true },
      silent: true,
      concurrency: 1,
    },
    [{ kind: "approve-emergency", digest: "0".repeat(64) }, { kind: "pause" }],
  ],
  [
    "onFail: ask, with every decision",
    { large: true, regions: { eu: [["eu1", "eu2"]] }, onFail: "ask", silent: true },
    (["accept", "retry", "rollback", "leave", "exclude"] as const).map((choice) => ({
      kind: "decide",
      instance: "eu1",
      choice,
    })),
  ],
  [
    "onFail: halt leaves the instance as it is",
    { regions: { eu: [["eu1", "eu2"]] }, onFail: "halt", silent: true, large: true },
    [{ kind: "reconcile" }, { kind: "release-lock", instance: "eu1", reason: "mended" }],
  ],
  [
    "a retried idempotent step and one that leaves no receipt",
    {
      regions: { eu: [["eu1"]], us: [["us1"]] },
      steps: [{ idempotent: true, retries: 1 }, { work: { kind: "http", args: {} } }],
      silent: true,
    },
    [{ kind: "abort", rollback: false }, { kind: "reconcile" }],
  ],
  [
    "one instance whose answers are lost, with every decision",
    { regions: { eu: [["eu1"]] }, onFail: "ask" },
    [
      { kind: "decide", instance: "eu1", choice: "accept" },
      { kind: "decide", instance: "eu1", choice: "leave" },
      { kind: "decide", instance: "eu1", choice: "rollback" },
      { kind: "undo" },
      { kind: "reconcile" },
    ],
  ],
];

describe("in every state that a small rollout can reach", () => {
  describe.each(worlds)("%s", (_name, world, wishes) => {
    const later = world.large === true && !isLong;
    test.skipIf(later)(`promises hold and an abort ends${later ? longOnly : ""}`, () => {
      const { count, broken, endless } = walk(world, wishes);
      expect(broken).toEqual([]);
      expect(endless).toEqual([]);
      expect(count).toBeGreaterThan(50);
      expect(count).toBeLessThan(statesMax);
    });
  });
});

interface Walk {
  readonly count: number;
  /** Sentences of promises that some event broke. */
  readonly broken: readonly string[];
  /** The first few states from which an abort does not end. */
  readonly endless: readonly string[];
}

function walk(world: WalkedWorld, wishes: readonly Wish[]): Walk {
  const seen = new Set<string>();
  const broken = new Set<string>();
  const endless: string[] = [];
  const start = openRollout(smallItinerary(world));
  seen.add(keyOf(start));
  const queue = [start];
  while (queue.length > 0 && seen.size < statesMax) {
    const state = queue.pop()!;
    if (endless.length < 3 && !abortEnds(state)) endless.push(describeState(state));
    for (const event of successors(state, wishes, world.silent === true)) {
      const after = evolve(state, event);
      for (const sentence of brokenPromises(state, event, after)) broken.add(sentence);
      if (event.kind === "parked" && after.mode === "halting" && event.why.kind !== "ask")
        broken.add(`a halt stands still: ${describeState(after)}`);
      const key = keyOf(after);
      if (seen.has(key)) continue;
      seen.add(key);
      queue.push(after);
    }
    if (broken.size > 5) break;
  }
  return { count: seen.size, broken: [...broken], endless };
}

/** A world that grows beyond this is not small: the test says so by its count. */
const statesMax = 150_000;

/** Invariant 15: from here an abort leads to the close, when the hosts answer, in few records. */
function abortEnds(from: RolloutState): boolean {
  if (from.closed !== null) return true;
  let state = evolve(from, {
    kind: "asked",
    wish: { kind: "abort", rollback: false },
    by: "somebody",
    reason: "",
  });
  for (let records = 0; records < 200; records++) {
    if (state.closed !== null) return true;
    const next = due(state);
    const pending = [...state.instances.values()].find((it) => it.pending !== null)?.pending;
    const [action] = decide(state);
    if (next !== null) state = evolve(state, next);
    else if (action !== undefined) state = evolve(state, { kind: "intent", action });
    else if (pending)
      state = evolve(state, { kind: "outcome", action: pending, outcome: { is: "done" } });
    else return false;
  }
  return false;
}
