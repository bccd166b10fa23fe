import { describe } from "vitest";

// `npm test` must not take longer than anybody waits for it. The same tests on every shell and over every
// transport, and the longer shares of what is drawn at random, run in `npm run test:long`.

/** Does this run take its time? */
export const isLong = process.env["HANDRAIL_TESTS"] === "long";

/** For the name of a test that only the long suite runs. */
export const longOnly = isLong ? "" : " (runs in npm run test:long)";

/** A suite for each way to do the same: the first one in every run, the others in the long suite. */
export function describeWays<Way extends string>(
  ways: readonly Way[],
  tests: (way: Way) => void,
): void {
  for (const way of ways) {
    const later = way !== ways[0] && !isLong;
    // The rules want a literal title and callback; a suite made for others has neither.
    // oxlint-disable-next-line vitest/valid-title, vitest/valid-describe-callback
    describe(`via ${way}${later ? longOnly : ""}`, { skip: later }, () => tests(way));
  }
}
