import { describe, expect, test } from "vitest";
import type { BakeProgress } from "../../src/views/bake-progress.ts";
import { type Activity, noActivity, observe } from "../../src/views/activity.ts";
import { countdowns } from "../../src/views/countdowns.ts";
import { openRollout, type RolloutState } from "../../src/core/state.ts";
import { smallItinerary } from "../support/small-itinerary.ts";
import type { Told } from "./support/made-up-rollout.ts";
import { scenario } from "./support/scenarios.ts";

/** What is counted down after each record of a made-up rollout, each thing told once. */
function seen(name: string): readonly string[] {
  let activity: Activity = noActivity;
  const said = scenario(name).flatMap((told: Told) => {
    activity = observe(activity, told.record, told);
    return countdowns(told.after, { activity, attended: true }).map(
      ({ who, before, after, over, endsMs }) =>
        `${who}: ${before}…${after} (${over}) ${new Date(endsMs).toISOString().slice(0, 16)}`,
    );
  });
  return [...new Set(said)];
}

const names = (count: number) => Array.from({ length: count }, (_, at) => `a${at + 1}`);

/** What is counted down while so many of one batch bake. */
const baking = (count: number, stage: (index: number) => BakeProgress["stage"]) => {
  const opened = openRollout(smallItinerary({ regions: { eu: [names(count)] } }));
  const each = [...opened.instances].map(
    ([name, it]) => [name, { ...it, phase: "baking" as const }] as const,
  );
  const bakes = names(count).map(
    (name, index) => [name, { stage: stage(index), endsMs: 1_000 * index, ofMs: 60_000 }] as const,
  );
  const state = { ...opened, instances: new Map(each) };
  const activity = { ...noActivity, bakes: new Map(bakes) };
  const of = (attended: boolean) =>
    countdowns(state, { activity, attended }).map(
      (it) => `${it.who}: ${it.before}${it.endsMs}${it.after}; ${it.over}`,
    );
  expect(of(false)).toEqual([]);
  return of(true);
};

describe("what a rollout waits for", () => {
  test("is a window that opens, and one that closes", () => {
    const zone = "2026-11-23 18:00:00Z (2026-11-24 02:00:00 Asia/Shanghai)";
    expect(seen("waits for its window")).toContain(
      `cn: its maintenance window opens in …, at ${zone} (its maintenance window opens now, at ${zone}) 2026-11-23T18:00`,
    );
    const [last] = scenario("waits for its window").slice(-1);
    const state: RolloutState = {
      ...last!.after,
      regions: last!.after.regions.map((it) =>
        it.window === null ? it : { ...it, window: { ...it.window, open: true } },
      ),
    };
    expect(countdowns(state, { activity: noActivity, attended: false })).toMatchObject([
      {
        who: "cn",
        before: "its maintenance window closes in ",
        after: `, at ${zone}: no batch begins after that`,
        over: `its maintenance window has closed, at ${zone}`,
      },
    ]);
  });

  test("is an approval that gets too old, until it has", () => {
    const counts = "cn: the approval of deploy@laptop counts for … more";
    const all = seen("approved too long ago");
    expect(all.filter((text) => text.startsWith(counts))).toHaveLength(1);
    const [end] = scenario("approved too long ago").slice(-1);
    expect(countdowns(end!.after, { activity: noActivity, attended: true })).toEqual([]);
  });

  test("is each bake of a few, and of many how many are how far, by the last of them", () => {
    expect(baking(2, (index) => (index === 0 ? "settle" : "retry"))).toEqual([
      "eu batch 1: a1: settling, 0 left; looks at health",
      "eu batch 1: a2: not stable, 1000 left to become so; not stable, last look",
    ]);
    expect(baking(300, (index) => (index < 100 ? "evidence" : "stable"))).toEqual([
      "eu batch 1: 200 instances: stable, 299000 of 1 min left; stable 1 min, last look",
      "eu batch 1: 100 instances: healthy, waits for enough to judge by, at most 99000 left; healthy, waits for enough to judge by, last look",
    ]);
  });

  test("is nothing once it is over", () => {
    const [end] = scenario("goes well").slice(-1);
    expect(countdowns(end!.after, { activity: noActivity, attended: true })).toEqual([]);
  });
});
