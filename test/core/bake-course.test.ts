import { describe, expect, test } from "vitest";
import { bakeCourse } from "../../src/core/bake-course.ts";
import { evidenceOf } from "../../src/core/evidence.ts";
import { type BakeStep, comparableWithinMs, type Sample } from "../../src/core/health.ts";
import type { EvidenceGoal } from "../../src/core/plan/metric.ts";
import type { Bake } from "../../src/core/plan/plan.ts";
import type { Reading } from "../../src/core/readings.ts";

const turnsMax = 5_000;
const second = 1_000;
const minute = 60 * second;

interface World {
  readonly bake: Bake;
  /** What the probes find so long after the start; no such: there is no probe. */
  readonly probes?: readonly ((atMs: number) => Sample["is"])[];
  /** What the counter shows then; null: no number. */
  readonly counter?: (atMs: number) => number | null;
  readonly comparableAtMs?: number;
}

/** Drives a bake on a clock that jumps. A metric is read every 10 s. */
function bakeIn({ bake, probes = [() => "pass"], counter, comparableAtMs }: World) {
  const startedMs = 500;
  const samples: Sample[] = [];
  const readings: Reading[] = [];
  const specs = probes.map((_, at) => ({ name: String(at), intervalMs: 5 * second }));
  const goal = bake.until?.and ?? null;
  let nowMs = startedMs;
  for (let turn = 0; turn < turnsMax; turn++) {
    const atMs = nowMs - startedMs;
    const lastMs = readings.at(-1)?.atMs ?? -Infinity;
    if (counter !== undefined && nowMs - lastMs >= 10 * second) {
      const value = counter(atMs);
      readings.push({ atMs: nowMs, value, because: value === null ? "no data" : "" });
    }
    const isComparable = comparableAtMs !== undefined && atMs >= comparableAtMs;
    const step = bakeCourse({
      bake,
      probes: specs,
      startedMs,
      nowMs,
      samples,
      wakeMs: 10 * second,
      evidence: goal === null ? null : evidenceOf(goal, "counter", readings),
      ...(comparableAtMs === undefined
        ? {}
        : { comparableSinceMs: isComparable ? startedMs + comparableAtMs : null }),
    });
    if (step.kind === "wait") nowMs += step.ms;
    else if (step.kind === "look")
      for (const probe of step.probes) {
        const is = probes[Number(probe)]!(atMs);
        samples.push({ probe, askedMs: nowMs, is, because: `it was ${is}` });
      }
    else return { end: step, tookMs: atMs };
  }
  throw new Error("the bake does not end");
}

const and: EvidenceGoal = {
  metric: "ui.requests",
  is: ">=",
  number: 100,
  written: "ui.requests >= 100",
};
const plain: Bake = { settleMs: 5 * second, stableMs: 30 * second, retryMs: minute };
const evidence: Bake = { ...plain, until: { timeMs: 0, and }, deadlineMs: 45 * minute };
const both: Bake = { ...evidence, until: { timeMs: 15 * minute, and } };
/** So many requests a minute, from 1000 on. */
const perMinute = (rate: number) => (atMs: number) => 1000 + Math.floor((rate * atMs) / minute);
const failsAt =
  (...moments: readonly number[]) =>
  (atMs: number): Sample["is"] =>
    moments.some((it) => Math.abs(it - atMs) < 5 * second) ? "fail" : "pass";

describe("a bake ends", () => {
  test.each<[string, World, BakeStep["kind"], number]>([
    ["once it is stable, where it waits for nothing else", { bake: plain }, "passed", 35 * second],
    [
      "once the time is over, where it is healthy and the evidence is enough long before",
      { bake: both, counter: perMinute(600) },
      "passed",
      15 * minute,
    ],
    [
      "once the evidence is enough, where the time is over long before",
      { bake: both, counter: perMinute(5) },
      "passed",
      20 * minute,
    ],
    [
      "once it is stable, where the evidence is there at once",
      { bake: evidence, counter: perMinute(60_000) },
      "passed",
      35 * second,
    ],
    [
      "just so, without any probe, at the next reading",
      { bake: evidence, probes: [], counter: perMinute(50) },
      "passed",
      2 * minute + 5 * second,
    ],
    [
      "without a decision at its deadline, where the evidence is not enough",
      { bake: both, counter: perMinute(2) },
      "inconclusive",
      45 * minute,
    ],
    [
      "the same where the metric gives no number",
      { bake: both, counter: () => null },
      "inconclusive",
      45 * minute,
    ],
    [
      "the same without any probe",
      { bake: both, probes: [], counter: perMinute(0) },
      "inconclusive",
      45 * minute,
    ],
    [
      "at its deadline when that is the moment at which the evidence is enough",
      { bake: { ...evidence, deadlineMs: 2 * minute }, counter: perMinute(50) },
      "passed",
      2 * minute,
    ],
    [
      "failed, as soon as it breaks for good while it waits",
      { bake: both, probes: [failsAt(10 * minute)], counter: perMinute(600) },
      "failed",
      10 * minute,
    ],
    [
      "later by the break, where it may begin anew",
      {
        bake: { ...both, retryMs: 14 * minute },
        probes: [failsAt(14 * minute)],
        counter: perMinute(600),
      },
      "passed",
      15 * minute,
    ],
    [
      "failed at its deadline, where it is down then and might still be tried",
      {
        bake: { ...evidence, retryMs: 60 * minute },
        probes: [() => "fail"],
        counter: perMinute(600),
      },
      "failed",
      45 * minute,
    ],
    [
      "without a decision there, where nobody can tell and it might still be tried",
      {
        bake: { ...evidence, retryMs: 60 * minute },
        probes: [() => "error"],
        counter: perMinute(600),
      },
      "inconclusive",
      45 * minute,
    ],
    [
      "once there is enough to compare",
      { bake: plain, comparableAtMs: 50 * second },
      "passed",
      50 * second,
    ],
    [
      "soon after, where there never is: that is for the comparison to say",
      { bake: plain, comparableAtMs: Infinity },
      "passed",
      95 * second + comparableWithinMs,
    ],
    [
      "at its deadline, where that is all that is missing",
      { bake: both, comparableAtMs: Infinity, counter: perMinute(600) },
      "passed",
      45 * minute,
    ],
  ])("%s", (_what, world, kind, tookMs) => {
    const it = bakeIn(world);
    expect([it.end.kind, it.tookMs]).toEqual([kind, tookMs]);
  });

  test("with the numbers, where the evidence is not enough", () => {
    expect(bakeIn({ bake: both, counter: perMinute(2) }).end).toMatchObject({
      because: "after 45m, ui.requests is 90, and ui.requests >= 100 is waited for",
    });
  });
});
