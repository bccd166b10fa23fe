import type { ItineraryRegion } from "../core/itinerary.ts";
import type { Plan } from "../core/plan/plan.ts";
import { previewBake } from "./preview-metrics.ts";
import { type Calendar, previewWindows, type PreviewWindows } from "./preview-windows.ts";
import { ruleWords } from "./region-waits.ts";
import { resolved } from "./wording.ts";

export interface PreviewRegion {
  readonly name: string;
  readonly timezone: string | null;
  /** Waits for a person before its first instance is touched. */
  readonly approve: boolean;
  /** What it waits for then, in words: "2 approvals of ann, bob"; null: nothing. */
  readonly approval: string | null;
  /** null: the inventory names no window. */
  readonly maintenance: PreviewWindows | null;
  readonly batches: readonly PreviewBatch[];
  readonly bake: ReturnType<typeof previewBake>;
  /** Bad instances that the region may have: "10 % = 3". */
  readonly maxBadAsked: string;
  readonly maxBad: number;
}

export interface PreviewBatch {
  /** As the plan says it, with what that is here: "20 % = 3". */
  readonly size: string;
  readonly instances: readonly string[];
  /** They go last, because they are not like the others. */
  readonly unlike: boolean;
  /** Bad instances that it may have: "10 % = 1". */
  readonly maxBadAsked: string;
  readonly maxBad: number;
  /** Instances of it that are in hand at the same time. */
  readonly atOnce: number;
}

interface RegionOrder {
  readonly plan: Plan;
  /** Instances that go last in their region, because they are not like the others. */
  readonly last: ReadonlySet<string>;
  readonly calendar: Calendar | undefined;
}

/** A region in the order in which the rollout would go through it. */
export function previewRegion(
  region: ItineraryRegion,
  { plan, last, calendar }: RegionOrder,
): PreviewRegion {
  const { batches, concurrency, maxBad } = plan.rollout;
  const names = region.batches.flatMap(({ instances }) => instances);
  const hasOthers = names.some((name) => !last.has(name));
  return {
    name: region.name,
    timezone: region.timezone,
    approve: region.approve,
    approval: region.approve ? ruleWords(region) : null,
    maintenance: calendar === undefined ? null : previewWindows(region, calendar),
    batches: region.batches.map((batch, index) => {
      const count = batch.instances.length;
      const unlike = hasOthers && batch.instances.every((name) => last.has(name));
      const asked = unlike
        ? { number: count }
        : (batches[index] ?? batches.at(-1) ?? { number: count });
      return {
        size: resolved("number" in asked ? { number: count } : asked, count),
        instances: batch.instances,
        unlike,
        maxBadAsked: resolved(maxBad, batch.maxBad),
        maxBad: batch.maxBad,
        atOnce: Math.min(count, concurrency),
      };
    }),
    bake: previewBake(region.bake),
    maxBadAsked: resolved(maxBad, region.maxBad),
    maxBad: region.maxBad,
  };
}
