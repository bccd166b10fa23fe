import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { RestoreRule } from "../../../src/core/effects.ts";
import { effectClasses } from "../../../src/core/verdict/classify.ts";
import { differsFromBefore } from "../../../src/core/verdict/leftovers.ts";
import {
  restoreRules,
  takenBack,
  type RestoreReason,
} from "../../../src/core/verdict/restore-rules.ts";
import { changeOf, churned, type PolicyName, policyNames, protectedBy } from "./made-up.ts";

const words = (rules: readonly RestoreRule[]) => rules.map(({ how, path }) => `${how} ${path}`);

const everyPolicy = policyNames.map((name) => protectedBy(name, `/srv/${name}`));

test.each<{ reason: RestoreReason; rules: readonly string[] }>([
  {
    reason: "rollback",
    rules: [
      "deleted /srv/keep",
      "changed /srv/keep-content",
      "exactly /srv/lib/app.jar",
      "leave /srv/may-change",
      "deleted /srv/regenerates",
    ],
  },
  {
    reason: "rewind",
    rules: [
      "deleted /srv/keep",
      "changed /srv/keep-content",
      "exactly /srv/lib/app.jar",
      "leave /srv/may-change",
      "deleted /srv/regenerates",
    ],
  },
  {
    reason: "recovery",
    rules: [
      "leave /srv/keep",
      "leave /srv/keep-content",
      "leave /srv/lib/app.jar",
      "leave /srv/may-change",
      "deleted /srv/regenerates",
    ],
  },
])("a $reason takes each policy back as far as it goes", ({ reason, rules }) => {
  const trees = { protect: everyPolicy, writes: ["/srv/lib//app.jar/"] };
  expect(words(restoreRules(trees, reason))).toEqual(rules);
});

test("what the step itself writes at a protected path goes back exactly, and is one rule", () => {
  const trees = { protect: [protectedBy("keep", "/srv/app")], writes: ["/srv/app", "/srv/app/"] };
  expect(words(restoreRules(trees, "rollback"))).toEqual(["exactly /srv/app"]);
});

test("a name that no text can hold is escaped as hosts' answers are", () => {
  const trees = { protect: [protectedBy("keep", "/srv/a\nb\\x")], writes: [] };
  expect(words(restoreRules(trees, "rollback"))).toEqual(["deleted /srv/a\\x0ab\\x5cx"]);
});

test("a deletion that the tree does by itself is missed only where changes count too", () => {
  expect(leftUnder("keep")).toEqual([]);
  expect(leftUnder("regenerates")).toEqual([]);
  expect(leftUnder("keep-content")).toHaveLength(1);
});

test("verification asks for exactly what the nearest rule takes back, wherever trees lie", () => {
  const paths = ["/a", "/a/b", "/a/b/c", "/a/d"];
  const anyPolicy = fc.option(fc.constantFrom(...policyNames, "own-write" as const));
  fc.assert(
    fc.property(
      fc.tuple(anyPolicy, anyPolicy, anyPolicy, anyPolicy),
      fc.constantFrom(...effectClasses),
      fc.constantFrom(...paths, "/a/b/c/file", "/a/file", "/elsewhere"),
      (chosen, kind, path) => {
        const named = paths.map((at, index) => ({ at, policy: chosen[index] ?? null }));
        const protect = named.flatMap(({ at, policy }) =>
          policy === null || policy === "own-write" ? [] : [protectedBy(policy, at)],
        );
        const writes = named.flatMap(({ at, policy }) => (policy === "own-write" ? [at] : []));
        const rules = restoreRules({ protect, writes }, "rollback");
        const above = rules.filter(
          (rule) => path === rule.path || path.startsWith(`${rule.path}/`),
        );
        const nearest = above.toSorted((a, b) => b.path.length - a.path.length)[0];
        const left = differsFromBefore({
          changes: [changeOf(kind, path)],
          total: 1,
          protect,
          writes,
        });
        expect(left).toHaveLength(takenBack(nearest?.how ?? "leave").includes(kind) ? 1 : 0);
      },
    ),
    { numRuns: 2_000 },
  );
});

test("folders that a step makes are rules of their own, beside those of the same path, but never for a recovery", () => {
  const trees = {
    protect: [{ path: "/srv/tmp", policy: { kind: "keep" } as const }],
    writes: ["/srv/lib/new/a", "/srv/lib/own"],
    makes: ["/srv/lib/new/", "/srv/tmp", "/srv/lib/own"],
  };
  expect(words(restoreRules(trees, "rollback"))).toEqual([
    "made /srv/lib/new",
    "exactly /srv/lib/new/a",
    "exactly /srv/lib/own",
    "deleted /srv/tmp",
    "made /srv/tmp",
  ]);
  expect(words(restoreRules(trees, "recovery"))).not.toContain("made /srv/lib/new");
});

/** What a rollback under this policy finds missing, of one deletion that the tree does by itself. */
function leftUnder(policy: PolicyName) {
  const changes = [churned("/srv/app/tmp/upload.part")];
  return differsFromBefore({ changes, total: 1, protect: [protectedBy(policy)], writes: [] });
}
