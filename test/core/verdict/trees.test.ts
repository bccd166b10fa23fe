import { expect, test } from "vitest";
import { snapshotPaths } from "../../../src/core/verdict/snapshot-paths.ts";
import { parentOf, treePath } from "../../../src/core/verdict/tree-path.ts";
import { type PolicyName, protectedBy } from "./made-up.ts";

test.each([
  ["/srv/app", "/srv/app"],
  ["/srv//app/", "/srv/app"],
  ["/srv/./app/.", "/srv/app"],
  ["/", "/"],
  ["/srv/a\nb", "/srv/a\\x0ab"],
  ["/srv/größe", "/srv/größe"],
])("a tree written %j is known as %s", (text, expected) => {
  expect(treePath(text)).toBe(expected);
});

test("every path has the root above it, and the root has nothing", () => {
  expect([parentOf("/a/b"), parentOf("/a"), parentOf("/")]).toEqual(["/a", "/", null]);
});

type Case = readonly [
  string,
  readonly [PolicyName, string][],
  readonly string[],
  readonly string[],
];

// Expected: the path, with `(manifest)` where no content is kept.
const cases: readonly Case[] = [
  ["nothing", [], [], []],
  [
    "content for all but may-change",
    [
      ["keep", "/k"],
      ["keep-content", "/c"],
      ["regenerates", "/r"],
      ["may-change", "/m"],
    ],
    [],
    ["/c", "/k", "/m (manifest)", "/r"],
  ],
  ["the same path protected and written", [["may-change", "/m"]], ["/m"], ["/m"]],
  ["the same path written twice, in two ways", [], ["/w", "/w/"], ["/w"]],
  ["a write inside a protected tree", [["keep", "/k"]], ["/k/a", "/k/b/c"], ["/k"]],
  [
    "a write inside a tree of which only the manifest is kept",
    [["may-change", "/m"]],
    ["/m/a"],
    ["/m (manifest)", "/m/a"],
  ],
  [
    "a manifest inside a tree with content",
    [
      ["keep", "/k"],
      ["may-change", "/k/log"],
    ],
    [],
    ["/k"],
  ],
  [
    "a manifest inside a manifest",
    [
      ["may-change", "/m"],
      ["may-change", "/m/a/b"],
    ],
    [],
    ["/m (manifest)"],
  ],
  [
    "content, manifest, content",
    [
      ["keep", "/k"],
      ["may-change", "/k/m"],
    ],
    ["/k/m/w"],
    ["/k"],
  ],
  ["names that begin alike", [["keep", "/k"]], ["/k2", "/kk/x"], ["/k", "/k2", "/kk/x"]],
];

test.each(cases)("what to snapshot: %s", (_name, protect, writes, expected) => {
  const paths = snapshotPaths({
    protect: protect.map(([policy, path]) => protectedBy(policy, path)),
    writes,
  });
  expect(paths.map(({ path, content }) => `${path}${content ? "" : " (manifest)"}`)).toEqual(
    expected,
  );
});
