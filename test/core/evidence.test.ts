import { describe, expect, test } from "vitest";
import { evidenceOf, evidenceWords } from "../../src/core/evidence.ts";
import type { EvidenceGoal } from "../../src/core/plan/metric.ts";
import { comparedPoints, type Reading } from "../../src/core/readings.ts";

/** One reading each second, from 1 s on. */
const readings = (...values: readonly (number | null)[]): readonly Reading[] =>
  values.map((value, at) => ({
    atMs: 1_000 * (at + 1),
    value,
    because: value === null ? "no answer" : `it said ${value}`,
  }));
const goal = (is: EvidenceGoal["is"], number: number): EvidenceGoal => ({
  metric: "ui.requests",
  is,
  number,
  written: `ui.requests ${is} ${number}`,
});

type Case = readonly [
  what: string,
  as: "gauge" | "counter",
  goal: EvidenceGoal,
  values: readonly (number | null)[],
  seen: number | null,
  enoughSinceMs: number | null,
  resets: number,
];

const words = (...values: readonly (number | null)[]) =>
  evidenceWords(evidenceOf(goal(">=", 100), "counter", readings(...values)));

describe("evidence", () => {
  test.each<Case>([
    ["counts from the first reading", "counter", goal(">=", 10), [500, 505, 510], 10, 3_000, 0],
    ["is not enough one below", "counter", goal(">=", 10), [500, 509], 9, null, 0],
    ["is more than, where more is asked for", "counter", goal(">", 10), [0, 10, 11], 11, 3_000, 0],
    [
      "goes on over a counter that begins anew",
      "counter",
      goal(">=", 10),
      [90, 96, 1, 4],
      10,
      4_000,
      1,
    ],
    ["a second time, too", "counter", goal(">=", 100), [9, 1, 0, 5], 6, null, 2],
    [
      "an answer without a number takes nothing away",
      "counter",
      goal(">=", 5),
      [1, 6, null],
      5,
      2_000,
      0,
    ],
    [
      "a counter that must stay low is over once it is not",
      "counter",
      goal("<=", 1),
      [0, 1, 2, 2],
      2,
      null,
      0,
    ],
    ["of a gauge is what it says last", "gauge", goal("<=", 3), [9, 3, 2], 2, 2_000, 0],
    ["of a gauge counts without a break", "gauge", goal("<", 3), [2, 3, 2], 2, 3_000, 0],
    ["of a gauge does not add up", "gauge", goal(">=", 5), [3, 3, 3], 3, null, 0],
    ["is none without a number", "counter", goal(">=", 0), [null, null], null, null, 0],
    ["is none before the first reading", "gauge", goal(">=", 0), [], null, null, 0],
  ])("%s", (_what, as, wanted, values, seen, enoughSinceMs, resets) => {
    expect(evidenceOf(wanted, as, readings(...values))).toMatchObject({
      seen,
      enoughSinceMs,
      resets,
    });
  });

  test("is told with its numbers, and with what is in the way", () => {
    expect(words(5, 42)).toBe("ui.requests is 37, and ui.requests >= 100 is waited for");
    expect(words(5, 42, null)).toBe(
      "ui.requests is 37 (no answer), and ui.requests >= 100 is waited for",
    );
    expect(words()).toBe("ui.requests gave no number, and ui.requests >= 100 is waited for");
  });
});

describe("what is compared", () => {
  test.each<[string, "gauge" | "counter", readonly (number | null)[], readonly number[]]>([
    ["of a gauge: its numbers", "gauge", [3, null, 5], [3, 5]],
    ["of a counter: its growth per second", "counter", [10, 12, 15], [2, 3]],
    ["over a hole, as long as that was", "counter", [10, null, 16], [3]],
    ["and never less than nothing", "counter", [10, 2, 3], [2, 1]],
    ["of one reading of a counter: nothing", "counter", [10], []],
  ])("%s", (_what, as, values, expected) => {
    expect(comparedPoints(as, readings(...values)).map(({ value }) => value)).toEqual(expected);
  });
});
