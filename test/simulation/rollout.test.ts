import { describe, expect, test } from "vitest";
import { simulateSeed } from "./simulate-seed.ts";
import { seedsThatFailed } from "./seeds.ts";

/** A share of the long run that `npm run simulate` does; SEEDS in the environment asks for more. */
const seedCount = Number(process.env["SEEDS"] ?? 1_000);

describe("a rollout among crashes, lost answers, harm and wishes", () => {
  test.each(seedsThatFailed)("seed %i keeps every invariant: once, %s", async (seed) => {
    const { broken } = await simulateSeed(seed);
    expect(broken).toEqual([]);
  });

  test("keeps every invariant for every seed, and every rollout closes", async () => {
    const outcomes: Record<string, number> = {};
    let crashes = 0;
    for (let seed = 1; seed <= seedCount; seed++) {
      const result = await simulateSeed(seed);
      expect(result.broken, `seed ${seed}`).toEqual([]);
      outcomes[result.outcome] = (outcomes[result.outcome] ?? 0) + 1;
      crashes += result.crashes;
    }
    // A simulation in which nothing crashes, or nothing is ever sealed, would prove nothing.
    expect(crashes).toBeGreaterThan(seedCount / 2);
    expect(outcomes["sealed"]).toBeGreaterThan(seedCount / 20);
    expect(outcomes["halted"]).toBeGreaterThan(seedCount / 4);
    expect(outcomes["endless"]).toBeUndefined();
  });

  test("gives the same journal for the same seed", async () => {
    const [one, two] = [await simulateSeed(7), await simulateSeed(7)];
    expect(one.events).toEqual(two.events);
  });
});
