import type { InstanceState, RegionState, RolloutState } from "../../../src/core/state.ts";
import { openRollout } from "../../../src/core/state.ts";
import { type Activity, type Doing, noActivity } from "../../../src/views/activity.ts";
import { phaseWords } from "../../../src/views/phase-words.ts";
import { batchKey, type BatchTime } from "../../../src/views/time-left.ts";
import { almaItinerary } from "./alma.ts";
import { lateFailure } from "./alma.ts";

export interface Moment {
  readonly regions: number;
  readonly perRegion: number;
  readonly batch: number;
  readonly concurrency: number;
  /** Regions that are sealed, and batches that are sealed in the next one. */
  readonly sealedRegions: number;
  readonly sealedBatches: number;
  /** Instances of the batch under way that failed and are as before. */
  readonly bad?: number;
}

export const momentMs = Date.parse("2026-11-23T04:00:00Z");
const batchMs = 60_000;

/**
 * A large rollout as it stands in the middle, without the hundred thousand records that lead there. Each batch
 * took a minute; the one under way began 20 seconds ago.
 */
export function momentOf(moment: Moment): { state: RolloutState; activity: Activity } {
  const { regions, perRegion, batch, concurrency, sealedRegions, sealedBatches, bad = 0 } = moment;
  const names = Array.from({ length: regions }, (_, region) => `region-${region + 1}`);
  const itinerary = almaItinerary({
    concurrency,
    maxBad: perRegion,
    regions: Object.fromEntries(
      names.map((name, region) => [name, batchesOf(region, perRegion, batch)]),
    ),
  });
  const fresh = openRollout(itinerary);
  const steps = itinerary.plan.steps.map(({ name }) => name);
  const instances = new Map<string, InstanceState>();
  const doing = new Map<string, Doing>();
  const batches = new Map<string, BatchTime>();
  const ended = sealedRegions * Math.ceil(perRegion / batch) + sealedBatches;
  const order: { readonly key: string }[] = [];
  for (const [at, region] of itinerary.regions.entries())
    for (const [index, each] of region.batches.entries()) {
      const key = batchKey(region.name, index);
      const over = at < sealedRegions || (at === sealedRegions && index < sealedBatches);
      const going = at === sealedRegions && index === sealedBatches;
      if (over || going) {
        const fromMs = momentMs - 20_000 - (ended - order.length) * batchMs;
        batches.set(key, { fromMs, toMs: over ? fromMs + batchMs : null });
        order.push({ key });
      }
      for (const [nth, name] of each.instances.entries()) {
        const was = fresh.instances.get(name)!;
        const it = over
          ? { ...was, phase: "sealed" as const, step: steps.length }
          : going && nth < bad
            ? {
                ...was,
                phase: "rolled-back" as const,
                bad: { as: "failed" as const, failure: failureOf(name), step: 1 },
              }
            : {
                ...was,
                phase: going ? ("stepping" as const) : ("waiting" as const),
                step: going ? 1 : 0,
              };
        instances.set(name, it);
        const sinceMs = momentMs - 2_000 - nth * 100;
        doing.set(name, { what: phaseWords(it, steps), sinceMs, seen: new Map() });
      }
    }
  const stages = fresh.regions.map((region, at): RegionState => {
    const all = itinerary.regions[at]!.batches.length;
    const bakes = at < sealedRegions ? all : at === sealedRegions ? sealedBatches : 0;
    const begun = at === sealedRegions ? bakes + 1 : bakes;
    const stage = at < sealedRegions ? "sealed" : at === sealedRegions ? "started" : "waiting";
    return { ...region, stage, batchesStarted: begun, bakesStarted: bakes, bakesFinished: bakes };
  });
  const firstMs = momentMs - 20_000 - ended * batchMs;
  return {
    state: { ...fresh, mode: "forward", regions: stages, instances },
    activity: {
      ...noActivity,
      sinceMs: firstMs,
      instances: doing,
      batches,
      regions: new Map(
        names
          .slice(0, sealedRegions + 1)
          .map((name) => [name, { fromMs: firstMs, toMs: momentMs }]),
      ),
    },
  };
}

function batchesOf(region: number, count: number, batch: number): string[][] {
  const all = Array.from(
    { length: count },
    (_, at) => `r${region + 1}-i${String(at + 1).padStart(3, "0")}`,
  );
  return Array.from({ length: Math.ceil(count / batch) }, (_, at) =>
    all.slice(at * batch, (at + 1) * batch),
  );
}

function failureOf(name: string) {
  return { ...lateFailure, message: lateFailure.message.replace("cn01", name) };
}
