import { describe, expect, test } from "vitest";
import type { ForeseenChange } from "../../src/views/foreseen.ts";
import { effectGroups, wouldChange } from "../../src/views/preview-effects.ts";
import type { PreviewHost } from "../../src/views/preview-hosts.ts";
import { previewJson } from "../../src/views/preview-json.ts";
import type { StepForecast } from "../../src/views/preview-steps.ts";
import { previewText } from "../../src/views/preview-text.ts";
import { almaItinerary, bigFleet } from "./support/alma.ts";
import { hostile } from "./support/scenarios.ts";

const itinerary = bigFleet(1, 50);
const names = Object.keys(itinerary.instances);

const forecast = (): StepForecast => ({
  summary: "s",
  text: "",
  writes: [],
  allow: [],
  protect: [],
  names: [],
});

function change(more: Partial<ForeseenChange> = {}): ForeseenChange {
  const facts = { size: 9, entries: 1, mode: "0644", owner: "app:app" };
  return {
    path: "/srv/x",
    written: "${home}/x",
    effect: "change",
    says: "+1 −1 lines",
    before: facts,
    after: facts,
    diff: { added: 1, removed: 1, lines: ["@@ -1,1 +1,1 @@", "-a", "+b"], more: 0 },
    names: [],
    ...more,
  };
}

function host(name: string, changes: readonly ForeseenChange[], after: string | null = null) {
  const spool = { path: "/s", exists: true, fault: "", freeBytes: 1e9, freeInodes: 9 };
  return {
    name,
    instances: [name],
    failure: null,
    says: "as root",
    lock: null,
    spool,
    protected: { trees: 1, entries: 5, bytes: 9, unfinished: false, each: [] },
    needs: { bytes: 1000, inodes: 3, ms: 400 },
    facts: [],
    losses: [],
    preventionFault: "",
    logoutFault: "",
    troubles: [],
    foreseen: [{ step: 0, instance: name, host: name, changes, after }],
  } satisfies PreviewHost;
}

const on = (of: (name: string, at: number) => readonly ForeseenChange[]) =>
  names.map((name, at) => host(name, of(name, at)));

describe("what a step would do to the files of 50 instances", () => {
  test("is told once where it is the same, whatever the paths are there, and fits a screen", () => {
    const hosts = on((name) => [change({ path: `/srv/${name}/x` })]);
    const text = previewText(itinerary, { forecast, hosts, columns: 100 });
    expect(text).toContain("    now on all 50 instances:\n      ~ ${home}/x: +1 −1 lines\n");
    expect(text.split("+1 −1 lines")).toHaveLength(2);
    expect(text.split("\n").length).toBeLessThan(100);
    expect(text.split("\n").filter((line) => line.length >= 100)).toEqual([]);
  });

  test("is told for three sorts of them, those that would fail first, and the others by name", () => {
    const hosts = on((_name, at) =>
      at === 20 ? [change({ effect: "fails", says: "no" })] : [change({ says: `is ${at % 7}` })],
    );
    const text = previewText(itinerary, { forecast, hosts });
    const at = (words: string): number => text.indexOf(words);
    expect(at("now on r01-i21:\n      ! /srv/x: no")).toBeGreaterThan(0);
    expect(at("now on r01-i21:")).toBeLessThan(at("now on r01-i01, "));
    expect(text.split("now on ")).toHaveLength(4);
    expect(text).toContain("otherwise again on r01-i03, r01-i10,");
    expect(text).toContain("A rollout would fail, as the hosts are now");
    const { steps, wouldFail } = previewJson(itinerary, { forecast, hosts });
    expect(steps[0]?.effects).toHaveLength(8);
    expect(wouldFail).toEqual([
      { step: "new jar", instance: "r01-i21", path: "/srv/x", says: "no" },
    ]);
  });

  test("folds what is there already, and paths beyond a dozen", () => {
    const many = Array.from({ length: 40 }, (_, at) =>
      change({ path: `/srv/${at}`, written: `/srv/${at}`, effect: at < 20 ? "nothing" : "create" }),
    );
    const text = previewText(itinerary, { forecast, hosts: on(() => many) });
    expect(text).toContain("= 20 others already there, unchanged");
    expect(text).toContain("and 8 paths more: --json tells each");
  });

  test("keeps 5,000 lines of diffs in all, and counts the others", () => {
    const lines = Array.from({ length: 400 }, (_, at) => `+${at}`);
    const hosts = on((_name, at) => [
      change({ says: `is ${at}`, diff: { added: 400, removed: 0, lines, more: 7 } }),
    ]);
    const diffs = effectGroups(hosts, 0).map(({ changes: [it] }) => it!.diff!);
    expect(diffs.reduce((sum, diff) => sum + diff.lines.length, 0)).toBe(5000);
    expect(diffs.map((diff) => diff.lines.length + diff.more)).toEqual(Array(50).fill(407));
  });

  test("keeps an instance with several hosts apart, and says behind which step nothing is sure", () => {
    const one = host("a", [change()], "build");
    const two = { ...one, name: "b", foreseen: [{ ...one.foreseen[0]!, host: "b" }] };
    expect(effectGroups([one, two], 0)).toMatchObject([
      { instances: ["a (a)", "a (b)"], after: "build" },
    ]);
    expect(effectGroups([one, two], 1)).toEqual([]);
  });

  test("prints nothing raw of what a host says", () => {
    const diff = { added: 1, removed: 0, lines: [`+${hostile}`], more: 0 };
    const said = change({ path: hostile, says: hostile, names: [hostile], diff });
    const text = previewText(itinerary, { forecast, hosts: [host("r01-i01", [said])] });
    expect(text.replaceAll("\n", "")).not.toMatch(/\p{C}/u);
  });
});

test.each<[string, string, readonly ForeseenChange[] | null, boolean]>([
  ["a copy of what is there", "copy", [change({ effect: "nothing" })], false],
  ["a copy of another file", "copy", [change()], true],
  ["a copy that nobody compared", "patch", [change({ effect: "unknown" })], true],
  ["a run", "run", [change({ effect: "nothing" })], true],
  ["what nobody looked at", "copy", null, true],
])("%s (%s): would it change anything?", (_says, kind, changes, is) => {
  const hosts = changes === null ? null : [host("a", changes)];
  expect(wouldChange([{ work: { kind } }], hosts)).toBe(is);
});

describe("what is ahead", () => {
  const ahead = almaItinerary({ approve: ["cn"] });
  const [first] = ahead.regions;
  const calendar = {
    atMs: Date.parse("2026-11-28T09:00:00Z"),
    windows: { [first!.name]: ["Sat 10:00-22:00"], cn: ["Mon-Thu 02:00-05:00"], eu: [] },
  };
  const options = { forecast, hosts: null, calendar };

  test("are windows, with the next opening in the region's zone and in UTC, for which nobody waits", () => {
    const { regions } = previewJson(ahead, options);
    expect(regions.map(({ name, maintenance }) => [name, maintenance?.inside ?? null])).toEqual([
      ["apac", true],
      ["eu", null],
      ["na", null],
      ["cn", false],
    ]);
    expect(regions.at(-1)?.maintenance).toEqual({
      windows: ["Mon-Thu 02:00-05:00"],
      timezone: "Asia/Shanghai",
      inside: false,
      closes: null,
      opens: "2026-11-29T18:00:00.000Z",
    });
    const text = previewText(ahead, options);
    expect(text).toContain(
      "outside now; opens Mon 2026-11-30 02:00 Asia/Shanghai = Sun 2026-11-29 18:00 UTC",
    );
    expect(text).toContain("no region and no batch begins outside them");
    expect(previewText(ahead, { forecast, hosts: null })).not.toContain("window");
  });

  test("are approvals: when, and what a person types", () => {
    expect(previewJson(ahead, options).approvals).toEqual([
      {
        region: "cn",
        after: ["apac", "eu", "na"],
        command: "handrail approve ROLLOUT cn",
      },
    ]);
    const text = previewText(ahead, options);
    expect(text).toContain("waits for a person's approval: handrail approve ROLLOUT cn");
    expect(text).toContain("cn once apac, eu, na are sealed");
  });

  test("is room and time for snapshots, with the rule by which they are told", () => {
    const hosts = [host("a", []), { ...host("b", []), needs: { bytes: 9e6, inodes: 3, ms: 4200 } }];
    const { snapshots } = previewJson(ahead, { forecast, hosts });
    expect(snapshots).toMatchObject({
      bytes: 9_001_000,
      largest: { host: "b", bytes: 9e6, ms: 4200 },
      slowest: { host: "b" },
    });
    const text = previewText(ahead, { forecast, hosts });
    expect(text).toContain(
      "about 9.0 MB in all, the largest 9.0 MB on b, the slowest, about 4.2 s",
    );
    expect(text).toContain("18 times what counting the trees just took there");
  });
});
