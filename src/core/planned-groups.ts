import { instancesMin } from "./control-group.ts";
import type { Itinerary } from "./itinerary.ts";
import { canProve } from "./judge-groups.ts";
import type { MetricComparison } from "./plan/metric.ts";

/** Instances of one control group that are measured: more prove little more, and are more to ask. */
export const controlsMax = 60;

/** How large the groups will be, if all goes well: of one batch, while it bakes. */
export interface PlannedGroup {
  readonly region: string;
  /** Place in the region, from 0. */
  readonly batch: number;
  readonly changed: number;
  readonly control: number;
  /** Can groups of these sizes prove anything? */
  readonly enough: boolean;
}

/** Names of the targets that a batch of this region is compared with: those of later batches. */
export function controlNames(
  { regions }: Pick<Itinerary, "regions">,
  place: { readonly region: string; readonly batch: number },
  among: MetricComparison["among"],
): readonly string[] {
  const at = regions.findIndex(({ name }) => name === place.region);
  const own = regions[at]?.batches.slice(place.batch + 1) ?? [];
  const later = among === "region" ? [] : regions.slice(at + 1).flatMap(({ batches }) => batches);
  return spread([...own, ...later].flatMap(({ instances }) => instances));
}

/** Some of many, from all along the list: who comes last may not be like who comes first. */
function spread(names: readonly string[]): readonly string[] {
  if (names.length <= controlsMax) return names;
  return Array.from(
    { length: controlsMax },
    (_, at) => names[Math.floor((at * names.length) / controlsMax)]!,
  );
}

/** Every batch in rollout order. */
export function plannedGroups(
  itinerary: Pick<Itinerary, "regions" | "plan">,
  among: MetricComparison["among"],
): readonly PlannedGroup[] {
  const looks = plannedLooks(itinerary);
  return itinerary.regions.flatMap(({ name: region, batches }) =>
    batches.map(({ instances: { length: changed } }, batch) => {
      const control = controlNames(itinerary, { region, batch }, among).length;
      const enough =
        Math.min(changed, control) >= instancesMin && canProve(changed, control, looks);
      return { region, batch, changed, control, enough };
    }),
  );
}

/** How often one rollout asks for a verdict on a control group: of each metric, after each batch. */
export function plannedLooks({ regions, plan }: Pick<Itinerary, "regions" | "plan">): number {
  const compared = (plan.metrics ?? []).flatMap(({ compare }) =>
    compare?.with === "control" ? [compare.among] : [],
  );
  const looks = compared.map(
    (among) =>
      regions.flatMap(({ name: region, batches }) =>
        batches.filter(({ instances }, batch) => {
          const control = controlNames({ regions }, { region, batch }, among).length;
          return Math.min(instances.length, control) >= instancesMin;
        }),
      ).length,
  );
  return Math.max(
    1,
    looks.reduce((sum, count) => sum + count, 0),
  );
}
