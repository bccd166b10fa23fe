import { describe, expect, test } from "vitest";
import type { Allowance, Policy } from "../../../src/core/plan/plan.ts";
import { reviewProgram } from "../../../src/core/static-review/review-program.ts";

const regenerates: Policy = { kind: "regenerates", withinMs: 60_000, recover: ["restore"] };

interface Around {
  readonly writes?: readonly string[];
  readonly allow?: readonly Allowance[];
  readonly home?: string;
  readonly protect?: readonly string[];
}

/** What is found of a command line where /srv/app/tmp is protected: "breaks deletes". */
function found(text: string, policy: Policy["kind"], around: Around = {}): readonly string[] {
  const { protect = ["/srv/app/tmp"], writes = [], allow = [], home = null } = around;
  const { rulings: all } = reviewProgram({
    program: { text, interpreter: ["sh", "-eu"], args: [], file: null },
    variables: new Map(),
    home,
    folder: "/",
    ground: {
      protect: protect.map((path) => {
        const it: Policy = policy === "regenerates" ? regenerates : { kind: policy };
        return { path, written: path, policy: it };
      }),
      writes,
      allow,
    },
  });
  // Several paths that lie in one protected path are one finding to people.
  const once = new Map(
    all.map((it) => [`${it.id} ${it.protects?.path}`, `${it.severity} ${it.id}`]),
  );
  return [...once.values()];
}

// command, then what it weighs under keep, keep-content, regenerates and may-change; "": nothing
const weights: readonly (readonly [string, string, string, string, string])[] = [
  // inside, at, and above the protected path
  ["rm /srv/app/tmp/a", "breaks deletes", "breaks deletes", "warns deletes", ""],
  ["rm -r /srv/app/tmp", "breaks deletes", "breaks deletes", "warns deletes", ""],
  ["rm -r /srv", "breaks deletes", "breaks deletes", "warns deletes", ""],
  ["rm /srv", "", "", "", ""],
  ["rm -r /srv/app/tmp2 /srv/app/tm /srv/application", "", "", "", ""],
  ["mv /srv/app/tmp/a /elsewhere", "breaks deletes", "breaks deletes", "warns deletes", ""],
  ["find /srv/app/tmp -delete", "breaks deletes", "breaks deletes", "warns deletes", ""],
  ["find /srv -delete", "warns deletes", "warns deletes", "warns deletes", ""],
  [": > /srv/app/tmp/a", "warns empties", "breaks empties", "warns empties", ""],
  ["sed -i s/a/b/ /srv/app/tmp/a", "", "breaks changes", "", ""],
  ["echo x > /srv/app/tmp/a", "", "warns overwrites", "", ""],
  ["cat /srv/app/tmp/a; echo x > /srv/app/tmp/a", "", "breaks overwrites", "", ""],
  ["echo x > /srv/app/tmp", "", "breaks overwrites", "", ""],
  ["cp a /srv/app/tmp", "", "warns overwrites", "", ""],
  ["cp -r a /srv/app/tmp/b", "", "warns overwrites", "", ""],
  ["ln -sfT a /srv/app/tmp/a", "warns replaces", "warns replaces", "warns replaces", ""],
  ["chmod 600 /srv/app/tmp/a", "", "breaks changes-mode", "", ""],
  ["chmod 700 /srv/app/tmp", "warns changes-mode", "breaks changes-mode", "warns changes-mode", ""],
  ["chmod -R 700 /srv", "warns changes-mode", "breaks changes-mode", "warns changes-mode", ""],
  ["chmod 700 /srv", "", "", "", ""],
  ["mount -t tmpfs t /srv/app/tmp", "breaks hides", "breaks hides", "warns hides", "warns hides"],
  ["mount -t tmpfs t /srv/app", "breaks hides", "breaks hides", "warns hides", "warns hides"],
  // paths that are not known to the letter
  ["rm /srv/app/tmp/*.old", "breaks deletes", "breaks deletes", "warns deletes", ""],
  ["rm -r /srv/app/t*", "breaks deletes", "breaks deletes", "warns deletes", ""],
  ["rm -r /srv/app/[a-s]*", "", "", "", ""],
  ["rm -r /srv/app/.*", "", "", "", ""],
  ['rm -r "/srv/app/tmp/$x"', "breaks deletes", "breaks deletes", "warns deletes", ""],
  [
    'rm -r "/srv/app/$x"',
    "warns unresolved-path",
    "warns unresolved-path",
    "warns unresolved-path",
    "",
  ],
  ['rm -r "/srv/app/s$x"', "", "", "", ""],
  [
    'rm -r "$x/tmp"',
    "warns unresolved-path",
    "warns unresolved-path",
    "warns unresolved-path",
    "warns unresolved-path",
  ],
  ['rm "$x"', "unknown unresolved-path", "unknown unresolved-path", "unknown unresolved-path", ""],
  ['sed -i s/a/b/ "$x"', "", "unknown unresolved-path", "", ""],
  [
    'chmod -R 700 "$x"',
    "warns unresolved-path",
    "warns unresolved-path",
    "warns unresolved-path",
    "warns unresolved-path",
  ],
  // what the text has made itself
  ["mkdir /srv/app/tmp/x; rm -r /srv/app/tmp/x", "", "", "", ""],
  [
    "mkdir -p /srv/app/tmp/x; rm -r /srv/app/tmp/x",
    "warns deletes",
    "warns deletes",
    "warns deletes",
    "",
  ],
  [
    "mkdir -p /srv/app/tmp; rm -r /srv/app/tmp",
    "warns deletes",
    "warns deletes",
    "warns deletes",
    "",
  ],
  ["echo > /srv/app/tmp/x; rm /srv/app/tmp/x", "", "", "", ""],
];

describe("what a command weighs by the policy of the path that it comes near", () => {
  test.each(weights)("%s", (text, ...expected) => {
    const policies = ["keep", "keep-content", "regenerates", "may-change"] as const;
    expect(policies.map((policy) => [policy, found(text, policy).join(", ")])).toEqual(
      policies.map((policy, at) => [policy, expected[at]]),
    );
  });
});

const deletes = (glob: string, max: number | null = null): Around => ({
  allow: [{ effect: "delete", glob, max }],
});

// what the step declares, a command, and is it still found?
const declared: readonly (readonly [string, Around, string, boolean])[] = [
  ["a budget for the very file", deletes("/srv/app/tmp/a"), "rm /srv/app/tmp/a", false],
  ["a budget for another file", deletes("/srv/app/tmp/b"), "rm /srv/app/tmp/a", true],
  ["a budget for everything below", deletes("/srv/app/tmp/**"), "rm -r /srv/app/tmp/a", false],
  ["a budget for one folder's files", deletes("/srv/app/tmp/*"), "rm -r /srv/app/tmp/a", true],
  [
    "a budget by a pattern, and the same pattern",
    deletes("/srv/app/tmp/*.old"),
    "rm /srv/app/tmp/*.old",
    false,
  ],
  [
    "a budget by a pattern, and a wider one",
    deletes("/srv/app/tmp/*.old"),
    "rm /srv/app/tmp/*",
    true,
  ],
  [
    "a budget of the names that find takes",
    deletes("/srv/app/tmp/**/s_*"),
    "find /srv/app/tmp -name 's_*' -delete",
    false,
  ],
  [
    "a budget of fewer than are named",
    deletes("/srv/app/tmp/*", 1),
    "rm /srv/app/tmp/a /srv/app/tmp/b",
    true,
  ],
  [
    "a budget of as many as are named",
    deletes("/srv/app/tmp/*", 2),
    "rm /srv/app/tmp/a /srv/app/tmp/b",
    false,
  ],
  ["a budget of none", deletes("/srv/app/tmp/*", 0), "rm /srv/app/tmp/*", true],
  [
    "a budget for another effect",
    { allow: [{ effect: "change", glob: "/srv/app/tmp/**", max: null }] },
    "rm /srv/app/tmp/a",
    true,
  ],
  ["a budget below, where all above goes", deletes("/srv/app/tmp/a/**"), "rm -r /srv/app", true],
  ["the very path among what it writes", { writes: ["/srv/app/tmp"] }, "rm -r /srv/app/tmp", false],
  [
    "a path inside among what it writes",
    { writes: ["/srv/app/tmp/a"] },
    "rm -r /srv/app/tmp/a/b",
    false,
  ],
  [
    "another path inside among what it writes",
    { writes: ["/srv/app/tmp/b"] },
    "rm -r /srv/app/tmp/a",
    true,
  ],
  ["a path above among what it writes", { writes: ["/srv/app"] }, "rm -r /srv/app/tmp", true],
  [
    "the way of an unknown name among what it writes",
    { writes: ["/srv/app/tmp/a"] },
    'rm "/srv/app/tmp/$x"',
    true,
  ],
];

describe("what the step declares is its own business", () => {
  test.each(declared)("%s", (_, around, text, isFound) => {
    expect(found(text, "keep", around)).toEqual(isFound ? ["breaks deletes"] : []);
  });
});

test("a home folder is a guess, so harm in it is likely and not certain", () => {
  const around = { home: "/home/deploy", protect: ["/home/deploy/tmp"] };
  expect(found("rm -r ~/tmp", "keep", around)).toEqual(["warns deletes"]);
  expect(found('rm -r "$HOME/tmp"', "keep", around)).toEqual(["warns deletes"]);
  expect(found("cd; rm -r tmp", "keep", around)).toEqual(["warns deletes"]);
  expect(found("rm -r /home/deploy/tmp", "keep", around)).toEqual(["breaks deletes"]);
});

test("a star leaves names with a dot alone, as the shell does", () => {
  const around = { protect: ["/srv/app/.cache"] };
  expect(found("rm -r /srv/app/*", "keep", around)).toEqual([]);
  expect(found("rm -r /srv/app/.*", "keep", around)).toEqual(["breaks deletes"]);
});

test("one command that reaches several protected paths is found once for each", () => {
  const around = { protect: ["/srv/a", "/srv/b"] };
  expect(found("rm -r /srv", "keep", around)).toEqual(["breaks deletes", "breaks deletes"]);
});

test("a program that is not known and is given something protected is told with it", () => {
  const {
    rulings: [only],
  } = reviewProgram({
    program: { text: "/opt/tool --clean /srv/app/tmp", interpreter: ["sh"], args: [], file: null },
    variables: new Map(),
    home: null,
    folder: "/",
    ground: {
      protect: [{ path: "/srv/app/tmp", written: "${home}/tmp", policy: { kind: "keep" } }],
      writes: [],
      allow: [],
    },
  });
  expect(only).toMatchObject({
    severity: "unknown",
    id: "unknown-program",
    protects: { written: "${home}/tmp" },
    message: expect.stringContaining("give it /srv/app/tmp"),
  });
});

test.each([
  [["sh"], true],
  [["/bin/bash", "-eu"], true],
  [["/usr/bin/env", "bash"], true],
  [["/usr/bin/env", "-S", "bash", "-eu"], true],
  [["busybox", "sh"], true],
  [["python3"], false],
  [["/usr/bin/env", "node"], false],
  [["zsh"], false],
  [["pwsh"], false],
])("%j is read as shell text: %s", (interpreter, isShell) => {
  const { rulings: all } = reviewProgram({
    program: { text: "true", interpreter, args: [], file: null },
    variables: new Map(),
    home: null,
    folder: "/",
    ground: { protect: [], writes: [], allow: [] },
  });
  expect(all.map(({ id }) => id)).toEqual(isShell ? [] : ["other-language"]);
});
