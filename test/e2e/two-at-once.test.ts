import { describe, expect, test } from "vitest";
import { applyTwice, type DoubleApply } from "../support/double-apply.ts";

/** A share of what test/soak/two-at-once.ts does. */
const triesEach = 3;

describe("two applies of one plan to one fleet at the same moment", () => {
  test.concurrent.each<[DoubleApply["states"], DoubleApply["atOnce"]]>([
    [1, 1],
    [2, 1],
    [2, 2],
  ])(
    "from %i state folder(s), %i instance(s) at once: one works, the other says who holds the lock",
    { timeout: 90_000 },
    async (states, atOnce) => {
      for (let seed = 1; seed <= triesEach; seed += 1) {
        const { wrong } = await applyTwice({ seed, via: "local", sshd: null, states, atOnce });
        expect({ seed, wrong }).toEqual({ seed, wrong: [] });
      }
    },
  );
});
