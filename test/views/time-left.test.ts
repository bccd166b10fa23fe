import { describe, expect, test } from "vitest";
import { timeLeft, timeLeftWords } from "../../src/views/time-left.ts";
import { type Moment, momentMs, momentOf } from "./support/moment.ts";

const world: Moment = {
  regions: 2,
  perRegion: 40,
  batch: 10,
  concurrency: 10,
  sealedRegions: 1,
  sealedBatches: 0,
};

/** Each batch took a minute; the one under way began 20 seconds ago. */
function leftOf(moment: Partial<Moment>): number | null {
  const { state, activity } = momentOf({ ...world, ...moment });
  return timeLeft(state, activity.batches, momentMs)?.ms ?? null;
}

describe("how long it still takes", () => {
  test("is what the batches that are left take, less what the one under way has had", () => {
    expect(leftOf({})).toBe(4 * 60_000 - 20_000);
    expect(leftOf({ sealedBatches: 2 })).toBe(2 * 60_000 - 20_000);
  });

  test("is not told before two batches have ended", () => {
    expect(leftOf({ sealedRegions: 0, sealedBatches: 1 })).toBeNull();
    expect(leftOf({ sealedRegions: 0, sealedBatches: 2 })).toBe(6 * 60_000 - 20_000);
  });

  test("is not told of batches that are far larger than any that ended", () => {
    const { state, activity } = momentOf({ ...world, concurrency: 1 });
    const [region] = state.itinerary.regions;
    const small = {
      ...region!,
      batches: region!.batches.map((it) => ({ ...it, instances: ["a"] })),
    };
    const regions = [small, state.itinerary.regions[1]!];
    const itinerary = { ...state.itinerary, regions };
    expect(timeLeft({ ...state, itinerary }, activity.batches, momentMs)).toBeNull();
  });

  test("is never below nothing where a batch takes longer than all before", () => {
    const { state, activity } = momentOf({ ...world, sealedBatches: 3 });
    expect(timeLeft(state, activity.batches, momentMs + 3_600_000)?.ms).toBe(0);
  });

  test.each([
    ["halted", { halt: { sentence: "1 bad" } }],
    ["held up", { held: { why: { kind: "paused", because: null } } }],
    ["taken back", { mode: "undoing" }],
    ["over", { closed: "sealed" }],
  ])("is not told of a rollout that is %s", (_name, is) => {
    const { state, activity } = momentOf(world);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only whether it is there counts here
    const other = { ...state, ...is } as typeof state;
    expect(timeLeft(other, activity.batches, momentMs)).toBeNull();
  });

  test("says where a person or a window is still waited for", () => {
    const { state, activity } = momentOf({ ...world, regions: 3 });
    const regions = state.itinerary.regions.map((it) => ({
      ...it,
      approve: it.name === "region-3",
    }));
    const itinerary = { ...state.itinerary, regions };
    expect(timeLeft({ ...state, itinerary }, activity.batches, momentMs)?.waits).toBe(true);
  });

  test.each([
    [12_000, false, "less than 1 min left"],
    [60_001, false, "about 2 min left"],
    [240_000, true, "about 4 min left, waits not counted"],
    [31 * 60_000, false, "about 35 min left"],
    [61 * 60_000, false, "about 1 h 05 min left"],
    [199 * 60_000, false, "about 3 h 20 min left"],
  ])("of %d ms is told in round words", (ms, waits, words) => {
    expect(timeLeftWords({ ms, waits })).toBe(words);
  });
});
