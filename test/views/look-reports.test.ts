import { describe, expect, test } from "vitest";
import {
  outcomeOf,
  type RehearsedHost,
  type StepFound,
} from "../../src/core/rehearsal/rehearsal.ts";
import type { ReviewFinding } from "../../src/core/static-review/finding.ts";
import { junitXml } from "../../src/views/junit.ts";
import { markdown } from "../../src/views/markdown.ts";
import { rehearsalReport, validReport } from "../../src/views/preview-report.ts";
import { notPassed, readJunit } from "../support/junit-shape.ts";
import { schemaSays } from "../support/junit-schema.ts";
import { describeWith } from "../support/parts.ts";
import { hostile } from "./support/scenarios.ts";

const at = "2026-11-23T03:12:40.123Z";

/** As a host prints it, and no XML and no Markdown may take it for its own. */
const nasty = `${hostile}]]>\uFFFE</failure>\n\`\`\`\n<script>@team`;

const found: StepFound = {
  exitCode: 0,
  durationMs: 1_234,
  output: nasty,
  inconclusive: null,
  findings: [],
  groups: [],
  external: [],
  remarks: [],
};

function broken(message: string): StepFound["findings"][number] {
  const path = "/srv/app/tmp";
  return { path, policy: "keep", code: "CONTRACT_BROKEN", message, count: 1, examples: [] };
}

const hosts: readonly RehearsedHost[] = [
  {
    name: "cn01-a",
    failure: null,
    notes: [],
    steps: [
      { number: 1, name: "new jar", is: "rehearsed", ...found },
      { number: 2, name: "drain", is: "not-rehearsable", because: "it is a request" },
      { number: 3, name: "look", is: "rehearsed", ...found, inconclusive: nasty },
      {
        number: 4,
        name: "clear",
        is: "rehearsed",
        ...found,
        findings: [broken("3 files deleted"), broken(nasty)],
      },
      { number: 5, name: "last", is: "not-reached", because: "the rollout would have stopped" },
    ],
  },
  {
    name: "cn01-b",
    failure: { code: "NOT_REHEARSABLE", message: `no unshare(1) ${nasty}`, hint: "install it" },
    notes: [],
    steps: [],
  },
];

function rehearsed(of: readonly RehearsedHost[], exit: number) {
  const instances = [{ name: "cn01", region: "cn", hosts: of }];
  const outcome = outcomeOf(instances);
  const view = { plan: "fix", instances, left: ["cn02"], byDefault: true, network: false, outcome };
  return rehearsalReport(view, { exit, at });
}

const finding: ReviewFinding = {
  id: "deletes",
  severity: "breaks",
  step: "clear",
  of: "step",
  action: null,
  file: "plan.yaml",
  line: 7,
  command: "rm -rf tmp",
  path: "/srv/app/tmp",
  protects: null,
  message: "deletes below ${home}/tmp, which is protected (keep)",
  instances: ["cn01"],
  accepted: null,
};

/** One of each kind, and two that break in the same step. */
const findings: readonly ReviewFinding[] = [
  finding,
  { ...finding, line: 8, command: nasty, message: nasty },
  { ...finding, line: 9, step: null, of: "recover" },
  { ...finding, line: 10, accepted: "the cache is warmed again" },
  { ...finding, line: 11, id: "restarts", severity: "warns" },
  { ...finding, line: 12, id: "unreadable", severity: "unknown" },
];

const suitesOf = ({ suites }: ReturnType<typeof validReport>) => readJunit(junitXml(suites));

describe("what a rehearsal tells a CI server", () => {
  const report = rehearsed(hosts, 7);

  test("is a case for each step on each host, with what it would break, and one for the whole", () => {
    const suites = suitesOf(report);
    expect(suites.map((it) => [it["@name"], it["@tests"], it["@time"]])).toEqual([
      ["cn", "6", "3.702"],
      ["rehearsal", "1", "0.000"],
    ]);
    expect(notPassed(suites).map((line) => line.replaceAll(/\s+/g, " "))).toEqual([
      "cn.cn01.cn01-a 2 drain: skipped, it is a request",
      "cn.cn01.cn01-a 3 look: error inconclusive",
      "cn.cn01.cn01-a 4 clear: failure CONTRACT_BROKEN",
      "cn.cn01.cn01-a 5 last: skipped, the rollout would have stopped",
      "cn.cn01.cn01-b rehearsal: failure NOT_REHEARSABLE",
      "fix outcome: failure exit 7",
    ]);
    const [, , , clear, , host] = suites[0]!.testcase;
    expect(clear!.failure).toMatchObject({ "@message": "3 files deleted" });
    expect(clear!.failure!["#"]).toContain("sealed\\x00\\u{d800}]]");
    expect(host!.failure!["#"]).toContain("next: install it");
  });

  test("is in Markdown the same text as on a screen, which closes no block of its own", () => {
    const text = markdown(report.markdown);
    expect(text).toMatch(
      /^### Handrail: rehearsal, would-break\n\n````text\nRehearsal of fix on cn01/,
    );
    expect(text).toContain("! 3 files deleted (CONTRACT_BROKEN)");
    expect(text).toContain("A policy would be broken. Nothing was touched.");
    expect(text.trimEnd().endsWith("\n````")).toBe(true);
    expect(text.match(/^````/gm)).toHaveLength(2);
    // oxlint-disable-next-line no-control-regex -- that is what must not be there
    expect(text).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202E\uD800]/u);
    expect(report.outputs).toEqual({ "exit-code": "7", outcome: "would-break" });
    expect(report.annotations).toMatchObject([
      { level: "error", message: "fix: would-break, exit 7" },
    ]);
  });

  test.each([0, 2])("passes with exit %d where nothing is wrong, without a remark", (exit) => {
    const steps = hosts[0]!.steps.slice(0, 1);
    const good = rehearsed([{ ...hosts[0]!, steps }], exit);
    expect(notPassed(suitesOf(good))).toEqual([]);
    expect(good.annotations).toEqual([]);
    expect(good.markdown[0]).toBe("### Handrail: rehearsal, no-effects");
  });

  test("is a warning, and no pass, where the copy could not show it", () => {
    const steps = hosts[0]!.steps.slice(0, 3);
    const open = rehearsed([{ ...hosts[0]!, steps }], 6);
    expect(notPassed(suitesOf(open)).at(-1)).toBe("fix outcome: failure exit 6");
    expect(open.annotations).toMatchObject([{ level: "warning" }]);
  });
});

describe("what validate tells a CI server", () => {
  test("is a case for each finding that keeps the plan from beginning, and one for the whole", () => {
    const suites = suitesOf(validReport("plan.yaml", findings, { exit: 3, at }));
    expect(suites.map((it) => it["@name"])).toEqual(["validate"]);
    expect(notPassed(suites)).toEqual([
      "plan.yaml clear: failure deletes",
      "plan.yaml clear (2): failure deletes",
      "plan.yaml recoveries: failure deletes",
      "plan.yaml outcome: failure exit 3",
    ]);
    expect(suites[0]!.testcase[0]!.failure).toEqual({
      "@message": `plan.yaml:7: ${finding.message}`,
      "@type": "deletes",
      "#": `plan.yaml:7: ${finding.message}\nrm -rf tmp`,
    });
  });

  test("says in Markdown what is certain, asked, and accepted", () => {
    const report = validReport("plan.yaml", findings, { exit: 3, at });
    const text = markdown(report.markdown);
    expect(text).toMatch(/^### Handrail: the plan would be refused\n\n````text\n/);
    expect(text).toContain(`\nbreaks: deletes, plan.yaml:7: ${finding.message}\n`);
    expect(text).toContain("\naccepted (breaks): deletes, plan.yaml:10: ");
    expect(text).toContain("\nwarns: restarts, plan.yaml:11: ");
    expect(text.match(/^````/gm)).toHaveLength(2);
    expect(report.annotations.map(({ level, line }) => [level, line])).toEqual([
      ["error", 7],
      ["error", 8],
      ["error", 9],
      ["warning", 11],
    ]);
  });

  test("passes a plan that is valid, and says no more than that", () => {
    const report = validReport("plan.yaml", [], { exit: 0, at });
    expect(notPassed(suitesOf(report))).toEqual([]);
    expect(report.markdown).toEqual(["### Handrail: the plan is valid"]);
    expect(report.outputs).toEqual({ "exit-code": "0" });
  });
});

describeWith(["xmllint"], "their JUnit, held against its schema by xmllint", () => {
  test("is valid, whatever a host printed", () => {
    const files = {
      rehearsal: junitXml(rehearsed(hosts, 7).suites),
      validate: junitXml(validReport("plan.yaml", findings, { exit: 3, at }).suites),
    };
    expect(schemaSays(files)).toEqual({ rehearsal: null, validate: null });
  });
});
