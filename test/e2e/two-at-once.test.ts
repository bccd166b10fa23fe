import { describe, expect, test } from "vitest";
import { isLong } from "../support/long-suite.ts";
import { applyTwice, type DoubleApply } from "../support/double-apply.ts";

/** A share of what test/soak/two-at-once.ts does. */
const triesEach = isLong ? 5 : 1;
/** No try begins later than this: a busy machine does fewer. */
const beginMaxMs = 25_000;

describe("two applies of one plan to one fleet at the same moment", () => {
  const fleets: readonly [DoubleApply["states"], DoubleApply["atOnce"]][] = [
    [1, 1],
    [2, 2],
    [2, 1],
  ];

  test.concurrent.each(isLong ? fleets : fleets.slice(0, 2))(
    "from %i state folder(s), %i instance(s) at once: one works, the other says who holds the lock",
    { timeout: 180_000 },
    async (states, atOnce) => {
      const startedMs = performance.now();
      for (let seed = 1; seed <= triesEach; seed += 1) {
        if (seed > 1 && performance.now() - startedMs > beginMaxMs) break;
        const { wrong } = await applyTwice({ seed, via: "local", sshd: null, states, atOnce });
        expect({ seed, wrong }).toEqual({ seed, wrong: [] });
      }
    },
  );
});
