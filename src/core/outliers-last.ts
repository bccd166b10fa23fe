import { resolveCount } from "./batches.ts";
import type { Itinerary, ItineraryBatch, ItineraryRegion } from "./itinerary.ts";

/** A region with its batches in the order that was decided for it. */
export interface OrderedRegion {
  readonly region: string;
  readonly batches: readonly ItineraryBatch[];
}

/**
 * The regions whose order changes where instances that are not like the others go last: after all
 * others of their region, in batches of their own that are no larger than its canary was. The others
 * fill the batches as they were, in their order, so that no batch is larger than before and neither is
 * any worst case. A region of odd ones alone stays as it is: it has no others to go after.
 */
export function outliersLast(
  { regions, plan }: Pick<Itinerary, "regions" | "plan">,
  odd: ReadonlySet<string>,
): readonly OrderedRegion[] {
  return regions.flatMap((region) => {
    const names = region.batches.flatMap(({ instances }) => instances);
    const last = names.filter((name) => odd.has(name));
    if (last.length === 0 || last.length === names.length) return [];
    const others = names.filter((name) => !odd.has(name));
    const sizes = region.batches.map(({ instances }) => instances.length);
    const canary = sizes[0] ?? 1;
    const groups = [
      ...filled(others, sizes),
      ...filled(
        last,
        last.map(() => canary),
      ),
    ];
    if (isSame(groups, region)) return [];
    const batches = groups.map((instances) => ({
      instances,
      maxBad: resolveCount(plan.rollout.maxBad, instances.length),
    }));
    return [{ region: region.name, batches }];
  });
}

/** The itinerary with these regions in their new order. */
export function inOrderOf(itinerary: Itinerary, ordered: readonly OrderedRegion[]): Itinerary {
  const batches = new Map(ordered.map((it) => [it.region, it.batches]));
  const regions = itinerary.regions.map((region) => ({
    ...region,
    batches: batches.get(region.name) ?? region.batches,
  }));
  return { ...itinerary, regions };
}

/** What would be wrong with an order that was decided, in sentences; empty: it is what was asked for. */
export function orderTrouble(
  itinerary: Itinerary,
  ordered: readonly OrderedRegion[],
): readonly string[] {
  return ordered.flatMap(({ region: name, batches }) => {
    const region = itinerary.regions.find((it) => it.name === name);
    if (region === undefined) return [`12: there is no region ${name}`];
    const [before, after] = [region.batches, batches].map((all) =>
      all.flatMap(({ instances }) => instances),
    );
    const same = before!.toSorted().join("\n") === after!.toSorted().join("\n");
    const [most, now] = [region.batches, batches].map((all) =>
      Math.max(...all.map(({ instances }) => instances.length)),
    );
    return [
      ...(same ? [] : [`12: the order of ${name} is not of the instances that are frozen`]),
      ...(now! <= most! ? [] : [`5: a batch of ${name} would be larger than any that was printed`]),
      ...(batches.every(({ instances }) => instances.length > 0)
        ? []
        : [`5: a batch of ${name} would be empty`]),
    ];
  });
}

/** Things in groups of these sizes, in their order; the last groups may be smaller, and none is empty. */
function filled<T>(things: readonly T[], sizes: readonly number[]): readonly (readonly T[])[] {
  let at = 0;
  return sizes.map((size) => things.slice(at, (at += size))).filter((group) => group.length > 0);
}

function isSame(groups: readonly (readonly string[])[], region: ItineraryRegion): boolean {
  const now = region.batches.map(({ instances }) => instances);
  return JSON.stringify(groups) === JSON.stringify(now);
}
