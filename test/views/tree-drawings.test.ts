import { describe, expect, test } from "vitest";
import { treeLines } from "../../src/views/tree-drawing.ts";
import { treeModel } from "../../src/views/tree-model.ts";
import { type Moment, momentMs, momentOf } from "./support/moment.ts";

const big: Moment = {
  regions: 5,
  perRegion: 400,
  batch: 20,
  concurrency: 20,
  sealedRegions: 2,
  sealedBatches: 7,
  bad: 1,
};

const small: Moment = {
  regions: 1,
  perRegion: 2,
  batch: 1,
  concurrency: 1,
  sealedRegions: 0,
  sealedBatches: 1,
};

/** What is read on a screen of this size. */
function drawn(moment: Moment, columns: number, rows: number): string[] {
  const { state, activity } = momentOf(moment);
  const lines = rows - 1;
  const model = treeModel(state, { activity, nowMs: momentMs, lines, ended: false });
  return treeLines(model, { columns }).map((line) => line.map(({ text }) => text).join(""));
}

describe("the tree of 2,000 instances", () => {
  test("is read at a glance on 80 columns and 24 lines", () => {
    const lines = drawn(big, 80, 24);
    expect(lines.slice(0, 8)).toEqual([
      "▸ 940 of 2,000 good, 19 under way, 1 BAD · about 55 min left · region 3 of 5 ·…",
      "✔ region-1  400 of 400 sealed  47 min 20 s",
      "✔ region-2  400 of 400 sealed  47 min 20 s",
      "▸ region-3  140 of 400 sealed, 1 rolled back  47 min 20 s",
      "  ✔ batches 1 to 7 of 20  140 of 140 sealed",
      "  ▸ batch 8 of 20  0 of 20 sealed, 1 rolled back, 19 at work",
      '    ✖ r3-i141  rolled back, verified · 3 entries below "/srv/alma/tmp" were de…',
      "    ▸ r3-i142  step 2/4 clear compiled pages  2.1 s",
    ]);
    expect(lines.slice(-3)).toEqual([
      "  · batches 9 to 20 of 20  240 instances",
      "· region-4  400 instances",
      "· region-5  400 instances",
    ]);
  });

  test("keeps the counts, what is bad and the time on 60 columns", () => {
    const lines = drawn(big, 60, 24);
    expect(lines[0]).toBe("▸ 940 of 2,000 good, 19 under way, 1 BAD · about 55 min le…");
    expect(lines[6]).toBe('    ✖ r3-i141  rolled back, verified · 3 entries below "/s…');
  });

  test("says more on 200 columns and 50 lines", () => {
    const lines = drawn(big, 200, 50);
    expect(lines[0]).toBe(
      "▸ 940 of 2,000 good, 19 under way, 1 BAD · about 55 min left · region 3 of 5 · 47 min 20 s so far · kb-4711-20261123-0312-7f3a",
    );
    expect(lines[6]).toMatch(/were not back within 2 s$/);
    expect(lines.filter((line) => line.includes("step 2/4"))).toHaveLength(19);
  });

  test("counts what it has no line for", () => {
    expect(drawn(big, 80, 7)).toEqual([
      "▸ 940 of 2,000 good, 19 under way, 1 BAD · about 55 min left · region 3 of 5 ·…",
      "▸ region-3  140 of 400 sealed, 1 rolled back  47 min 20 s",
      "  ▸ batch 8 of 20  0 of 20 sealed, 1 rolled back, 19 at work",
      "    · 1 bad, 3 under way",
      "  · 1 more waiting, 1 more good",
      "· 2 more waiting, 2 more good",
    ]);
  });
});

test.each([4, 7, 24])("a halt is the last word of a tree on %d lines", (rows) => {
  const { state, activity } = momentOf(big);
  const halt = { sentence: "1 bad in region-3 batch 8 (r3-i141), at most 0 allowed" };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a tree reads no more of it
  const halted = { ...state, halt } as typeof state;
  const model = treeModel(halted, { activity, nowMs: momentMs, lines: rows - 1, ended: false });
  expect(treeLines(model, { columns: 80 }).length).toBeLessThan(rows);
  expect(model.at(0)?.title).toMatch(/^940 of 2,000 good/);
  expect(model.at(-1)?.title).toBe(`HALTED: ${halt.sentence}`);
});

test.each([
  [60, "▸ 1 of 2 good, 1 under way · region 1 of 1 · 1 min 20 s so…"],
  [80, "▸ 1 of 2 good, 1 under way · region 1 of 1 · 1 min 20 s so far · kb-4711-20261…"],
  [
    200,
    "▸ 1 of 2 good, 1 under way · region 1 of 1 · 1 min 20 s so far · kb-4711-20261123-0312-7f3a",
  ],
])("the tree of two instances is whole on %d columns", (columns, head) => {
  expect(drawn(small, columns, 24)).toEqual([
    head,
    "▸ region-1  1 of 2 sealed  1 min 20 s",
    "  ✔ batch 1 of 2 (canary)  1 of 1 sealed",
    "  ▸ batch 2 of 2  0 of 1 sealed, 1 at work",
    "    ▸ r1-i002  step 2/4 clear compiled pages  2.0 s",
  ]);
});

test("an instance whose view has ended is not called stopped: on its host the step may go on", () => {
  const { state, activity } = momentOf(small);
  const model = treeModel(state, { activity, nowMs: momentMs, lines: 23, ended: true });
  const lines = treeLines(model, { columns: 80 }).map((line) =>
    line.map(({ text }) => text).join(""),
  );
  expect(lines.at(-1)).toBe("    ■ r1-i002  last seen: step 2/4 clear compiled pages");
});

const sizes = [1, 2, 3, 5, 10, 24, 60].flatMap((rows) =>
  [20, 60, 80, 200].map((columns) => [columns, rows] as const),
);

test.each(sizes)(
  "no tree is larger than a terminal of %d columns and %d lines",
  (columns, rows) => {
    const moments: readonly Moment[] = [
      small,
      big,
      { ...big, bad: 20 },
      { ...big, batch: 400, bad: 300 },
      { ...big, batch: 1, sealedBatches: 399 },
      { ...big, regions: 200, perRegion: 10, batch: 5, sealedRegions: 100, sealedBatches: 1 },
    ];
    for (const moment of moments) {
      const lines = drawn(moment, columns, rows);
      expect(lines.length).toBeLessThanOrEqual(Math.max(1, rows - 1));
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(columns);
      expect(lines[0]).toMatch(/^▸ /);
    }
  },
);
