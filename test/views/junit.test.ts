import { describe, expect, test } from "vitest";
import { refusalSuites, rolloutSuites } from "../../src/views/junit-cases.ts";
import { type CaseEnd, junitXml } from "../../src/views/junit.ts";
import { summarise } from "../../src/views/summary.ts";
import { type JunitTestsuite, notPassed, readJunit } from "../support/junit-shape.ts";
import { schemaSays } from "../support/junit-schema.ts";
import { describeWith } from "../support/parts.ts";
import { hostile, scenario, scenarioNames } from "./support/scenarios.ts";

function fileOf(name: string): { exit: number; xml: string } {
  const told = scenario(name);
  const state = told.at(-1)!.after;
  const records = told.map(({ record }) => record);
  const summary = summarise(state, records);
  return { exit: summary.exit, xml: junitXml(rolloutSuites(state, records, summary)) };
}

function suitesOf(name: string): { exit: number; suites: readonly JunitTestsuite[] } {
  const { exit, xml } = fileOf(name);
  return { exit, suites: readJunit(xml) };
}

/** As hosts print it: what XML forbids, what ends a section of it, and what is markup in it. */
const hostileToXml = `${hostile}]]>&<failure/>"'\uFFFE\uFFFF\u0008\uD800x\uDC00\u{1F600}`;

/** A file in which everything that comes from outside is this text. */
function allOf(text: string): string {
  const at = "2026-11-23T03:12:40.123Z";
  const trouble = { type: text, message: text, lines: [text] };
  const ends: readonly CaseEnd[] = [
    { is: "failure", ...trouble },
    { is: "error", ...trouble },
    { is: "skipped", because: text },
    { is: "passed" },
  ];
  const cases = ends.map((end) => ({ of: text, name: `${end.is} ${text}`, ms: 7, end }));
  return junitXml([{ name: text, at, cases }]);
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
    const xml = allOf(hostileToXml);
    expect(readJunit(xml)[0]?.testcase[0]).toMatchObject({ "@time": "0.007" });
    expect(xml).toContain("]]&gt;&amp;&lt;failure/&gt;");
    expect(xml).toContain("\\u{fffe}\\u{ffff}\\x08\\u{d800}x\\u{dc00}\u{1F600}");
  });
});

describe("cases of one name", () => {
  test("are told apart, because a reader may show the first alone", () => {
    const end = { is: "passed" } as const;
    const cases = ["clear", "clear", "clear (2)", "clear"].map((name) => ({
      of: "a",
      name,
      ms: 0,
      end,
    }));
    const at = "2026-11-23T03:12:40.123Z";
    const [first, second] = readJunit(
      junitXml([
        { name: "one", at, cases },
        { name: "two", at, cases: [cases[0]!, { of: "b", name: "clear", ms: 0, end }] },
      ]),
    );
    const names = (suite: typeof first) => suite!.testcase.map((it) => it["@name"]);
    expect(names(first)).toEqual(["clear", "clear (2)", "clear (2) (2)", "clear (3)"]);
    expect(names(second)).toEqual(["clear (4)", "clear"]);
  });
});

describeWith(["xmllint"], "JUnit, held against its schema by xmllint", () => {
  test("is valid for every way in which a rollout can go, and whatever a host printed", () => {
    const files = {
      ...Object.fromEntries(scenarioNames.map((name) => [name, fileOf(name).xml])),
      refused: junitXml(
        refusalSuites("2026-11-23T03:12:40.123Z", "exit 3", ["refused", hostileToXml]),
      ),
      hostile: allOf(hostileToXml),
      empty: allOf(""),
    };
    const valid = Object.fromEntries(Object.keys(files).map((name) => [name, null]));
    expect(schemaSays(files)).toEqual(valid);
  });

  test("is not valid where anything of it is amiss", () => {
    const good = allOf("it");
    const wrong: Readonly<Record<string, readonly [string, string]>> = {
      "a character that XML forbids": ["it</failure>", "it\u0008</failure>"],
      "an end of a section": ["it</failure>", "]]></failure>"],
      "an unknown attribute": ["<testcase ", '<testcase assertions="1" '],
      "no class name": [' classname="it"', ""],
      "two ends": ["<skipped", '<error message="m" type="t"/><skipped'],
      "two cases of one name": ['name="error it"', 'name="failure it"'],
      "parts out of order": ["<properties/>", "<system-out/>"],
      "a time with a zone": ["03:12:40", "03:12:40Z"],
      "seconds in words": ['time="0.007"', 'time="7 ms"'],
      "no message": [' message="it"', ""],
    };
    const changed = Object.entries(wrong).map(([name, [from, to]]): readonly [string, string] => {
      expect(good).toContain(from);
      return [name, good.replace(from, to)];
    });
    const said = schemaSays({ good, ...Object.fromEntries(changed) });
    expect(Object.keys(said).filter((name) => said[name] === null)).toEqual(["good"]);
  });
});
