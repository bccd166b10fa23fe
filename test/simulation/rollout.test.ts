import { beforeAll, describe, expect, test } from "vitest";
import type { RolloutEvent } from "../../src/core/event.ts";
import { simulateSeed } from "./simulate-seed.ts";
import { seedsThatFailed } from "./seeds.ts";

/** A share of the long run that `npm run simulate` does; SEEDS in the environment asks for more. */
const seedCount = Number(process.env["SEEDS"] ?? 400);

/**
 * The invariants of the product's contract that a broken world can put to the test. Of 8 only looks at
 * what is sealed are here, the rest is held by the command line's tests; of the others, 10 by those of journals and guard, and 14 by those of printable
 * text. That a host's own restore is the same as a runner's is the guard's to show; here it is taken
 * at its word, and what is made of it is put to the test.
 */
const invariants: readonly (readonly [number, string])[] = [
  [1, "no instance of a region is touched before the region ahead of it is sealed or excluded"],
  [2, "no step begins on a host without a young, complete snapshot and an armed switch there"],
  [3, "a touched instance has a snapshot to go back to at every instant"],
  [4, "every instance ends as before, as after, or named as needing a person"],
  [5, "nothing new begins once the halt rule is broken"],
  [6, "no command runs twice, and nothing changes what was restored or what waits for a person"],
  [7, "whatever is done was intended in the journal before, and the journal replays to the state"],
  [8, "whoever only looks at what is sealed changes nothing there, and takes no lock"],
  [
    9,
    "no end is green with a bad instance, and nothing becomes sealed but by a bake or a decision",
  ],
  [
    11,
    "a switch is confirmed or fires, never both and never neither, and restoring twice is as once",
  ],
  [12, "nothing outside the frozen target list is contacted"],
  [13, "a secret's value is in no record of the journal"],
  [15, "every rollout closes"],
];

describe("a rollout among crashes, lost answers, harm and wishes", () => {
  const broken: string[] = [];
  const outcomes: Record<string, number> = {};
  const noted: Record<string, number> = {};
  let crashes = 0;

  beforeAll(async () => {
    for (let seed = 1; seed <= seedCount; seed++) {
      const result = await simulateSeed(seed);
      broken.push(...result.broken.map((sentence) => `${sentence} (seed ${seed})`));
      outcomes[result.outcome] = (outcomes[result.outcome] ?? 0) + 1;
      crashes += result.crashes;
      for (const event of result.events) count(noted, event);
    }
  }, 240_000);

  test.each(invariants)("invariant %i: %s", (number) => {
    expect(broken.filter((sentence) => sentence.startsWith(`${number}: `))).toEqual([]);
  });

  test("every broken promise belongs to an invariant above", () => {
    const known = new Set(invariants.map(([number]) => String(number)));
    expect(broken.filter((sentence) => !known.has(sentence.split(":")[0] ?? ""))).toEqual([]);
  });

  test("the world was broken enough to prove something", () => {
    expect(crashes).toBeGreaterThan(seedCount / 2);
    expect(outcomes["sealed"]).toBeGreaterThan(seedCount / 20);
    expect(outcomes["halted"]).toBeGreaterThan(seedCount / 4);
    expect(outcomes["undone"]).toBeGreaterThan(seedCount / 20);
  });

  test.each([
    ["guard.armed", 2],
    ["guard.fired", 0.15],
    ["stand-down", 0.1],
    ["rewind", 0.05],
    ["recovery", 0.1],
    ["RESTORE_CONFLICT", 0.015],
    ["UNDO_FAILED", 0.02],
    ["STEP_NOT_BEGUN", 0.03],
    ["release-lock", 0.05],
    ["OUTSIDE_ENVELOPE", 0.01],
    ["outliers-found", 0.03],
    ["late-harm", 0.03],
    ["order-decided", 0.005],
    ["retrying", 1],
  ] as const)("%s happened, at least %d times a seed", (what, share) => {
    expect(noted[what]).toBeGreaterThan(share * seedCount);
  });

  test.each(seedsThatFailed)("seed %i keeps every invariant: once, %s", async (seed) => {
    expect((await simulateSeed(seed)).broken).toEqual([]);
  });

  test("gives the same journal for the same seed", async () => {
    const [one, two] = [await simulateSeed(7), await simulateSeed(7)];
    expect(one.events).toEqual(two.events);
  });
});

/** What happened, by the word that says it: a note's kind, an action's, a wish's, a failure's code. */
function count(counts: Record<string, number>, event: RolloutEvent): void {
  const add = (word: string): void => {
    counts[word] = (counts[word] ?? 0) + 1;
  };
  if (event.kind === "outliers-found" || event.kind === "order-decided") add(event.kind);
  if (event.kind === "late-harm") add(event.kind);
  if (event.kind === "noted") add(event.note.kind);
  if (event.kind === "intent") add(event.action.kind);
  if (event.kind === "asked") add(event.wish.kind);
  if (event.kind === "outcome" && event.outcome.is !== "done") add(event.outcome.failure.code);
}
