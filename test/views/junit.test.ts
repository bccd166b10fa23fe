import { describe, expect, test } from "vitest";
import { rolloutSuites } from "../../src/views/junit-cases.ts";
import { junitXml } from "../../src/views/junit.ts";
import { summarise } from "../../src/views/summary.ts";
import { type JunitTestsuite, notPassed, readJunit } from "../support/junit-shape.ts";
import { hostile, scenario, scenarioNames } from "./support/scenarios.ts";

function suitesOf(name: string): { exit: number; suites: readonly JunitTestsuite[] } {
  const told = scenario(name);
  const state = told.at(-1)!.after;
  const records = told.map(({ record }) => record);
  const summary = summarise(state, records);
  return {
    exit: summary.exit,
    suites: readJunit(junitXml(rolloutSuites(state, records, summary))),
  };
}

const isSkipped = (line: string): boolean => line.includes(": skipped, ");

describe("JUnit", () => {
  test.each(scenarioNames)("is of the common shape, and green only with exit 0: %s", (name) => {
    const { exit, suites } = suitesOf(name);
    const bad = notPassed(suites).filter((line) => !isSkipped(line));
    expect(bad.length === 0).toBe(exit === 0);
    const names = suites.flatMap((it) =>
      it.testcase.map((one) => `${one["@classname"]} ${one["@name"]}`),
    );
    expect(new Set(names).size).toBe(names.length);
  });

  test.each<[string, readonly string[]]>([
    ["goes well", []],
    [
      "incident",
      [
        "cn.cn01 2 clear compiled pages: failure REGENERATION_LATE",
        "kb-4711-session-redirect outcome: failure halted",
        "1 skipped, done, and taken back",
        "3 skipped, not reached",
        "5 skipped, not touched",
      ],
    ],
    [
      "rollback fails",
      [
        "cn.cn01 2 clear compiled pages: failure REGENERATION_LATE",
        "cn.cn01 end: failure UNDO_FAILED",
        "kb-4711-session-redirect outcome: failure halted",
        "1 skipped, done, and the way back did not end well",
        "2 skipped, not reached",
        "5 skipped, not touched",
      ],
    ],
    [
      "incident, everything taken back",
      "apac.ap01 apac.ap02 apac.ap03 eu.eu01 eu.eu02 eu.eu03 eu.eu04 na.na01 na.na02 na.na03"
        .split(" ")
        .map((name) => `${name} end: failure ROLLED_BACK_BY_HALT`)
        .concat([
          "cn.cn01 2 clear compiled pages: failure REGENERATION_LATE",
          "kb-4711-session-redirect outcome: failure halted",
          "41 skipped, done, and taken back",
          "3 skipped, not reached",
          "5 skipped, not touched",
        ]),
    ],
    [
      "unreachable",
      [
        "cn.cn01 1 new jar: error CONNECT_LOST",
        "cn.cn01 end: error CONNECT_LOST",
        "kb-4711-session-redirect outcome: failure halted",
        "3 skipped, not reached",
        "5 skipped, not touched",
      ],
    ],
    [
      "inconclusive",
      [
        "cn.cn01 end: error PROBE_INCONCLUSIVE",
        "kb-4711-session-redirect outcome: failure paused",
        "5 skipped, not touched",
      ],
    ],
    [
      "waits for approval",
      ["kb-4711-session-redirect outcome: failure paused", "10 skipped, not touched"],
    ],
    [
      "interrupted",
      ["kb-4711-session-redirect outcome: failure interrupted", "45 skipped, not touched"],
    ],
    ["undone", ["48 skipped, taken back, as was asked for"]],
  ])("says of a rollout that is called %j what did not pass", (name, said) => {
    const lines = notPassed(suitesOf(name).suites);
    const [skipped, bad] = [lines.filter(isSkipped), lines.filter((line) => !isSkipped(line))];
    const why = Map.groupBy(skipped, (line) => line.slice(line.lastIndexOf(": skipped, ") + 2));
    expect([...bad, ...[...why].map(([reason, all]) => `${all.length} ${reason}`)]).toEqual(said);
  });

  test("is one file for the reader whatever a host printed", () => {
    const text = `${hostile}]]>&<failure/>\uFFFE\u0008`;
    const at = "2026-11-23T03:12:40.123Z";
    const end = { is: "failure", type: text, message: text, lines: [text] } as const;
    const xml = junitXml([{ name: text, at, cases: [{ of: text, name: text, ms: 7, end }] }]);
    expect(readJunit(xml)[0]?.testcase).toMatchObject([{ "@time": "0.007" }]);
    expect(xml).toContain("]]&gt;&amp;&lt;failure/&gt;\\u{fffe}\\x08");
  });
});
