import { describe, expect, test } from "vitest";
import {
  afterAnswer,
  lateCourse,
  type LateCourse,
  type LateRule,
  nextAskMs,
} from "../../src/core/late-course.ts";

const rule: LateRule = { everyMs: 30_000, intervalMs: 2_000, retryMs: 5_000 };

type Answer = readonly [atMs: number, is: "pass" | "fail" | "error"];

/** The answers at which harm is seen, by when they were asked, and where the probe stands after all. */
function told(answers: readonly Answer[], by: LateRule = rule) {
  const harm: number[] = [];
  let course: LateCourse = lateCourse;
  for (const [askedMs, is] of answers) {
    const after = afterAnswer(course, { askedMs, is }, by);
    course = after.course;
    if (after.isHarm) harm.push(askedMs);
  }
  return { harm, course };
}

describe("a probe of a sealed instance", () => {
  test.each<[string, readonly Answer[], Partial<LateRule>, readonly number[]]>([
    [
      "that fails for as long as it may",
      [
        [0, "fail"],
        [2_000, "fail"],
        [5_000, "fail"],
      ],
      {},
      [5_000],
    ],
    [
      "that passes in time",
      [
        [0, "fail"],
        [4_000, "pass"],
        [34_000, "fail"],
      ],
      {},
      [],
    ],
    ["that may not fail at all", [[0, "fail"]], { retryMs: 0 }, [0]],
    [
      "that fails as often as the plan counts",
      [
        [0, "fail"],
        [2_000, "fail"],
      ],
      { failAfter: 2 },
      [2_000],
    ],
    [
      "whose plan bears more than it failed",
      [
        [0, "fail"],
        [9_000, "fail"],
      ],
      { failAfter: 3 },
      [],
    ],
    [
      "that passes between two failures",
      [
        [0, "fail"],
        [1, "pass"],
        [2, "fail"],
      ],
      { failAfter: 2 },
      [],
    ],
    [
      "that can't tell between two failures",
      [
        [0, "fail"],
        [1, "error"],
        [2, "fail"],
      ],
      { failAfter: 2 },
      [2],
    ],
    [
      "that can't tell, however often",
      [
        [0, "error"],
        [60_000, "error"],
      ],
      { retryMs: 0 },
      [],
    ],
  ])("%s: harm is seen at %j", (_name, answers, change, want) => {
    expect(told(answers, { ...rule, ...change }).harm).toEqual(want);
  });

  test.each<[string, readonly Answer[], Partial<LateRule>, number]>([
    ["at once, when it never was", [], {}, 0],
    ["after the plan's interval of looks, while it passes", [[1_000, "pass"]], {}, 31_000],
    ["no sooner than its own interval", [[0, "pass"]], { intervalMs: 60_000 }, 60_000],
    ["after its own interval, while it fails", [[1_000, "fail"]], {}, 3_000],
    [
      "a last time, when its time to pass is over",
      [
        [0, "fail"],
        [4_000, "fail"],
      ],
      {},
      5_000,
    ],
    [
      "after its own interval, where answers are counted",
      [
        [0, "fail"],
        [4_000, "fail"],
      ],
      { failAfter: 9 },
      6_000,
    ],
    [
      "not sooner for an answer that could not tell",
      [
        [0, "fail"],
        [2_000, "error"],
      ],
      {},
      32_000,
    ],
  ])("is asked %s", (_name, answers, change, want) => {
    const by = { ...rule, ...change };
    expect(nextAskMs(told(answers, by).course, by)).toBe(want);
  });
});
