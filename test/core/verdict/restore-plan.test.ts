import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Change, Entry, RestoreItem } from "../../../src/core/effects.ts";
import { effectsOf } from "../../../src/core/verdict/classify.ts";
import { differsFromBefore } from "../../../src/core/verdict/leftovers.ts";
import { planRestore } from "../../../src/core/verdict/restore-plan.ts";
import { change, changeOf, entry, folder, protectedBy } from "./made-up.ts";

const words = (items: readonly RestoreItem[]) => items.map(({ how, path }) => `${how} ${path}`);

test("a deleted tree comes back folder before content", () => {
  const changes = [
    changeOf("deleted", "/srv/app/tmp/work/a"),
    change("/srv/app/tmp/work", folder(), null),
    change("/srv/app/tmp", folder(), null),
  ];
  const items = planRestore({
    changes,
    protect: [protectedBy("keep")],
    writes: [],
    reason: "rollback",
  });
  expect(words(items)).toEqual([
    "create /srv/app/tmp",
    "create /srv/app/tmp/work",
    "create /srv/app/tmp/work/a",
  ]);
});

test("what the step created goes first and deepest first, folders' own times come last", () => {
  const changes = [
    change("/w", folder(), folder({ mode: "0700" })),
    change("/w/new", null, folder()),
    change("/w/new/deep", null, folder()),
    changeOf("created", "/w/new/deep/file"),
    change("/w/sub", folder(), folder({ uid: 0 })),
    changeOf("content", "/w/sub/file"),
    changeOf("metadata", "/w/sub/other"),
    changeOf("deleted", "/w/sub/gone"),
  ];
  const items = planRestore({ changes, protect: [], writes: ["/w"], reason: "rollback" });
  expect(words(items)).toEqual([
    "remove /w/new/deep/file",
    "remove /w/new/deep",
    "remove /w/new",
    "replace /w/sub/file",
    "create /w/sub/gone",
    "metadata /w/sub/other",
    "metadata /w/sub",
    "metadata /w",
  ]);
});

test("a folder that became a link is put back before what was in it", () => {
  const changes = [
    changeOf("deleted", "/srv/app/tmp/work/a"),
    change("/srv/app/tmp/work", folder(), entry({ type: "link" })),
  ];
  const items = planRestore({
    changes,
    protect: [protectedBy("keep")],
    writes: [],
    reason: "rollback",
  });
  expect(words(items)).toEqual(["replace /srv/app/tmp/work", "create /srv/app/tmp/work/a"]);
});

test("an own file that became a folder is emptied before it is put back", () => {
  const changes = [change("/w/f", entry(), folder()), changeOf("created", "/w/f/x")];
  const items = planRestore({ changes, protect: [], writes: ["/w/f"], reason: "rewind" });
  expect(words(items)).toEqual(["remove /w/f/x", "replace /w/f"]);
});

test("an own file replaced by its equal gets its time back, and nothing else", () => {
  const changes = [
    change("/w", entry(), entry({ inode: "8", mtime: "1700000009.000000000" }), true),
  ];
  const items = planRestore({ changes, protect: [], writes: ["/w"], reason: "rollback" });
  expect(words(items)).toEqual(["metadata /w"]);
});

// A world small enough to check by doing: path → what stands there.
type World = ReadonlyMap<string, Entry>;

const names = ["/w", "/w/a", "/w/a/x", "/w/a/y", "/w/b", "/w/b/z"];
const anyEntry = fc.constantFrom(
  entry(),
  entry({ size: 11 }),
  entry({ mode: "0600" }),
  entry({ type: "link", mode: "0777" }),
  folder(),
  folder({ mode: "0700" }),
);

/** Any world in which whatever has something below it is a folder. */
const anyWorld: fc.Arbitrary<World> = fc
  .array(fc.option(anyEntry, { freq: 2 }), { minLength: names.length, maxLength: names.length })
  .map((entries) => {
    const world = new Map<string, Entry>();
    entries.forEach((made, at) => {
      const name = names[at]!;
      const parent = world.get(name.slice(0, name.lastIndexOf("/")));
      if (made !== null && (name === "/w" || parent?.type === "folder")) world.set(name, made);
    });
    return world;
  });

function changesBetween(before: World, after: World): Change[] {
  return names.map((name) => change(name, before.get(name) ?? null, after.get(name) ?? null));
}

/** Does what a host would do, and names what a host would refuse. */
function carryOut(items: readonly RestoreItem[], before: World, after: World) {
  const world = new Map(after);
  const refused: string[] = [];
  for (const { path, how } of items) {
    const parent = path.slice(0, path.lastIndexOf("/"));
    const isHomeless = parent !== "" && world.get(parent)?.type !== "folder";
    const isFull = [...world.keys()].some((name) => name.startsWith(`${path}/`));
    const takesPlace =
      how === "remove" || (how === "replace" && world.get(path)?.type === "folder");
    if (isHomeless || (takesPlace && isFull) || (how === "create" && world.has(path))) {
      refused.push(`${how} ${path}`);
    }
    const held = before.get(path);
    if (how === "remove" || held === undefined) world.delete(path);
    else world.set(path, held);
  }
  return { world, refused };
}

test("a rollback of own writes, done in the given order, gives exactly the world before", () => {
  fc.assert(
    fc.property(anyWorld, anyWorld, (before, after) => {
      const changes = changesBetween(before, after);
      const items = planRestore({ changes, protect: [], writes: ["/w"], reason: "rollback" });
      const { world, refused } = carryOut(items, before, after);
      expect(refused).toEqual([]);
      expect(effectsOf(changesBetween(before, world))).toEqual([]);
    }),
    { numRuns: 2000 },
  );
});

test.each(["keep", "keep-content", "regenerates", "may-change"] as const)(
  "a rollback under %s leaves nothing that verification would find, and keeps every new file",
  (policy) => {
    fc.assert(
      fc.property(anyWorld, anyWorld, (before, after) => {
        // What stands in a folder that took the place of a file is the application's: a conflict.
        fc.pre(
          names.every(
            (name) => before.get(name) === undefined || isNoNewFolder(name, before, after),
          ),
        );
        const trees = { protect: [protectedBy(policy, "/w")], writes: [] };
        const items = planRestore({
          changes: changesBetween(before, after),
          ...trees,
          reason: "rollback",
        });
        const { world, refused } = carryOut(items, before, after);
        const left = changesBetween(before, world);
        expect(refused).toEqual([]);
        expect(differsFromBefore({ changes: left, total: left.length, ...trees })).toEqual([]);
        const created = [...after.keys()].filter((name) => !before.has(name));
        expect(created.filter((name) => !world.has(name))).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  },
);

function isNoNewFolder(name: string, before: World, after: World): boolean {
  return before.get(name)?.type === "folder" || after.get(name)?.type !== "folder";
}
