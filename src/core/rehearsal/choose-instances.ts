import type { Itinerary } from "../itinerary.ts";
import { nearestName } from "../plan/suggest.ts";

export interface ChosenInstances {
  /** In the order of the rollout. */
  readonly chosen: readonly string[];
  /** Targets that nothing is tried on. */
  readonly left: readonly string[];
}

/** The instances asked for; where none is, the first of every region, which a rollout comes to first. */
export function chooseInstances(
  { regions }: Pick<Itinerary, "regions">,
  asked: readonly string[],
): ChosenInstances | { readonly unknown: string; readonly meant: string | null } {
  const byRegion = regions.map(({ batches }) => batches.flatMap(({ instances }) => instances));
  const all = byRegion.flat();
  const unknown = asked.find((name) => !all.includes(name));
  if (unknown !== undefined) return { unknown, meant: nearestName(unknown, all) };
  const wanted = new Set(asked.length > 0 ? asked : byRegion.flatMap(([first]) => first ?? []));
  return {
    chosen: all.filter((name) => wanted.has(name)),
    left: all.filter((name) => !wanted.has(name)),
  };
}
