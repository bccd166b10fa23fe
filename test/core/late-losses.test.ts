import { describe, expect, test } from "vitest";
import { afterLook, beginWatch, type TreeWatch } from "../../src/core/late-losses.ts";
import type { Policy } from "../../src/core/plan/plan.ts";
import { nextLookMs } from "../../src/core/watch-times.ts";

const keep: Policy = { kind: "keep" };
const content: Policy = { kind: "keep-content" };
const back: Policy = { kind: "regenerates", withinMs: 60_000, recover: [] };

interface Case {
  readonly says: string;
  readonly policy: Policy;
  /** Names in the tree at each look, a minute apart. */
  readonly looks: readonly string[];
  /** What is told at each look after the first; null: nothing. */
  readonly told: readonly (string | null)[];
}

const cases: readonly Case[] = [
  { says: "the same again is nothing", policy: keep, looks: ["a b", "a b"], told: [null] },
  { says: "what comes is nothing", policy: keep, looks: ["a", "a b"], told: [null] },
  { says: "one that is gone is told", policy: keep, looks: ["a b", "a"], told: ["1: b"] },
  { says: "and told once", policy: keep, looks: ["a b", "a", "a"], told: ["1: b", null] },
  { says: "all of it", policy: keep, looks: ["a b c", ""], told: ["3: a b c"] },
  {
    says: "names that come and go are no loss",
    policy: keep,
    looks: ["x sess-11", "x sess-11 sess-22", "x sess-33", "x sess-44"],
    told: [null, null, null],
  },
  {
    says: "one that goes while others of its kind come is no loss",
    policy: keep,
    looks: ["x sess-11", "x sess-22"],
    told: [null],
  },
  {
    says: "many of them at once are",
    policy: keep,
    looks: ["x s-1 s-2 s-3 s-4 s-5 s-6", "x s-1 s-2 s-3 s-4 s-5 s-6 s-7", "x s-7"],
    told: [null, "6: s-1 s-2 s-3 s-4 s-5"],
  },
  {
    says: "a name of another kind beside them is a loss",
    policy: keep,
    looks: ["upload sess-11", "upload sess-22", "sess-33"],
    told: [null, "1: upload"],
  },
  {
    says: "below keep-content nothing may go",
    policy: content,
    looks: ["x sess-11", "x sess-11 sess-22", "x sess-22"],
    told: [null, "1: sess-11"],
  },
  {
    says: "what comes back in time is no loss",
    policy: back,
    looks: ["a b", "a", "a b"],
    told: [null, null],
  },
  {
    says: "what is not back in time is, once",
    policy: back,
    looks: ["a b", "a", "a", "a"],
    told: [null, "1: b", null],
  },
  {
    says: "may-change minds nothing",
    policy: { kind: "may-change" },
    looks: ["a", ""],
    told: [null],
  },
];

const treeOf = (names: string): ReadonlySet<string> =>
  new Set(
    names
      .split(" ")
      .filter((name) => name !== "")
      .map((name) => `/srv/tmp/${name}`),
  );

describe("what a protected tree loses while it is watched", () => {
  test.each(cases)("$says", ({ policy, looks, told }) => {
    let watch: TreeWatch = beginWatch(policy, { atMs: 0, entries: treeOf(looks[0]!) });
    const said = looks.slice(1).map((names, at) => {
      const look = { atMs: (at + 1) * 60_000, entries: treeOf(names) };
      const after = afterLook(watch, look);
      watch = after.watch;
      const lostNames = after.lost?.examples.map((path) => path.replace("/srv/tmp/", "")).join(" ");
      return after.lost === null ? null : `${after.lost.count}: ${lostNames}`;
    });
    expect(said).toEqual(told);
  });
});

const lookAt = (atMs: number, names: string) => ({
  atMs,
  entries: new Set(["/srv/tmp", ...treeOf(names)]),
});

test.each([
  {
    says: "any of a tree that must stay as it is",
    policy: content,
    from: "a b c d",
    to: "b c d",
    is: true,
  },
  { says: "half of what a tree held", policy: keep, from: "a b", to: "a", is: true },
  { says: "all that a tree held", policy: keep, from: "a", to: "", is: true },
  { says: "less than half of it", policy: keep, from: "a b c", to: "a b", is: false },
  {
    says: "half of one kind, where those are many",
    policy: keep,
    from: "p1 p2 p3 p4 p5 p6 a b c d e f g h i",
    to: "p1 a b c d e f g h i",
    is: true,
  },
  {
    says: "all of one kind, where those are few",
    policy: keep,
    from: "p1 p2 p3 p4 a b c d e f",
    to: "a b c d e f",
    is: false,
  },
])("$says is many: $is", ({ policy, from, to, is }) => {
  const { lost } = afterLook(beginWatch(policy, lookAt(0, from)), lookAt(60_000, to));
  expect(lost?.isMany).toBe(is);
});

const looksOf = (forMs: number): readonly number[] => {
  const at = [0];
  for (let since = 0; ;) {
    const next = nextLookMs(since, forMs);
    if (next === null) return at;
    since += next;
    at.push(since);
  }
};

describe("the looks of a watch", () => {
  test("come at growing intervals, half an hour at most, and the last one at the end", () => {
    const minutes = looksOf(24 * 3_600_000).map((ms) => ms / 60_000);
    expect(minutes.slice(0, 9)).toEqual([0, 1, 2, 4, 8, 16, 32, 62, 92]);
    expect(minutes.at(-1)).toBe(24 * 60);
    expect(minutes).toHaveLength(54);
  });

  test("are several also in a short watch", () => {
    expect(looksOf(2_000)).toEqual([0, 250, 500, 1_000, 2_000]);
    expect(looksOf(1)).toEqual([0, 1]);
  });
});
