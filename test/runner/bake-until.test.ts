import { describe, expect, test } from "vitest";
import type { EvidenceGoal } from "../../src/core/plan/metric.ts";
import type { Bake } from "../../src/core/plan/plan.ts";
import {
  type Asked,
  measuredRollout,
  type MeasuredWorld,
  metricOf,
  plainBake,
} from "./support/measured-rollout.ts";

const and: EvidenceGoal = {
  metric: "ui.requests",
  is: ">=",
  number: 100,
  written: "ui.requests >= 100",
};
const bake: Bake = { ...plainBake, until: { timeMs: 0, and }, deadlineMs: 120_000 };
const requests = metricOf({ name: "requests", as: "counter", better: null });
/** So many requests a second, since long before. */
const busy =
  (perSecond: number) =>
  ({ atMs }: Asked) => ({
    value: 5_000 + Math.floor((perSecond * atMs) / 1_000),
  });
const one: MeasuredWorld = { regions: { eu: [1] }, metrics: [requests], bake, gives: busy(2) };

const restarted = ({ atMs }: Asked) => ({ value: Math.floor((atMs % 15_000) / 200) });
const breaksLater = ({ changed, times }: Asked) => (changed && times > 30 ? "fail" : "pass");
const onlyTheSecondIsIdle = (it: Asked) => busy(it.instance === "eu2" ? 0 : 50)(it);
/** Answers scatter by a fifth; the step makes them so many times slower. */
const slower =
  (factor: number) =>
  ({ changed, times }: Asked) => ({
    tookMs: (90 + ((times * 7) % 20)) * (changed ? factor : 1),
  });
const deaf = (it: Asked) => (it.changed ? slower(1)(it) : null);

describe("a bake that waits for evidence", () => {
  test("ends once the instance has shown enough, counted from its start", async () => {
    const { state, notes, tookMs } = await measuredRollout(one);
    expect(state.closed).toBe("sealed");
    expect(tookMs).toBeGreaterThan(49_000);
    expect(tookMs).toBeLessThan(60_000);
    const told = notes.filter((note) => note.kind === "bake.evidence");
    // Each tenth of the way, for whoever watches: not each answer.
    expect(told.map(({ seen }) => seen)).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
    expect(told.map(({ enough }) => enough)).toEqual([
      ...Array.from({ length: 10 }, () => false),
      true,
    ]);
    expect(told[0]).toMatchObject({
      metric: "ui.requests",
      written: "ui.requests >= 100",
      number: 100,
    });
  });

  test("tells whoever watches that it is healthy and waits, and until when at most", async () => {
    const { notes } = await measuredRollout(one);
    const stages = notes.filter((note) => note.kind === "bake.stage");
    expect(stages.map(({ stage, ofMs }) => [stage, ofMs])).toEqual([
      ["stable", 10_000],
      ["evidence", 120_000],
      // Its last look.
      ["stable", 10_000],
    ]);
    // Settled for 1 s and stable for 10 s of its 120.
    expect(stages[1]?.leftMs).toBe(109_000);
  });

  test("waits for a person at its deadline, and is never promoted by itself", async () => {
    const { state, tookMs } = await measuredRollout({ ...one, gives: busy(0.5) });
    expect(state.parked).toEqual({ kind: "inconclusive", instances: ["eu1"] });
    expect(state.instances.get("eu1")?.doubt).toMatchObject({
      code: "EVIDENCE_MISSING",
      message:
        "there is not enough to judge eu1 by: after 2m, ui.requests is 59, and ui.requests >= 100 is waited for",
    });
    expect(tookMs).toBeGreaterThanOrEqual(120_000);
  });

  test("bears a counter that begins anew, and tells it", async () => {
    const { state, notes } = await measuredRollout({ ...one, gives: restarted });
    expect(state.closed).toBe("sealed");
    expect(notes).toContainEqual({
      kind: "remark",
      instance: "eu1",
      text: "the counter ui.requests began anew, once in this bake; what was counted before still counts",
    });
  });

  test("lasts at least as long as the plan says", async () => {
    const timed = { ...bake, until: { timeMs: 90_000, and } };
    const { state, tookMs } = await measuredRollout({ ...one, bake: timed });
    expect([state.closed, tookMs >= 90_000]).toEqual(["sealed", true]);
  });

  test("is over as failed when health breaks for good meanwhile", async () => {
    const { state } = await measuredRollout({ ...one, health: breaksLater });
    expect(state.closed).toBe("halted");
    expect(state.instances.get("eu1")?.bad?.failure.code).toBe("PROBE_FAILED");
  });

  test("waits for each instance of a batch by itself", async () => {
    const { state } = await measuredRollout({
      ...one,
      regions: { eu: [3] },
      gives: onlyTheSecondIsIdle,
    });
    expect(state.parked).toEqual({ kind: "inconclusive", instances: ["eu2"] });
    expect(state.instances.get("eu1")?.phase).toBe("sealed");
  });
});

describe("an instance is compared with itself before it was touched", () => {
  const latency = metricOf({
    of: "time",
    compare: { with: "baseline", byPart: 2, byAtLeast: 200, samples: 8 },
  });
  const own: MeasuredWorld = { regions: { eu: [1, 1] }, metrics: [latency], gives: slower(4) };

  test("and is bad when it is worse by as much as the plan says", async () => {
    const { state, notes } = await measuredRollout(own);
    expect(state.closed).toBe("halted");
    const { code, message } = state.instances.get("eu1")!.bad!.failure;
    expect(code).toBe("METRIC_WORSE");
    expect(message).toMatch(
      /^ui\.latency of eu1 is worse than before its steps: [\d.]+ in \d+ measurements after, [\d.]+ in 8 before, by chance in 1 of \d+ at most$/,
    );
    expect(state.instances.get("eu2")?.phase).toBe("waiting");
    const [before] = notes.filter((note) => note.kind === "baseline");
    expect(before).toMatchObject({ instance: "eu1", metric: "ui.latency" });
    expect(before?.kind === "baseline" ? before.values : []).toHaveLength(8);
  });

  test("and goes on where it is worse by less, or by less than counts at all", async () => {
    expect((await measuredRollout({ ...own, gives: slower(1.4) })).state.closed).toBe("sealed");
    const tiny = (it: Asked) => ({ tookMs: slower(4)(it).tookMs / 100 });
    expect((await measuredRollout({ ...own, gives: tiny })).state.closed).toBe("sealed");
  });

  test("and waits for a person where nothing was to be had before", async () => {
    const { state, notes } = await measuredRollout({ ...own, gives: deaf });
    expect(state.parked).toEqual({ kind: "inconclusive", instances: ["eu1"] });
    expect(state.instances.get("eu1")?.doubt?.message).toMatch(
      /^nobody can tell whether ui\.latency of eu1 is worse: too few to tell: \d+ measurements after and 0 before, and it takes 8 of either$/,
    );
    expect(notes).toContainEqual({
      kind: "baseline",
      instance: "eu1",
      metric: "ui.latency",
      values: [],
      missed: "no data",
    });
  });

  test("and is only told in shadow mode", async () => {
    const metrics = [{ ...latency, compare: { ...latency.compare!, mode: "shadow" as const } }];
    const { state, notes } = await measuredRollout({ ...own, metrics });
    expect(state.closed).toBe("sealed");
    const verdicts = notes.filter((note) => note.kind === "baseline.compared");
    expect(verdicts.map(({ instance, is, mode }) => [instance, is, mode])).toEqual([
      ["eu1", "harm", "shadow"],
      ["eu2", "harm", "shadow"],
    ]);
  });
});
