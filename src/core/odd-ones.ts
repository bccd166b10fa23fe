import type { Halt } from "./halt.ts";
import type { KnownHost } from "./known-hosts.ts";
import { type OddOne, outliers } from "./outliers.ts";
import type { RolloutState } from "./state.ts";

/** So many are told of; a fleet with more of them is no fleet. */
const oddOnesMax = 500;

/** The hosts of all targets, held against each other. */
export function oddOnes({ facts }: RolloutState): readonly OddOne[] {
  const known = [...facts.values()];
  const onHost = Map.groupBy(known, ({ host }) => host);
  // One host of two instances is two places: each has trees of its own.
  const nameOf = ({ instance, host }: KnownHost): string =>
    onHost.get(host)?.length === 1 ? host : `${host} (${instance})`;
  const places = new Map(known.map((it) => [nameOf(it), it]));
  return outliers(known.map((it) => ({ name: nameOf(it), facts: it.facts })))
    .slice(0, oddOnesMax)
    .map(({ name, about, says }) => {
      const { instance, host } = places.get(name)!;
      return { instance, host, about, says };
    });
}

/** Those of one region, as far as they were told. */
export function oddOnesIn(state: RolloutState, region: string): readonly OddOne[] {
  return (state.odd ?? []).filter(
    ({ instance }) => state.instances.get(instance)?.region === region,
  );
}

/** Does this region wait for a person, by the plan's word or because of whom it has in it? */
export function needsApproval(state: RolloutState, region: string): boolean {
  const planned = state.itinerary.regions.find((it) => it.name === region);
  if (planned === undefined) return false;
  if (planned.approve) return true;
  return state.itinerary.plan.rollout.onOutlier === "ask" && oddOnesIn(state, region).length > 0;
}

/** The end of a rollout that its plan wants to have no odd one in; null: there is none, or it may. */
export function haltByOutliers({ odd, itinerary }: RolloutState): Halt | null {
  const [first] = odd ?? [];
  if (first === undefined || itinerary.plan.rollout.onOutlier !== "stop") return null;
  const instances = [...new Set((odd ?? []).map(({ instance }) => instance))];
  const more = (odd ?? []).length - 1;
  return {
    rule: "outliers",
    limit: null,
    bad: null,
    instances,
    where: "the rollout",
    scope: "under-way",
    sentence: `${first.says}${more > 0 ? `, and ${more} more such` : ""}: the plan stops for instances that are not like the others`,
  };
}
