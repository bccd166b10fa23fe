import * as fc from "fast-check";
import { expect, test } from "vitest";
import { duration, durationMs, durationText } from "../../../src/core/plan/durations.ts";

test.each([
  ["250ms", 250],
  ["5s", 5000],
  ["1.5s", 1500],
  ["10m", 600_000],
  ["24h", 86_400_000],
  ["7d", 604_800_000],
  ["0s", 0],
])("%s is %i ms", (text, ms) => {
  expect(duration.parse(text)).toBe(ms);
});

test.each(["5", "5 s", "s", "-5s", "5S", "5sec", "1h30m", "1e3s", "400d", "", 5])(
  "%j is no duration",
  (text) => {
    expect(duration.safeParse(text).success).toBe(false);
  },
);

test("what is written of a duration reads as the same duration", () => {
  fc.assert(
    fc.property(fc.nat(100_000_000), (ms) => {
      expect(durationMs(durationText(ms))).toBe(ms);
    }),
  );
});
