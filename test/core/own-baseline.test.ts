import { describe, expect, test } from "vitest";
import { judgeBaseline } from "../../src/core/own-baseline.ts";
import { type Chance, seeded } from "../simulation/seeded.ts";
import { isLong } from "../support/long-suite.ts";

const instances = isLong ? 1_000 : 40;

/** Normal with mean 0 and deviation 1 (Box and Muller). */
function normal(chance: Chance): number {
  return Math.sqrt(-2 * Math.log(1 - chance.next())) * Math.cos(2 * Math.PI * chance.next());
}

/**
 * Latency of one instance: scatter with a heavy tail, and a swell that goes on from one measurement to
 * the next, as real ones have it, and as a test of independent numbers does not expect it.
 */
function latencies(chance: Chance, count: number, factor: number): readonly number[] {
  let swell = normal(chance) * 0.2;
  return Array.from({ length: count }, () => {
    swell = 0.8 * swell + normal(chance) * 0.12;
    return 80 * factor * Math.exp(swell + normal(chance) * 0.3) * (chance.is(0.01) ? 5 : 1);
  });
}

function tally(factor: number) {
  const counted = { harm: 0, "no harm": 0, inconclusive: 0 };
  for (let seed = 0; seed < instances; seed++) {
    const chance = seeded(seed + Math.round(factor * 1_000) * 7_919);
    const verdict = judgeBaseline({
      before: latencies(chance, 8, 1),
      after: latencies(chance, 15, factor),
      samplesMin: 8,
      worse: "higher",
      byPart: 2,
      byAtLeast: 50,
      looks: 1,
      seed,
    });
    counted[verdict.is] += 1;
  }
  return counted;
}

describe("harm named as three times as long", () => {
  test.each<[string, number, { readonly harmMin: number; harmMax: number; noHarmMax: number }]>([
    ["is no alarm where nothing changed", 1, { harmMin: 0, harmMax: 0, noHarmMax: 1 }],
    [
      "is hardly ever seen where it takes half as long again",
      1.5,
      { harmMin: 0, harmMax: 0.01, noHarmMax: 1 },
    ],
    [
      "is seen where it takes six times as long, and is never called none",
      6,
      { harmMin: 0.9, harmMax: 1, noHarmMax: 0 },
    ],
  ])("%s", (_what, factor, { harmMin, harmMax, noHarmMax }) => {
    const counted = tally(factor);
    // The figures of docs/control-groups.md.
    if (process.env["CONTROL"] === "tell") console.log(JSON.stringify({ factor, ...counted }));
    expect(counted.harm).toBeGreaterThanOrEqual(instances * harmMin);
    expect(counted.harm).toBeLessThanOrEqual(instances * harmMax);
    expect(counted["no harm"]).toBeLessThanOrEqual(instances * noHarmMax);
  });

  test("is proved not to be there where nothing changed", () => {
    expect(tally(1)["no harm"]).toBeGreaterThan(instances * 0.8);
  });
});

test("too few measurements prove nothing, and say how many there were", () => {
  const order = { worse: "higher", byPart: 2, byAtLeast: 0, looks: 1, seed: 1 } as const;
  const eight = [1, 2, 1, 2, 1, 2, 1, 2];
  const few = judgeBaseline({ ...order, before: [1], after: eight, samplesMin: 8 });
  expect(few).toEqual({
    is: "inconclusive",
    because: "too few to tell: 8 measurements after and 1 before, and it takes 8 of either",
    few: true,
    chance: null,
  });
  // As many as the plan asks for, and still too few for a proof: 6 divisions.
  const two = judgeBaseline({ ...order, before: [1, 2], after: [90, 91], samplesMin: 2 });
  expect([two.is, two.few]).toEqual(["inconclusive", true]);
});
