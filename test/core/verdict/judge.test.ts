import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Change } from "../../../src/core/effects.ts";
import type { Allowance, ProtectedPath } from "../../../src/core/plan/plan.ts";
import { judge } from "../../../src/core/verdict/judge.ts";
import { failureOf } from "../../../src/core/verdict/verdict-failure.ts";
import { change, changeOf, entry, folder, protectedBy } from "./made-up.ts";

const tmp = "/srv/app/tmp";

function judged(parts: {
  changes: readonly Change[];
  total?: number;
  protect?: readonly ProtectedPath[];
  writes?: readonly string[];
  allow?: readonly Allowance[];
}) {
  return judge({
    total: parts.changes.length,
    protect: [protectedBy("keep")],
    writes: [],
    allow: [],
    ...parts,
  });
}

const sentences: readonly [string, readonly Change[], string][] = [
  [
    "one file",
    [changeOf("deleted", `${tmp}/a`)],
    "1 file deleted below /srv/app/tmp, policy keep allows none",
  ],
  [
    "many files",
    Array.from({ length: 1203 }, (_, at) => changeOf("deleted", `${tmp}/${at}`)),
    "1,203 files deleted below /srv/app/tmp, policy keep allows none",
  ],
  [
    "files and folders",
    [
      change(`${tmp}/d`, folder(), null),
      changeOf("deleted", `${tmp}/d/a`),
      changeOf("deleted", `${tmp}/d/b`),
    ],
    "3 paths (2 files, 1 folder) deleted below /srv/app/tmp, policy keep allows none",
  ],
  [
    "the folder itself",
    [change(tmp, folder(), null)],
    "1 folder deleted at /srv/app/tmp, policy keep allows none",
  ],
  [
    "the folder and what was in it",
    [change(tmp, folder(), null), changeOf("deleted", `${tmp}/a`)],
    "2 paths (1 file, 1 folder) deleted at and below /srv/app/tmp, policy keep allows none",
  ],
  [
    "a link in its place",
    [changeOf("type-changed", `${tmp}/a`)],
    "1 file replaced by a link below /srv/app/tmp, policy keep allows none",
  ],
  [
    "links in their places",
    [changeOf("type-changed", `${tmp}/a`), changeOf("type-changed", `${tmp}/b`)],
    "2 files replaced by something of another type below /srv/app/tmp, policy keep allows none",
  ],
];

test.each(sentences)("a finding says in words what happened: %s", (_name, changes, message) => {
  expect(judged({ changes }).verdict.findings.map((finding) => finding.message)).toEqual([message]);
});

test("chmod and chown under keep-content say from what to what", () => {
  const changes = [change("/etc/app", entry(), entry({ mode: "0600", uid: 0 }))];
  const protect = [protectedBy("keep-content", "/etc/app")];
  expect(judged({ changes, protect }).verdict.findings[0]?.message).toBe(
    "1 file changed in mode or owner (mode 0644, now 0600; owner 1000:1000, now 0:1000) at /etc/app, policy keep-content allows none",
  );
});

test("each kind of harm is a finding of its own, with at most five examples", () => {
  const changes = [
    ...Array.from({ length: 8 }, (_, at) => changeOf("deleted", `${tmp}/gone-${at}`)),
    changeOf("type-changed", `${tmp}/link`),
  ];
  const { findings } = judged({ changes }).verdict;
  expect(findings.map(({ count, examples }) => [count, examples.length])).toEqual([
    [8, 5],
    [1, 1],
  ]);
});

test("the nearest protected path decides", () => {
  const protect = [protectedBy("may-change", "/srv/app"), protectedBy("keep", "/srv/app/tmp")];
  const inner = judged({ protect, changes: [changeOf("deleted", "/srv/app/tmp/a")] });
  const outer = judged({ protect, changes: [changeOf("deleted", "/srv/app/log")] });
  expect([inner.verdict.is, outer.verdict.is]).toEqual(["broken", "kept"]);
});

test("a name that only begins alike is another folder", () => {
  expect(judged({ changes: [changeOf("deleted", "/srv/app/tmp2/a")] }).verdict.is).toBe("kept");
});

test("declaring to write a whole folder does not declare harm to a protected one in it", () => {
  const changes = [changeOf("deleted", `${tmp}/a`), changeOf("deleted", "/srv/app/lib/b")];
  const { verdict } = judged({ changes, writes: ["/srv/app"] });
  expect(verdict.findings.map(({ count }) => count)).toEqual([1]);
});

test("a protected path may be written with a slash at its end, and with odd characters", () => {
  const protect = [{ path: "/srv//app/t\\mp/", policy: { kind: "keep" } } as const];
  const changes = [changeOf("deleted", "/srv/app/t\\x5cmp/a")];
  expect(judged({ protect, changes }).verdict.is).toBe("broken");
});

const glob = `${tmp}/compiled/**`;
const gone = (count: number) =>
  Array.from({ length: count }, (_, at) => changeOf("deleted", `${tmp}/compiled/.p${at}`));

const budgets: readonly [string, readonly Allowance[], readonly Change[], readonly string[]][] = [
  ["within it, dot files too", [{ effect: "delete", glob, max: 500 }], gone(500), []],
  ["without a number", [{ effect: "delete", glob, max: null }], gone(900), []],
  [
    "one too many",
    [{ effect: "delete", glob, max: 500 }],
    gone(501),
    ["501 files deleted below /srv/app/tmp/compiled, 500 allowed"],
  ],
  [
    "of another kind",
    [{ effect: "create", glob, max: null }],
    gone(1),
    ["1 file deleted below /srv/app/tmp, policy keep allows none"],
  ],
  [
    "elsewhere",
    [{ effect: "delete", glob, max: 9 }],
    [...gone(1), changeOf("deleted", `${tmp}/session`)],
    ["1 file deleted below /srv/app/tmp, policy keep allows none"],
  ],
  [
    "a link in place of a file takes a delete budget",
    [{ effect: "delete", glob, max: 1 }],
    [changeOf("type-changed", `${tmp}/compiled/a`)],
    [],
  ],
  [
    "of two, the tighter one holds too",
    [
      { effect: "delete", glob, max: 500 },
      { effect: "delete", glob: `${tmp}/compiled/.p1*`, max: 1 },
    ],
    gone(12),
    ["3 files deleted below /srv/app/tmp/compiled, 1 allowed"],
  ],
  ["creation is free until a budget counts it", [], [changeOf("created", `${tmp}/compiled/a`)], []],
  [
    "creation over its budget",
    [{ effect: "create", glob, max: 1 }],
    [changeOf("created", `${tmp}/compiled/a`), changeOf("created", `${tmp}/compiled/b`)],
    ["2 files created below /srv/app/tmp/compiled, 1 allowed"],
  ],
  [
    "none allowed",
    [{ effect: "delete", glob, max: 0 }],
    gone(1),
    ["1 file deleted below /srv/app/tmp/compiled, 0 allowed"],
  ],
  [
    "touching and replacing spend nothing",
    [{ effect: "change", glob, max: 0 }],
    [changeOf("touched", `${tmp}/compiled/a`), changeOf("replaced", `${tmp}/compiled/b`)],
    [],
  ],
];

test.each(budgets)("a budget: %s", (_name, allow, changes, expected) => {
  const { verdict } = judged({ changes, allow });
  expect(verdict.findings.map((finding) => finding.message)).toEqual(expected);
  expect(verdict.is).toBe(expected.length === 0 ? "kept" : "broken");
});

test.each(["may-change", "regenerates"] as const)(
  "more effect than declared breaks the contract even where %s would allow it",
  (policy) => {
    const allow: Allowance[] = [{ effect: "delete", glob, max: 2 }];
    const { verdict } = judged({ changes: gone(3), protect: [protectedBy(policy)], allow });
    expect(verdict.findings.map(({ code }) => code)).toEqual(["BUDGET_EXCEEDED"]);
  },
);

test("a budget limits what the step writes by its own kind too", () => {
  const allow: Allowance[] = [{ effect: "delete", glob, max: 2 }];
  const { verdict } = judged({ changes: gone(3), writes: [`${tmp}/compiled`], allow });
  expect(verdict.findings.map(({ code }) => code)).toEqual(["BUDGET_EXCEEDED"]);
});

test("a declared deletion below a regenerates path need not come back", () => {
  const allow: Allowance[] = [{ effect: "delete", glob, max: null }];
  const { awaiting } = judged({
    changes: [...gone(2), changeOf("deleted", `${tmp}/session`)],
    protect: [protectedBy("regenerates")],
    allow,
  });
  expect(awaiting).toEqual([
    {
      path: tmp,
      withinMs: 60_000,
      recover: ["restore", "restart-app"],
      missing: [`${tmp}/session`],
    },
  ]);
});

test.each(["keep", "keep-content", "regenerates"] as const)(
  "a list that was cut short never passes under %s",
  (policy) => {
    const changes = [changeOf("created", `${tmp}/a`)];
    const { verdict } = judged({ changes, total: 20_001, protect: [protectedBy(policy)] });
    expect(verdict.findings.map((finding) => finding.message)).toEqual([
      `20,001 paths differ and only 1 of them could be listed, so nobody can say that policy ${policy} held for /srv/app/tmp`,
    ]);
    expect(verdict.counts).toEqual({ created: 1, unlisted: 20_000 });
  },
);

test("a list that was cut short can't show that a budget with a number held", () => {
  const protect = [protectedBy("may-change")];
  const messages = (max: number | null, changes: readonly Change[]) =>
    judged({
      changes,
      total: 99,
      protect,
      allow: [{ effect: "delete", glob, max }],
    }).verdict.findings.map((finding) => finding.message);
  expect(messages(null, gone(2))).toEqual([]);
  expect(messages(5, gone(2))).toEqual([
    "2 files deleted below /srv/app/tmp/compiled as far as the list goes, but it is cut short, so the limit of 5 can't be checked",
  ]);
  expect(messages(1, gone(2))).toEqual([
    "at least 2 files deleted below /srv/app/tmp/compiled, 1 allowed",
  ]);
});

test("may-change and own writes alone pass however long the list is", () => {
  const protect = [protectedBy("may-change")];
  expect(judged({ changes: gone(1), total: 1_000_000, protect }).verdict.is).toBe("kept");
  const written = judged({ changes: gone(1), total: 2, protect: [], writes: [tmp] });
  expect(written.verdict.is).toBe("kept");
});

const anyChange = fc
  .tuple(
    fc.constantFrom(
      "deleted",
      "created",
      "content",
      "metadata",
      "type-changed",
      "replaced",
      "touched",
    ),
    fc.constantFrom("tmp", "tmp/compiled", "lib", "etc"),
    fc.integer({ min: 0, max: 30 }),
  )
  .map(([kind, place, at]) => changeOf(kind, `/srv/app/${place}/${at}`));

test("a deletion below a keep path is never missed, whatever else happened", () => {
  fc.assert(
    fc.property(fc.array(anyChange), fc.integer({ min: 100, max: 999 }), (others, at) => {
      const changes = [...others, changeOf("deleted", `${tmp}/${at}`)];
      expect(judged({ changes, writes: ["/srv/app/lib"] }).verdict.is).toBe("broken");
    }),
  );
});

test("the order in which changes are listed decides nothing", () => {
  fc.assert(
    fc.property(fc.uniqueArray(anyChange, { selector: ({ path }) => path }), (changes) => {
      const allow: Allowance[] = [{ effect: "delete", glob, max: 3 }];
      const one = judged({ changes, allow });
      expect(judged({ changes: changes.toReversed(), allow })).toEqual(one);
    }),
  );
});

test("the failure of a verdict names what broke, where, and what to do", () => {
  const changes = Array.from({ length: 7 }, (_, at) => changeOf("deleted", `${tmp}/${at}`));
  const failure = failureOf(judged({ changes }).verdict.findings, 'step "clear cache"');
  expect(failure).toMatchObject({
    code: "CONTRACT_BROKEN",
    message: 'step "clear cache": 7 files deleted below /srv/app/tmp, policy keep allows none',
    path: tmp,
  });
  expect(failure?.detail).toContain(`  deleted ${tmp}/0\n`);
  expect(failure?.detail).toContain("… and 2 more");
  expect(failureOf([], "step")).toBeNull();
});
