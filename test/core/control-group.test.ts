import { describe, expect, test } from "vitest";
import { type ControlOrder, judgeControl, type Measurement } from "../../src/core/control-group.ts";
import { alarmChance, missChance } from "../../src/core/judge-groups.ts";
import { controlNames, plannedGroups, plannedLooks } from "../../src/core/planned-groups.ts";
import { metricOf } from "../runner/support/measured-rollout.ts";
import { smallItinerary } from "../support/small-itinerary.ts";
import { chanceOfRise, ways } from "../../src/core/permutation-test.ts";
import { type Chance, seeded } from "../simulation/seeded.ts";
import { isLong } from "../support/long-suite.ts";

/** 1,000 fleets a row in the long suite; a share of them in the short one. */
const fleetsCount = isLong ? 1_000 : 8;
const samples = 12;

interface Fleet {
  readonly changed: number;
  readonly others: number;
  /** What the metric of an instance is like. */
  readonly kind: "latency" | "errors" | "requests";
  /** The changed ones have so many times as much; 1: no effect. */
  readonly times: number;
}

/** Normal with mean 0 and deviation 1 (Box and Muller). */
function normal(chance: Chance): number {
  return Math.sqrt(-2 * Math.log(1 - chance.next())) * Math.cos(2 * Math.PI * chance.next());
}

/** Knuth's multiplication of uniform numbers; fine for small means. */
function poisson(chance: Chance, mean: number): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = chance.next(); product > limit; product *= chance.next()) count += 1;
  return count;
}

/**
 * Instances differ by themselves (by a tenth of the mean, log-normally), their measurements follow a
 * common swell of the hour, and scatter: latency log-normally with a heavy tail, the others as counts.
 */
function measured(fleet: Fleet, chance: Chance): readonly Measurement[] {
  const count = fleet.changed + fleet.others;
  const swell = Array.from({ length: samples }, () => Math.exp(normal(chance) * 0.2));
  return Array.from({ length: count }, (_, index) => {
    const own = Math.exp(normal(chance) * 0.1) * (index < fleet.changed ? fleet.times : 1);
    return swell.map((hour, at): Measurement => {
      const mean = own * hour;
      const value =
        fleet.kind === "latency"
          ? 80 * mean * Math.exp(normal(chance) * 0.4) * (chance.is(0.01) ? 5 : 1)
          : poisson(chance, (fleet.kind === "errors" ? 2 : 20) * mean);
      return { instance: `i${index}`, atMs: at * 1_000, value };
    });
  }).flat();
}

function order(fleet: Fleet, seed: number): ControlOrder {
  return {
    changed: new Set(Array.from({ length: fleet.changed }, (_, index) => `i${index}`)),
    measured: measured(fleet, seeded(seed)),
    fromMs: 0,
    toMs: samples * 1_000,
    worse: "higher",
    byPart: 0.5,
    byAtLeast: 0,
    samplesMin: 5,
    looks: 1,
    seed,
  };
}

type Tally = Record<"harm" | "no harm" | "inconclusive", number>;

function tallyOf(fleet: Fleet): Tally {
  const tally: Tally = { harm: 0, "no harm": 0, inconclusive: 0 };
  const first = fleet.changed * 1_000_003 + fleet.others * 10_007 + Math.round(fleet.times * 100);
  for (let at = 0; at < fleetsCount; at++) tally[judgeControl(order(fleet, first + at)).is] += 1;
  return tally;
}

const sizes: readonly (readonly [changed: number, others: number])[] = [
  [1, 2],
  [3, 3],
  [3, 7],
  [6, 6],
  [4, 16],
  [10, 30],
  [20, 80],
  [60, 240],
];

describe.each(sizes)("a fleet of %i changed instances and %i others", (changed, others) => {
  test.each(["latency", "errors", "requests"] as const)("is judged by its %s", (kind) => {
    const none = tallyOf({ changed, others, kind, times: 1 });
    const large = tallyOf({ changed, others, kind, times: 2 });
    // The figures of docs/control-groups.md.
    if (process.env["CONTROL"] === "tell") {
      const small = tallyOf({ changed, others, kind, times: 1.2 });
      console.log(JSON.stringify({ changed, others, kind, none, small, large }));
    }
    expect(none.harm).toBeLessThanOrEqual(fleetsCount * 0.01);
    expect(large["no harm"]).toBe(0);
    // A rule that never speaks is no rule: once there are enough divisions to prove it, harm is seen.
    const divisions = ways(changed + others, changed);
    const proves = { harm: divisions >= 1 / alarmChance, noHarm: divisions >= 1 / missChance };
    expect(large.harm).toBeGreaterThanOrEqual(proves.harm ? fleetsCount * 0.7 : 0);
    expect(none["no harm"]).toBeGreaterThanOrEqual(proves.noHarm ? fleetsCount * 0.25 : 0);
  });
});

describe("the permutation test", () => {
  test("counts every division of small groups", () => {
    // 10 of 10 choose 3 divisions: only the one that was seen has the three largest together.
    const groups = { changed: [8, 9, 10], control: [1, 2, 3, 4, 5, 6, 7] };
    expect(chanceOfRise(groups, 1)).toBeCloseTo(1 / 120, 10);
    const turned = { changed: [1, 2, 3], control: [4, 5, 6, 7, 8, 9, 10] };
    expect(chanceOfRise(turned, 1)).toBe(1);
  });

  test("gives 1 where nothing varies, and the smallest part where only the groups do", () => {
    expect(chanceOfRise({ changed: [5, 5, 5], control: [5, 5, 5, 5] }, 1)).toBe(1);
    expect(chanceOfRise({ changed: [6, 6, 6], control: [5, 5, 5, 5] }, 1)).toBeCloseTo(1 / 35, 10);
  });

  test("draws divisions of large groups, the same ones for the same seed", () => {
    const chance = seeded(7);
    const values = Array.from({ length: 60 }, () => normal(chance));
    const groups = { changed: values.slice(0, 20), control: values.slice(20) };
    expect(chanceOfRise(groups, 3)).toBe(chanceOfRise(groups, 3));
    const far = { changed: groups.changed.map((it) => it + 5), control: groups.control };
    expect(chanceOfRise(far, 3)).toBe(1 / 5_000);
  });

  test.each([
    [10, 3, 120],
    [7, 4, 35],
    [300, 1, 300],
    [300, 60, Infinity],
  ])("knows in how many ways %i are divided with %i on one side", (count, size, expected) => {
    expect(ways(count, size)).toBe(expected);
  });
});

const given = (changed: readonly number[], control: readonly number[]): ControlOrder => ({
  changed: new Set(changed.map((_, at) => `c${at}`)),
  measured: [
    ...changed.map((value, at) => ({ instance: `c${at}`, atMs: 10, value })),
    ...control.map((value, at) => ({ instance: `o${at}`, atMs: 10, value })),
  ],
  fromMs: 0,
  toMs: 100,
  worse: "higher",
  byPart: 0.5,
  byAtLeast: 0,
  samplesMin: 1,
  looks: 1,
  seed: 1,
});

describe("a control group", () => {
  const usual = [100, 101, 102, 103, 104, 105, 106, 107, 108, 109];
  const high = [200, 201, 202, 203, 204];

  test("says what it saw, in numbers", () => {
    expect(judgeControl(given(high, usual))).toEqual({
      is: "harm",
      because: "worse: 202 on 5 changed, 104.5 on 10 others, by chance in 1 of 3003 at most",
      changed: { instances: 5, mean: 202 },
      control: { instances: 10, mean: 104.5 },
      chance: 1 / 3003,
      few: false,
    });
    expect(judgeControl(given(usual.slice(0, 5), usual))).toMatchObject({
      is: "no harm",
      because: "not worse: 102 on 5 changed, 104.5 on 10 others",
    });
  });

  test.each<readonly [string, Partial<ControlOrder>, string]>([
    ["measured at another time", { fromMs: 50 }, "too few"],
    ["with fewer measurements than asked for", { samplesMin: 2 }, "too few"],
    ["asked so often that the proof is not strong enough", { looks: 20 }, "nothing is proved"],
    ["that is larger where more is better", { worse: "lower" }, "not worse"],
    ["below the size that counts as harm", { byPart: 0.95 }, "nothing is proved"],
    ["below the size in its own unit", { byAtLeast: 150 }, "not worse"],
  ])("does not call harm what is %s", (_name, other, because) => {
    const verdict = judgeControl({ ...given(high, usual), ...other });
    expect(verdict.is).not.toBe("harm");
    expect(verdict.because).toContain(because);
  });

  test("of zeros says nothing unless a size is named in the metric's own unit", () => {
    const zeros = given(
      [0, 0, 0, 0, 0],
      Array.from({ length: 12 }, () => 0),
    );
    expect(judgeControl(zeros).is).toBe("inconclusive");
    expect(judgeControl({ ...zeros, byAtLeast: 1 }).is).toBe("no harm");
    const errors = given(
      [4, 5, 4, 6, 5],
      Array.from({ length: 12 }, () => 0),
    );
    expect(judgeControl({ ...errors, byAtLeast: 1 }).is).toBe("harm");
  });

  test("takes no number that is none", () => {
    const verdict = judgeControl(given([NaN, Infinity, 1, 1], usual));
    expect(verdict).toMatchObject({ is: "inconclusive", changed: { instances: 2 } });
  });
});

/** So many numbers that hardly differ. */
const same = (count: number) => Array.from({ length: count }, (_, at) => 100 + (at % 7));

describe("too few to prove anything", () => {
  test.each<[string, number, number, number, boolean]>([
    ["3 against 7 are 120 divisions", 3, 7, 1, true],
    ["4 against 16 are 4,845", 4, 16, 1, false],
    ["but not where one asks five times", 4, 16, 5, true],
    ["5 against 34 are enough for that", 5, 34, 5, false],
    ["and 20 against 80 for twenty batches", 20, 80, 20, false],
  ])("%s", (_what, changed, control, looks, few) => {
    const verdict = judgeControl({ ...given(same(changed), same(control)), looks });
    expect([verdict.few, verdict.is]).toEqual([few, few ? "inconclusive" : "no harm"]);
  });

  test("is told of each batch before the rollout begins", () => {
    const inBatches = [1, 5, 8, 8, 8, 8, 2];
    const names = inBatches.map((size, batch) =>
      Array.from({ length: size }, (_, at) => `${batch}-${at}`),
    );
    const itinerary = smallItinerary({
      regions: { eu: names, us: [["x", "y"]] },
      metrics: [metricOf({ compare: {} })],
    });
    expect(plannedLooks(itinerary)).toBe(4);
    const told = plannedGroups(itinerary, "region").map(({ changed, control, enough }) => [
      changed,
      control,
      enough,
    ]);
    expect(told).toEqual([
      [1, 39, false],
      [5, 34, true],
      [8, 26, true],
      [8, 18, true],
      [8, 10, true],
      [8, 2, false],
      [2, 0, false],
      [2, 0, false],
    ]);
    // Later regions, where the plan lets them in.
    expect(plannedGroups(itinerary, "targets")[6]).toMatchObject({ changed: 2, control: 2 });
  });

  test("and of very many only some are asked, from all along the list", () => {
    const names = Array.from({ length: 600 }, (_, at) => `i${at}`);
    const { regions } = smallItinerary({ regions: { eu: [["a"], names] } });
    const control = controlNames({ regions }, { region: "eu", batch: 0 }, "region");
    expect([control.length, control[1], control.at(-1)]).toEqual([60, "i10", "i590"]);
  });
});
