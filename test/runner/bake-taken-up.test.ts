import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EvidenceGoal } from "../../src/core/plan/metric.ts";
import type { Bake } from "../../src/core/plan/plan.ts";
import {
  type Asked,
  type MeasuredEnd,
  measuredRollout,
  type MeasuredWorld,
  metricOf,
  plainBake,
} from "./support/measured-rollout.ts";

// A bake that waits for evidence, and whose runner is killed in the middle: what was counted by then is
// neither lost nor counted twice, and its deadline comes no later for it.

const goal = (metric: string, is: EvidenceGoal["is"], number: number): EvidenceGoal => ({
  metric,
  is,
  number,
  written: `${metric} ${is} ${number}`,
});
const until = (and: EvidenceGoal): Bake => ({
  ...plainBake,
  until: { timeMs: 0, and },
  deadlineMs: 120_000,
});
const counter = (name: string) => metricOf({ name, as: "counter", better: null });
/** So many a second, since long before. */
const busy =
  (perSecond: number) =>
  ({ atMs }: Asked) => ({ value: 5_000 + Math.floor((perSecond * atMs) / 1_000) });

/** Two a second, by a process that begins anew in the middle. */
const restartedAt30s = ({ atMs }: Asked) => ({
  value: Math.floor((atMs < 30_000 ? atMs + 900_000 : atMs - 30_000) / 500),
});

const requests: MeasuredWorld = {
  regions: { eu: [1] },
  metrics: [counter("requests")],
  bake: until(goal("ui.requests", ">=", 100)),
  gives: busy(2),
};

/** Dies once, when so much was seen, and is away for so long. */
function diesAt(seen: number, awayMs = 0): NonNullable<MeasuredWorld["dies"]> {
  let isOver = false;
  return (event) => {
    if (isOver || event.kind !== "noted" || event.note.kind !== "bake.evidence") return null;
    if (event.note.seen < seen) return null;
    isOver = true;
    return awayMs;
  };
}

/** Dies after each of these records, from 1, counted over all runners. */
function diesAtRecords(deaths: ReadonlyMap<number, number>): NonNullable<MeasuredWorld["dies"]> {
  let count = 0;
  return () => deaths.get(++count) ?? null;
}

const seen = ({ notes }: MeasuredEnd): readonly number[] =>
  notes.flatMap((note) => (note.kind === "bake.evidence" ? [note.seen] : []));

describe("a bake that was taken up", () => {
  test("goes on counting where it was, and is stable anew", async () => {
    const whole = await measuredRollout(requests);
    const it = await measuredRollout({ ...requests, dies: diesAt(60) });
    expect([it.state.closed, it.runners]).toEqual(["sealed", 2]);
    expect(seen(it).at(-1)).toBe(100);
    expect(seen(it)).toEqual(seen(it).toSorted((one, other) => one - other));
    expect(it.tookMs).toBeLessThan(whole.tookMs + 2_000);
  });

  test("counts what came while nobody ran it, once", async () => {
    const it = await measuredRollout({ ...requests, dies: diesAt(50, 15_000) });
    expect(it.state.closed).toBe("sealed");
    expect(seen(it).filter((each) => each > 50)[0]).toBeGreaterThanOrEqual(80);
    // Begun at 25 s, away until 40 s: enough at 50 s, and stable for 10 s by then.
    expect(it.tookMs).toBeLessThan(56_000);
  });

  test("forgets no error that it has counted", async () => {
    const errors: MeasuredWorld = {
      ...requests,
      metrics: [counter("errors")],
      bake: until(goal("ui.errors", "<=", 3)),
      // Ten of them right after the step, and none from then on.
      gives: ({ changed, times }) => ({ value: changed ? Math.min(10, times) : 0 }),
      dies: diesAt(3),
    };
    const it = await measuredRollout(errors);
    expect(it.runners).toBe(2);
    expect(it.state.parked).toEqual({ kind: "inconclusive", instances: ["eu1"] });
    expect(it.state.instances.get("eu1")?.doubt?.message).toMatch(/ui\.errors is 10, and/);
  });

  test("bears a counter that began anew meanwhile, and is never too large by that", async () => {
    const it = await measuredRollout({
      ...requests,
      gives: restartedAt30s,
      dies: diesAt(50, 10_000),
    });
    expect(it.state.closed).toBe("sealed");
    expect(seen(it).at(-1)).toBeLessThanOrEqual(102);
    expect(it.tookMs).toBeGreaterThan(49_000);
  });

  test("keeps its deadline, however often it is killed", async () => {
    let bornMs = 0;
    // No runner lives for longer than half a minute: its next note of the evidence is its last.
    const dies: MeasuredWorld["dies"] = (event, atMs) => {
      if (event.kind === "taken-up") bornMs = atMs;
      const isTold = event.kind === "noted" && event.note.kind === "bake.evidence";
      return isTold && atMs - bornMs >= 30_000 ? 0 : null;
    };
    const it = await measuredRollout({ ...requests, gives: busy(0.2), dies });
    expect(it.runners).toBeGreaterThan(3);
    expect(it.state.parked).toEqual({ kind: "inconclusive", instances: ["eu1"] });
    expect(it.state.instances.get("eu1")?.doubt).toMatchObject({
      code: "EVIDENCE_MISSING",
      message: expect.stringMatching(/after (2m|1[23]\ds), ui\.requests is \d\d?, and/),
    });
    // In the end there is time for one healthy stretch, and no more.
    expect(it.tookMs).toBeLessThan(120_000 + 16_000 + 2_000);
  });

  test("lets the night pass in which nobody ran it: that is no time that it was watched", async () => {
    const it = await measuredRollout({ ...requests, dies: diesAt(20, 8 * 3_600_000) });
    expect(it.state.closed).toBe("sealed");
  });

  test("begins anew where a person has it looked at again", async () => {
    const it = await measuredRollout({ ...requests, gives: busy(0.5) });
    expect(it.state.parked?.kind).toBe("inconclusive");
    expect(it.state.bakes.size).toBe(0);
  });
});

test("wherever runners are killed, each count is what the instance has shown since its bake began", async () => {
  const death = fc.tuple(fc.integer({ min: 8, max: 60 }), fc.constantFrom(0, 0, 700, 9_000));
  await fc.assert(
    fc.asyncProperty(
      fc.array(death, { maxLength: 4 }),
      fc.constantFrom(1, 2, 7, 40),
      async (deaths, perSecond) => {
        const it = await measuredRollout({
          ...requests,
          gives: busy(perSecond),
          dies: diesAtRecords(new Map(deaths)),
        });
        const told = it.notes.flatMap((note) => (note.kind === "bake.evidence" ? [note] : []));
        const [first] = told;
        for (const each of told)
          expect(each.seen).toBe((each.value ?? 0) - (first?.value ?? 0) + (first?.seen ?? 0));
        expect(first?.seen).toBe(0);
        expect(it.state.closed).toBe("sealed");
        expect(seen(it).at(-1)).toBeGreaterThanOrEqual(100);
      },
    ),
    { numRuns: 60 },
  );
});
