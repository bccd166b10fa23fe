import { describe, expect, test } from "vitest";
import { plainLines } from "../../src/views/plain-lines.ts";
import { probe, almaItinerary, goodCourse } from "./support/alma.ts";
import { madeUpRollout, type Told } from "./support/made-up-rollout.ts";
import { scenario, scenarioNames } from "./support/scenarios.ts";

function printed(told: readonly Told[], color = false): string[] {
  let text = "";
  const view = plainLines({ output: { write: (more) => (text += more) }, color });
  for (const { record, before, after } of told) view.record(record, before, after);
  return text.trimEnd().split("\n");
}

describe("plain lines", () => {
  test.each(scenarioNames)("are a UTC time, a name and words, one line each: %s", (name) => {
    for (const line of printed(scenario(name))) {
      expect(line).toMatch(/^(\d{2}:\d{2}:\d{2}Z {2}\S.{6} {2}\S|\d{4}-\d{2}-\d{2} \(UTC\)$)/u);
      expect(line).not.toMatch(/\p{C}/u);
      expect(line).not.toMatch(/undefined|NaN|\[object|null/);
    }
  });

  test("say what each step did, in words that can be searched for", () => {
    const lines = printed(scenario("incident"));
    expect(lines[0]).toBe("2026-11-23 (UTC)");
    expect(lines).toContain("03:13:35Z  cn01     step 2/4 clear compiled pages: exit 0 in 590 ms");
    expect(lines).toContain(
      "03:13:35Z  cn01     probe upload (ui): fail, status 500, expected 200",
    );
    expect(lines).toContain(
      '03:13:37Z  cn01     step 2/4 clear compiled pages: CONTRACT BROKEN: 3 entries deleted below "/srv/alma/tmp", not back within 2 s',
    );
    expect(lines).toContain(
      "03:13:40Z  rollout  HALTED: 1 bad in cn batch 1 (cn01), at most 0 allowed",
    );
    expect(lines).toContain("03:13:41Z  cn01     rolled back, content and health verified");
  });

  test("show a failing command's exit code and its last line, with escapes shown", () => {
    const line = printed(scenario("noisy")).find((each) => each.includes("exit 3"));
    expect(line).toContain("step 1/4 new jar: exit 3 in 1.2 s: fake cn01 sealed\\x00");
  });

  test("name the host where an instance has several", () => {
    const lines = printed(scenario("noisy"));
    expect(lines.some((line) => line.includes("step 1/4 new jar on cn01-b: runs, attempt 2"))).toBe(
      true,
    );
  });

  test("tell a probe's answer when it changes, and not again and again", () => {
    const told = madeUpRollout({
      itinerary: almaItinerary({ regions: { cn: [["cn01"]] } }),
      perform: (action) =>
        action.kind === "bake"
          ? {
              ...goodCourse(action),
              notes: (["pass", "pass", "fail", "fail", "error", "pass"] as const).map(
                (is, index) => [
                  index * 10,
                  probe("cn01", { probe: "upload", surface: "ui", is, while: "bake" }),
                ],
              ),
            }
          : goodCourse(action),
    });
    const lines = printed(told).filter((line) => line.includes("probe upload"));
    expect(lines.map((line) => /: (pass|fail|could not tell),/.exec(line)?.[1])).toEqual([
      "pass",
      "fail",
      "could not tell",
      "pass",
    ]);
  });

  test("say the date anew after midnight", () => {
    const told = madeUpRollout({
      itinerary: almaItinerary(),
      perform: goodCourse,
      startAt: "2026-12-31T23:59:45.000Z",
    });
    const dates = printed(told).filter((line) => line.endsWith("(UTC)"));
    expect(dates).toEqual(["2026-12-31 (UTC)", "2027-01-01 (UTC)"]);
  });

  test("have colour only when asked for, and the same words with it", () => {
    const plain = printed(scenario("incident"));
    const painted = printed(scenario("incident"), true);
    expect(painted.join("\n")).toContain("\x1b[31mHALTED");
    // oxlint-disable-next-line no-control-regex -- colours are what is taken away here
    expect(painted.map((line) => line.replaceAll(/\x1b\[\d+m/g, ""))).toEqual(plain);
  });
});
