import { expect, test } from "vitest";
import { judgeInCopy, type StepInCopyOrder } from "../../../src/core/rehearsal/judge-step.ts";
import { judge } from "../../../src/core/verdict/judge.ts";
import { change, changeOf, folder, protectedBy } from "../verdict/made-up.ts";

const tmp = "/srv/app/tmp";

function order(parts: Partial<StepInCopyOrder> = {}): StepInCopyOrder {
  return {
    protect: [protectedBy("keep")],
    writes: [],
    allow: [],
    exitCode: 0,
    timedOut: false,
    full: false,
    durationMs: 10,
    timeoutMs: 5_000,
    output: "",
    calls: [],
    traced: null,
    inside: { changes: [], total: 0 },
    outside: { changes: [], total: 0 },
    startsDaemon: false,
    ...parts,
  };
}

const gone = [change(`${tmp}/d`, folder(), null), changeOf("deleted", `${tmp}/d/a`)];

test("what a policy forbids is the same finding that a real step would get", () => {
  const protect = [protectedBy("keep")];
  const found = judgeInCopy(order({ inside: { changes: gone, total: 2 } }));
  const real = judge({ changes: gone, total: 2, protect, writes: [], allow: [] });
  expect(found.findings).toEqual(real.verdict.findings);
  expect(found.findings).toHaveLength(1);
  expect(found.groups).toMatchObject([
    { of: "protected", path: tmp, policy: "keep", counts: { deleted: 2 } },
  ]);
});

test("what may regenerate is told, and is no broken policy", () => {
  const protect = [
    { path: tmp, policy: { kind: "regenerates", withinMs: 1, recover: [] } as const },
  ];
  const found = judgeInCopy(order({ protect, inside: { changes: gone, total: 2 } }));
  expect(found.findings).toEqual([]);
  expect(found.remarks).toEqual([
    "2 paths of /srv/app/tmp would go, and a rehearsal can't show whether that comes back",
  ]);
});

test("a budget holds in a copy as it holds on a host", () => {
  const allow = [{ effect: "delete", glob: `${tmp}/**`, max: 1 } as const];
  const found = judgeInCopy(order({ allow, inside: { changes: gone, total: 2 } }));
  expect(found.findings).toMatchObject([{ code: "BUDGET_EXCEEDED", count: 2 }]);
});

test("what the step writes, what another step writes and what lies elsewhere are told apart", () => {
  const changes = [changeOf("created", "/srv/app/lib/mine"), changeOf("created", "/srv/other")];
  const found = judgeInCopy(
    order({
      writes: ["/srv/app/lib/mine"],
      inside: { changes, total: 2 },
      outside: { changes: [changeOf("content", "/etc/hosts")], total: 7 },
    }),
  );
  expect(found.groups.map(({ of, path, counts }) => [of, path, counts])).toEqual([
    ["written", "/srv/app/lib/mine", { created: 1 }],
    ["elsewhere", null, { content: 1, created: 1, unlisted: 6 }],
  ]);
  expect(found.findings).toEqual([]);
});

test("a list that was cut short breaks a policy, because nobody can say that it held", () => {
  const found = judgeInCopy(
    order({ inside: { changes: [changeOf("created", `${tmp}/a`)], total: 90 } }),
  );
  expect(found.findings).toMatchObject([{ code: "CONTRACT_BROKEN", count: 89 }]);
});

const doubts: readonly [string, Partial<StepInCopyOrder>, string][] = [
  ["a step that ended well", {}, "it is known"],
  ["memory that was used up", { full: true, exitCode: 0 }, "the memory that a copy may take"],
  ["a disk that its output calls full", { output: "cp: x: No space left on device" }, "the memory"],
  ["a step that took too long", { timedOut: true, exitCode: 137 }, "within 5 s"],
  [
    "files of others",
    { output: "rm: Value too large for defined data type", exitCode: 1 },
    "other users",
  ],
  ["a step that failed", { exitCode: 3 }, "exit code 3 in the copy"],
];

test.each(doubts)("of %s it is known whether the copy shows what it would do", (_, parts, why) => {
  const { inconclusive } = judgeInCopy(order(parts));
  expect(inconclusive ?? "it is known").toContain(why);
});

test.each([
  ["curl: (6) Could not resolve host: x", "network"],
  ["sh: cannot create /proc/sys/x: Read-only file system", "can't be written in a copy"],
  ["mount: Operation not permitted", "a right"],
])("%s: it says what of that is because it is a copy", (output, word) => {
  expect(judgeInCopy(order({ output })).remarks.join()).toContain(word);
});

test("calls that were only recorded are told as a person would type them", () => {
  const calls = [["systemctl", "restart", "a b", "it's", ""]];
  expect(judgeInCopy(order({ calls })).external).toEqual([
    String.raw`systemctl restart 'a b' 'it'\''s' ''`,
  ]);
});

test("a trace is asked only for what went", () => {
  const traced = [
    '7 execve("/bin/rm", ["rm", "-r", "d"], 0x1 /* 3 vars */) = 0',
    `7 unlinkat(4<${tmp}/d>, "a", 0) = 0`,
    `7 unlinkat(AT_FDCWD<${tmp}>, "d", AT_REMOVEDIR) = 0`,
  ].join("\n");
  const found = judgeInCopy(order({ traced, inside: { changes: gone, total: 2 } }));
  expect(found.tracedTo).toEqual({ [`${tmp}/d`]: "rm -r d", [`${tmp}/d/a`]: "rm -r d" });
});
