import { describe, expect, test } from "vitest";
import type { RolloutEvent, Verdict } from "../../src/core/event.ts";
import {
  type Regeneration,
  regenerationKnown,
  regenerationsIn,
  regenerationWords,
} from "../../src/core/regeneration-history.ts";
import { smallItinerary } from "../support/small-itinerary.ts";

const path = "/srv/alma/cache";

const back = (instance: string, tookMs: number | null): Regeneration => ({
  instance,
  path,
  tookMs,
});

const verdict = (instance: string, trees: Verdict["trees"]): RolloutEvent => ({
  kind: "noted",
  note: {
    kind: "verdict",
    instance,
    step: 0,
    attempt: 1,
    verdict: { is: "kept", findings: [], counts: {}, remarks: [], ...(trees && { trees }) },
  },
});

describe("how paths came back", () => {
  test("is read from the verdicts of a journal, of paths that may go alone", () => {
    const itinerary = smallItinerary({
      regions: { eu: [["a", "b"]] },
      protect: [
        { path: "/srv/tmp", policy: { kind: "keep" } },
        { path, policy: { kind: "regenerates", withinMs: 60_000, recover: [] } },
      ],
    });
    const counts = { deleted: 3 };
    const events: readonly RolloutEvent[] = [
      { kind: "opened", itinerary, by: "me", tool: "0.1.0", planFolder: "/" },
      verdict("a", [
        { protect: 0, counts, notBack: 3 },
        { protect: 1, counts, notBack: 0, backMs: 2_100 },
      ]),
      verdict("b", [{ protect: 1, counts, notBack: 3 }]),
      verdict("b", [{ protect: 1, counts: { created: 1 }, notBack: 0 }]),
      verdict("b", undefined),
    ];
    expect(regenerationsIn(events)).toEqual([back("a", 2_100), back("b", null)]);
  });

  test.each<readonly [string, readonly string[], readonly Regeneration[]]>([
    ["never seen", ["a", "b"], []],
    ["1 instance: 2.1 s; never seen on b", ["a", "b"], [back("a", 2_100)]],
    ["2 instances: 2.0–9.4 s", ["a", "b"], [back("a", 9_400), back("b", 2_000), back("a", 3_000)]],
    ["2 instances: 500 ms–1 min 05 s", ["a", "b"], [back("a", 500), back("b", 65_000)]],
    ["late on a; never seen on b", ["a", "b"], [back("a", null)]],
    ["1 instance: 2.0 s; late on a", ["a"], [back("a", 2_000), back("a", null)]],
    [
      "1 instance: 2.0 s; never seen on b, c, d and 2 others",
      ["a", "b", "c", "d", "e", "f"],
      [back("a", 2_000)],
    ],
    ["never seen", ["a"], [{ instance: "a", path: "/srv/other", tookMs: 5 }]],
    ["never seen", ["a"], [back("elsewhere", 5)]],
  ])("says %j", (words, names, history) => {
    expect(regenerationWords(regenerationKnown(path, names, history))).toBe(words);
  });
});
