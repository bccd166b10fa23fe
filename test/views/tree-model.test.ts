import { describe, expect, test } from "vitest";
import { noActivity, observe } from "../../src/views/activity.ts";
import { treeModel } from "../../src/views/tree-model.ts";
import type { TreeRow } from "../../src/views/tree-row.ts";
import { bigFleet, goodCourse, incidentCourse } from "./support/alma.ts";
import { madeUpRollout, type Told } from "./support/made-up-rollout.ts";
import { bigScenario, scenario, scenarioNames } from "./support/scenarios.ts";
import { isLong } from "../support/long-suite.ts";

interface Frame {
  readonly told: Told;
  readonly rows: readonly TreeRow[];
}

/** The tree after each record, or after every so many. */
function frames(rollout: readonly Told[], lines = 40, every = 1): Frame[] {
  let activity = noActivity;
  return rollout.flatMap((told, index) => {
    activity = observe(activity, told.record, told);
    if (index % every !== 0) return [];
    const nowMs = Date.parse(told.record.at);
    return [{ told, rows: treeModel(told.after, { activity, nowMs, lines, ended: false }) }];
  });
}

/** The tree as it is left on the screen. */
function last(rollout: readonly Told[]): readonly TreeRow[] {
  let activity = noActivity;
  for (const told of rollout) activity = observe(activity, told.record, told);
  const { record, after } = rollout.at(-1)!;
  const nowMs = Date.parse(record.at);
  return treeModel(after, { activity, nowMs, lines: 40, ended: true });
}

function flat(rows: readonly TreeRow[]): TreeRow[] {
  return rows.flatMap((row) => [row, ...flat(row.children)]);
}

function drawn(rows: readonly TreeRow[], level = 0): string[] {
  return rows.flatMap((row) => [
    `${"  ".repeat(level)}${row.look}: ${row.title}`,
    ...drawn(row.children, level + 1),
  ]);
}

describe.each(scenarioNames)("the tree of a rollout that is called %j", (name) => {
  test("draws only what is good as good, and never an untouched instance", () => {
    const wrong = frames(scenario(name)).flatMap(({ told, rows }) =>
      flat(rows).filter((row) => {
        const [kind, which] = row.key.split("/");
        if (kind === "region" && row.look === "good")
          return [...told.after.instances.values()].some(
            (it) => it.region === which && it.phase !== "sealed" && !it.excluded,
          );
        if (kind !== "instance") return false;
        const phase = told.after.instances.get(which ?? "")?.phase;
        return (row.look === "good") !== (phase === "sealed");
      }),
    );
    expect(wrong).toEqual([]);
  });

  test("has one row for each thing, and safe titles", () => {
    for (const { rows } of frames(scenario(name), 40, 3)) {
      const keys = flat(rows).map((row) => row.key);
      expect(new Set(keys).size).toBe(keys.length);
      const titles = flat(rows).map((row) => row.title);
      expect(titles.join(" ")).not.toMatch(/\p{C}|undefined|NaN|null/u);
    }
  });

  test("leaves nothing running on the screen, wherever it ends", () => {
    const told = scenario(name);
    for (let end = told.length; end > 0; end -= 37) {
      const left = flat(last(told.slice(0, end))).filter((row) => row.key !== "preflight");
      expect(left.filter(({ look }) => look === "running" || look === "back")).toEqual([]);
    }
  });
});

/** The first drawing of the incident at this time or after it. */
function incidentAt(when: string): string[] {
  return drawn(frames(scenario("incident")).find(({ told }) => told.record.at >= when)!.rows);
}

describe("the tree", () => {
  test("collapses sealed regions and shows the bad one with its finding", () => {
    expect(drawn(last(scenario("incident")))).toEqual([
      "good: apac  3 of 3 sealed  20 s",
      "good: eu    4 of 4 sealed  14 s",
      "good: na    3 of 3 sealed  18 s",
      "bad: cn    0 of 2 sealed, 1 rolled back  9.1 s",
      "  bad: batch 1 of 2 (canary)  0 of 1 sealed, 1 rolled back",
      '    bad: cn01  rolled back, verified · 3 entries below "/srv/alma/tmp" were deleted by step "clear compiled pages" and were not back within 2 s',
      "  skipped: batch 2 of 2  1 instance not touched: the rollout halted",
    ]);
  });

  test("shows an instance's step with its time, and what is seen wrong while it goes on", () => {
    expect(incidentAt("2026-11-23T03:13:35.5")).toContain(
      "    running: cn01  step 2/4 clear compiled pages",
    );
    expect(incidentAt("2026-11-23T03:13:37.5")).toContain(
      "    running: cn01  step 2/4 clear compiled pages  2.8 s · ui: status 500, expected 200",
    );
    const halting = incidentAt("2026-11-23T03:13:40.5");
    expect(halting.at(-1)).toBe("bad: HALTED: 1 bad in cn batch 1 (cn01), at most 0 allowed");
    expect(
      halting.some((row) => row.startsWith("    back: cn01  back: step 2/4 clear compiled pages")),
    ).toBe(true);
  });

  test("begins with the preflight, and keeps it where it refused", () => {
    expect(drawn(frames(scenario("incident"))[5]!.rows)[0]).toBe(
      "running: preflight: 1 of 12 instances looked at",
    );
    const refused = drawn(last(scenario("refused")));
    expect(refused[0]).toBe("bad: preflight: 1 of 12 instances not fit");
    expect(refused[1]).toMatch(/^ {2}bad: cn01 {2}not prepared \\x1b\[2J/);
    expect(refused.slice(2)).toEqual([
      "skipped: apac  3 instances not touched: the rollout was refused",
      "skipped: eu    4 instances not touched: the rollout was refused",
      "skipped: na    3 instances not touched: the rollout was refused",
      "skipped: cn    2 instances not touched: the rollout was refused",
    ]);
  });

  test("shows who waits for a person", () => {
    expect(drawn(last(scenario("waits for approval"))).at(-1)).toBe(
      "paused: cn    2 instances, waits for a person's approval",
    );
    expect(drawn(last(scenario("inconclusive")))).toContain(
      "    paused: cn01  neither good nor bad, waits for a decision · could not tell",
    );
  });

  test("goes back over sealed regions that are undone", () => {
    const undoing = frames(scenario("undone")).filter(({ told }) => told.after.mode === "undoing");
    const looks = undoing.map(({ rows }) => rows.find((row) => row.key === "region/apac")?.look);
    expect(looks[0]).toBe("back");
    expect(looks.at(-1)).toBe("bad");
    expect(looks).not.toContain("good");
  });

  test.each(isLong ? [24, 40, 60] : [24])("of 300 instances fits on %d lines", (lines) => {
    const rollout = bigScenario();
    const heights = frames(rollout, lines, 61).map(({ rows }) => flat(rows).length);
    expect(Math.max(...heights)).toBeLessThan(lines);
    expect(Math.max(...heights)).toBeGreaterThan(12);
  });

  test("keeps the bad ones of a large batch in sight", () => {
    const rollout = madeUpRollout({
      itinerary: bigFleet(1, 50),
      perform: (action) =>
        action.instance === "r01-i26" && action.kind === "apply"
          ? { ...incidentCourse({ ...action, instance: "cn01", step: 1 }) }
          : goodCourse(action),
    });
    const bad = frames(rollout, 10).filter(({ told }) => told.after.instances.get("r01-i26")?.bad);
    const hidden = bad.filter(
      ({ rows }) => !drawn(rows).some((row) => row.includes(": r01-i26  ")),
    );
    expect(bad.length).toBeGreaterThan(10);
    expect(hidden).toEqual([]);
  });
});
