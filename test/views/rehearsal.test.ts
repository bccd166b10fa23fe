import { expect, test } from "vitest";
import type { RehearsedHost, StepFound } from "../../src/core/rehearsal/rehearsal.ts";
import { effectsOf } from "../../src/core/verdict/classify.ts";
import { plainPage } from "../../src/views/page.ts";
import { rehearsalJson } from "../../src/views/rehearsal-json.ts";
import { rehearsalText, type RehearsalView } from "../../src/views/rehearsal-text.ts";
import { changeOf } from "../core/verdict/made-up.ts";

const tmp = "/srv/app/tmp";

const found: StepFound = {
  exitCode: 0,
  durationMs: 5,
  output: "said\u{1b}]0;x\u{7}",
  inconclusive: null,
  findings: [
    {
      path: tmp,
      policy: "keep",
      code: "CONTRACT_BROKEN",
      message: "1 file deleted below /srv/app/tmp, policy keep allows none",
      count: 1,
      examples: [],
    },
  ],
  groups: [
    {
      of: "protected",
      path: tmp,
      policy: "keep",
      counts: { deleted: 20, unlisted: 3 },
      deletedBytes: 200,
      effects: effectsOf(
        Array.from({ length: 20 }, (_, at) => changeOf("deleted", `${tmp}/${10 + at}`)),
      ),
    },
    {
      of: "elsewhere",
      path: null,
      policy: null,
      counts: { content: 1 },
      deletedBytes: 0,
      effects: effectsOf([changeOf("content", "/etc/hosts")]),
    },
  ],
  external: ["systemctl restart app\u{1b}[2J"],
  remarks: [],
  tracedTo: { [`${tmp}/10`]: "rm -rf tmp\u{1b}[2J" },
};

const host = (parts: Partial<RehearsedHost>): RehearsedHost => ({
  name: "cn01",
  failure: null,
  notes: [],
  steps: [],
  ...parts,
});

const view = (hosts: readonly RehearsedHost[]): RehearsalView => ({
  plan: "fix",
  instances: [{ name: "cn01", region: "cn", hosts }],
  left: ["cn02", "cn03"],
  byDefault: true,
  network: false,
  outcome: "would-break",
});

test("a rehearsal says where, what each step did, what it did not reach, and what no copy shows", () => {
  const steps = [
    { number: 1, name: "clear", is: "rehearsed", ...found } as const,
    { number: 2, name: "drain", is: "not-rehearsable", because: "it is a request" } as const,
    {
      number: 3,
      name: "last",
      is: "not-reached",
      because: "the rollout would have stopped",
    } as const,
  ];
  const text = rehearsalText(view([host({ steps, notes: ["/x can't be written"] })]), plainPage);
  const lines = text.split("\n");
  expect(lines.slice(0, 8)).toEqual([
    "Rehearsal of fix on cn01, the first of each region",
    "  not rehearsed: cn02, cn03",
    "",
    "cn01 (cn)",
    "  ? /x can't be written",
    "  1. clear",
    "    ! 1 file deleted below /srv/app/tmp, policy keep allows none (CONTRACT_BROKEN)",
    "    /srv/app/tmp (keep): 20 deleted, 3 unlisted; 200 B in what is deleted",
  ]);
  expect(lines).toContain(String.raw`      /srv/app/tmp/10: deleted 10 B, by: rm -rf tmp\x1b[2J`);
  expect(lines).toContain("      and 11 more paths");
  expect(lines).toContain("      /etc/hosts: content 10 B, now 11 B");
  expect(lines).toContain(String.raw`    ? only recorded, not done: systemctl restart app\x1b[2J`);
  expect(lines).toContain(String.raw`      said\x1b]0;x\x07`);
  expect(lines).toContain("  2. drain: not rehearsable, because it is a request");
  expect(lines).toContain("  3. last: not reached: the rollout would have stopped");
  expect(lines).toContain("  A copy has no network: what a step would do over it is not shown.");
  expect(lines.at(-2)).toBe("A policy would be broken. Nothing was touched.");
});

test("a host without a copy says why, and never that nothing would happen", () => {
  const failure = {
    code: "NOT_REHEARSABLE",
    message: "unshare(1) is missing",
    hint: "look",
  } as const;
  const text = rehearsalText(
    { ...view([host({ failure })]), outcome: "not-rehearsable" },
    plainPage,
  );
  expect(text).toContain(
    "  ! not rehearsable, because unshare(1) is missing (NOT_REHEARSABLE)\n    next: look",
  );
  expect(text).not.toContain("no effects");
});

test("where the network was open, that is said instead", () => {
  expect(rehearsalText({ ...view([]), network: true }, plainPage)).toContain(
    "what they did over it was done",
  );
});

test("JSON has every effect that is listed, with what it was and is, and who did it", () => {
  const steps = [{ number: 1, name: "clear", is: "rehearsed", ...found } as const];
  const json = rehearsalJson(view([host({ steps })]), 7);
  expect(json).toMatchObject({
    schema: 1,
    outcome: "would-break",
    exit: 7,
    notRehearsed: ["cn02", "cn03"],
    instances: [{ name: "cn01", hosts: [{ steps: [{ number: 1, is: "rehearsed" }] }] }],
  });
  const text = JSON.stringify(json);
  expect(text).toContain(
    '{"path":"/srv/app/tmp/10","class":"deleted","before":{"type":"file","mode":"0644","uid":1000,"gid":1000,"size":10},"after":null,"by":',
  );
  expect(text.match(/"class":"deleted"/g)).toHaveLength(20);
});
