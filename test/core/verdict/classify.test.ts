import { expect, test } from "vitest";
import { classify, effectsOf } from "../../../src/core/verdict/classify.ts";
import type { Change } from "../../../src/core/effects.ts";
import { change, entry, folder } from "./made-up.ts";

const later = "1700000009.000000000";

const table: readonly [string, Change, ReturnType<typeof classify>][] = [
  ["nothing before and nothing after", change("/a", null, null), null],
  ["the same in all", change("/a", entry(), entry(), true), null],
  ["only ctime moved", change("/a", entry(), entry({ ctime: later })), null],
  ["gone", change("/a", entry(), null), "deleted"],
  ["an empty folder gone", change("/a", folder(), null), "deleted"],
  ["new", change("/a", null, entry()), "created"],
  ["a file became a link", change("/a", entry(), entry({ type: "link" })), "type-changed"],
  ["a folder became a link", change("/a", folder(), entry({ type: "link" })), "type-changed"],
  [
    "a link became what it pointed to",
    change("/a", entry({ type: "link" }), entry()),
    "type-changed",
  ],
  ["other size", change("/a", entry(), entry({ size: 0 })), "content"],
  [
    "other size, and yet said to be the same",
    change("/a", entry(), entry({ size: 0 }), true),
    "content",
  ],
  ["same size, other bytes", change("/a", entry(), entry({ mtime: later }), false), "content"],
  ["other bytes with times put back", change("/a", entry(), entry(), false), "content"],
  [
    "a link with another target",
    change("/a", entry({ type: "link" }), entry({ type: "link", inode: "8" }), false),
    "content",
  ],
  ["time moved, content not asked", change("/a", entry(), entry({ mtime: later })), "content"],
  ["inode differs, content not asked", change("/a", entry(), entry({ inode: "8" })), "content"],
  ["content and mode", change("/a", entry(), entry({ mode: "0600" }), false), "content"],
  ["mode", change("/a", entry(), entry({ mode: "0600", ctime: later })), "metadata"],
  ["setuid", change("/a", entry(), entry({ mode: "4644" })), "metadata"],
  ["owner", change("/a", entry(), entry({ uid: 0 })), "metadata"],
  ["group", change("/a", entry(), entry({ gid: 0 })), "metadata"],
  ["mode of a folder", change("/a", folder(), folder({ mode: "0700" })), "metadata"],
  [
    "mode, with the same bytes rewritten",
    change("/a", entry(), entry({ mode: "0600", mtime: later }), true),
    "metadata",
  ],
  [
    "another inode with the same bytes",
    change("/a", entry(), entry({ inode: "8", mtime: later }), true),
    "replaced",
  ],
  ["a folder made anew", change("/a", folder(), folder({ inode: "8", mtime: later })), "replaced"],
  [
    "only its time, bytes the same",
    change("/a", entry(), entry({ mtime: later }), true),
    "touched",
  ],
  ["the time of a folder", change("/a", folder(), folder({ mtime: later })), "touched"],
  [
    "a nanosecond",
    change("/a", entry(), entry({ mtime: "1700000000.000000002" }), true),
    "touched",
  ],
];

test.each(table)("%s", (_name, made, expected) => {
  expect(classify(made)).toBe(expected);
});

test("effects come sorted by path and without what does not differ", () => {
  const effects = effectsOf([
    change("/b", entry({ size: 3 }), null),
    change("/c", entry(), entry()),
    change("/a/x", null, entry()),
    change("/a", null, folder()),
  ]);
  expect(effects.map((effect) => [effect.path, effect.class, effect.size])).toEqual([
    ["/a", "created", 0],
    ["/a/x", "created", 0],
    ["/b", "deleted", 3],
  ]);
});

test.each([
  ["manifest first", false],
  ["content first", true],
])(
  "a path that two overlapping snapshots list counts once, by the look at its content (%s)",
  (_name, contentFirst) => {
    const byManifest = change("/a", entry(), entry({ mtime: later }), null);
    const byContent = change("/a", entry(), entry({ mtime: later }), true);
    const listed = contentFirst ? [byContent, byManifest] : [byManifest, byContent];
    expect(effectsOf(listed).map((effect) => effect.class)).toEqual(["touched"]);
  },
);
