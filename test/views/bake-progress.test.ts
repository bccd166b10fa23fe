import { describe, expect, test } from "vitest";
import { noActivity, observe } from "../../src/views/activity.ts";
import {
  type BakeProgress,
  bakesOf,
  bakeWords,
  batchBakeWords,
} from "../../src/views/bake-progress.ts";
import { plainLines } from "../../src/views/plain-lines.ts";
import { publicEvents } from "../../src/views/events-of-record.ts";
import { approvalWords, windowWait } from "../../src/views/region-waits.ts";
import { statusText } from "../../src/views/status-text.ts";
import { treeModel } from "../../src/views/tree-model.ts";
import type { TreeRow } from "../../src/views/tree-row.ts";
import { smallItinerary } from "../support/small-itinerary.ts";
import { madeUpRollout, type Told } from "./support/made-up-rollout.ts";
import { scenario } from "./support/scenarios.ts";

const stable: BakeProgress = { stage: "stable", endsMs: 30_000, ofMs: 30_000 };

describe("how far a bake is", () => {
  test.each<[BakeProgress, number, string]>([
    [{ stage: "settle", endsMs: 5_000, ofMs: 5_000 }, 2_001, "settling, 3 s left"],
    [{ stage: "settle", endsMs: 5_000, ofMs: 5_000 }, 5_000, "looks at health"],
    [stable, 0, "stable 0 s of 30 s"],
    [stable, 12_700, "stable 12 s of 30 s"],
    [stable, 30_000, "stable 30 s, last look"],
    // A clock that was set back takes nothing away from it.
    [stable, -9_000, "stable 0 s of 30 s"],
    [{ stage: "stable", endsMs: 600_000, ofMs: 600_000 }, 61_000, "stable 1 min 01 s of 10 min"],
    [
      { stage: "retry", endsMs: 60_000, ofMs: 60_000 },
      12_000,
      "not stable, 48 s left to become so",
    ],
    [{ stage: "retry", endsMs: 60_000, ofMs: 60_000 }, 61_000, "not stable, last look"],
  ])("%j is told at %i ms as %j", (progress, nowMs, words) => {
    expect(bakeWords(progress, nowMs)).toBe(words);
  });

  test.each<[readonly BakeProgress[], string]>([
    [[], ""],
    [[stable, { stage: "settle", endsMs: 1, ofMs: 1 }], ""],
    [[stable, { ...stable, endsMs: 42_000 }], "stable, 30 s left"],
    [[stable, { stage: "retry", endsMs: 60_000, ofMs: 1 }], "1 of them not stable"],
    [[{ ...stable, endsMs: 5_000 }], "stable, last look"],
  ])("a batch of %j is %j", (bakes, words) => {
    expect(batchBakeWords(bakes, 12_000)).toBe(words);
  });
});

/** One instance that settles for 5 s, is stable at once, breaks after 7 s, and is stable again. */
function baked(): readonly Told[] {
  return madeUpRollout({
    itinerary: smallItinerary({
      regions: { eu: [["a"]] },
      bakeMs: { settleMs: 5_000, stableMs: 30_000, retryMs: 60_000 },
    }),
    perform: (action) => ({
      takesMs: action.kind === "bake" ? 55_000 : 1_000,
      notes:
        action.kind !== "bake"
          ? []
          : (
              [
                [5_000, "stable", 30_000, 30_000],
                [12_000, "retry", 53_000, 60_000],
                [20_000, "stable", 30_000, 30_000],
              ] as const
            ).map(([at, stage, leftMs, ofMs]) => [
              at,
              { kind: "bake.stage", instance: "a", stage, leftMs, ofMs },
            ]),
      outcome: { is: "done" },
    }),
  });
}

function flat(rows: readonly TreeRow[]): TreeRow[] {
  return rows.flatMap((row) => [row, ...flat(row.children)]);
}

const begins = ({ record: { event } }: Told): boolean =>
  event.kind === "intent" && event.action.kind === "bake";

describe("a live countdown", () => {
  test.each([
    [2_100, "settling, 3 s left", ""],
    [5_000, "stable 0 s of 30 s", "stable, 30 s left"],
    [11_500, "stable 6 s of 30 s", "stable, 24 s left"],
    [15_000, "not stable, 50 s left to become so", "1 of them not stable"],
    [49_000, "stable 29 s of 30 s", "stable, 1 s left"],
  ])("%i ms into a bake says %j of the instance, %j of its batch", (ms, row, batch) => {
    const told = baked();
    const fromMs = Date.parse(told.find(begins)!.record.at);
    const until = told.filter(({ record }) => Date.parse(record.at) <= fromMs + ms);
    const { after } = until.at(-1)!;
    const activity = until.reduce((seen, each) => observe(seen, each.record, each), noActivity);
    const nowMs = fromMs + ms;
    const rows = flat(treeModel(after, { activity, nowMs, lines: 40, ended: false }));
    expect(rows.find(({ key }) => key === "instance/a")?.title).toBe(
      `a  bakes: watches health, ${row}`,
    );
    const title = `batch 1 of 1 (canary)  0 of 1 sealed, 1 baking`;
    expect(rows.find(({ key }) => key === "batch/eu/0")?.title).toBe(
      batch === "" ? title : `${title}: ${batch}`,
    );
    const journal = until.map(({ record }) => record);
    expect(statusText(after, journal, { nowMs })).toContain(`bakes: watches health, ${row}\n`);
    expect(bakesOf(journal, after).size).toBe(1);
    const left = flat(treeModel(after, { activity, nowMs, lines: 40, ended: true }));
    expect(left.map((each) => each.title).join("\n")).not.toContain(" left");
  });

  test("is over with the bake", () => {
    const told = baked();
    expect(
      bakesOf(
        told.map(({ record }) => record),
        told.at(-1)!.after,
      ).size,
    ).toBe(0);
  });

  test("is one line where there is no terminal, and one more only where it breaks", () => {
    let text = "";
    const view = plainLines({ output: { write: (more) => (text += more) }, color: false });
    for (const { record, before, after } of baked()) view.record(record, before, after);
    const lines = text.split("\n").filter((line) => /bake|stable/.test(line));
    expect(lines.map((line) => line.replace(/^\S+ +\S+ +/, ""))).toEqual([
      "batch 1 bakes: settle 5 s, stable 30 s",
      expect.stringMatching(/^not stable: must be so from \d\d:\d\d:\d\dZ on at the latest$/),
    ]);
  });

  test("is told to programs as the time at which each stage ends", () => {
    const stages = baked().flatMap(({ record, before, after }) =>
      publicEvents(before, record, after).filter(({ type }) => type === "bake.stage"),
    );
    const seconds = stages.map((it) => {
      if (it.type !== "bake.stage") throw new Error("not filtered");
      return [it.stage, (Date.parse(it.until) - Date.parse(it.at)) / 1_000, it.ofMs];
    });
    expect(seconds).toEqual([
      ["stable", 30, 30_000],
      ["retry", 53, 60_000],
      ["stable", 30, 30_000],
    ]);
  });
});

describe("a wait for a time of day is counted down", () => {
  const shut = scenario("waits for its window");

  test.each([
    ["2026-11-23T15:46:00Z", "in 2 h 14 min, at "],
    ["2026-11-23T17:59:30.500Z", "in 30 s, at "],
    ["2026-11-23T18:00:00Z", "now: "],
  ])("at %s: the window opens %s", (now, words) => {
    const { after } = shut.at(-1)!;
    const nowMs = Date.parse(now);
    expect(windowWait(after, "cn", nowMs)).toBe(
      `its maintenance window, which opens ${words}2026-11-23 18:00:00Z (2026-11-24 02:00:00 Asia/Shanghai)`,
    );
    const journal = shut.map(({ record }) => record);
    const text = statusText(after, journal, { nowMs });
    expect(text.split(`which opens ${words}`).length - 1).toBe(2);
  });

  test("how long an approval still counts is told with who gave it", () => {
    const itinerary = smallItinerary({
      regions: { eu: [["a"]] },
      approve: ["eu"],
      approvals: { eu: { by: 2, from: null, expiresMs: 14_400_000, starter: true } },
    });
    const wish = { kind: "approve", region: "eu", at: "2026-11-23T04:00:00Z" } as const;
    const { after } = madeUpRollout({
      itinerary,
      perform: () => ({ takesMs: 1_000, notes: [], outcome: { is: "done" } }),
      wishes: [[3_000, wish]],
    }).at(-1)!;
    const at = (time: string): string =>
      approvalWords(after, "eu", Date.parse(`2026-11-23T${time}Z`));
    expect(at("06:20:00")).toBe(
      "1 more approval; deploy@laptop (counts for 1 h 40 min more) approved; each counts for 4h",
    );
    expect(at("08:00:00")).toContain("deploy@laptop (too long ago) approved");
  });
});
