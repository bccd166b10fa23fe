import type { Halt } from "./halt.ts";
import type { KnownHost } from "./known-hosts.ts";
import { type OddOne, outliers } from "./outliers.ts";
import { type OrderedRegion, outliersLast } from "./outliers-last.ts";
import { type SealedBefore, withSealedBefore } from "./sealed-before.ts";
import type { RolloutState } from "./state.ts";

/** So many are told of; a fleet with more of them is no fleet. */
const oddOnesMax = 500;

/** The hosts of all targets, held against each other. */
export function oddOnes({
  facts,
  sealedBefore,
}: Pick<RolloutState, "facts" | "sealedBefore">): readonly OddOne[] {
  return oddOnesAmong([...facts.values()], sealedBefore);
}

/** These hosts held against each other, each once for every instance that it is of. */
export function oddOnesAmong(
  hosts: readonly KnownHost[],
  sealedBefore: SealedBefore | null,
): readonly OddOne[] {
  const known = withSealedBefore(hosts, sealedBefore);
  const onHost = Map.groupBy(known, ({ host }) => host);
  // One host of two instances is two places: each has trees of its own.
  const nameOf = ({ instance, host }: KnownHost): string =>
    onHost.get(host)?.length === 1 ? host : `${host} (${instance})`;
  const places = new Map(known.map((it) => [nameOf(it), it]));
  return outliers(known.map((it) => ({ name: nameOf(it), facts: it.facts })))
    .slice(0, oddOnesMax)
    .map(({ name, about, says }) => {
      const { instance, host, facts } = places.get(name)!;
      const isUnseen = facts.find((fact) => fact.about === about)?.inPreview === false;
      return { instance, host, about, says, ...(isUnseen ? { inPreview: false } : {}) };
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

/** Whom an order has last: those of the preview that the rollout is bound to, else those found odd. */
export function goingLast({ odd, previewedLast }: RolloutState): ReadonlySet<string> {
  return new Set(previewedLast ?? (odd ?? []).map(({ instance }) => instance));
}

/** The order in which odd ones go last, where it differs; null: it is not asked for, or was decided. */
export function orderToDecide(state: RolloutState): readonly OrderedRegion[] | null {
  const { itinerary } = state;
  if (state.ordered !== null || itinerary.plan.rollout.onOutlier !== "last") return null;
  const ordered = outliersLast(itinerary, goingLast(state));
  return ordered.length === 0 ? null : ordered;
}

/**
 * The end of a rollout that its plan wants to have no odd one in, or whose order would be another than
 * the one that its preview printed; null: neither. Only once odd ones are told.
 */
export function haltByOutliers(state: RolloutState): Halt | null {
  const { odd, itinerary } = state;
  const { onOutlier } = itinerary.plan.rollout;
  if (onOutlier === "last") return haltByOrder(state);
  const [first] = odd ?? [];
  if (first === undefined || onOutlier !== "stop") return null;
  const instances = [...new Set((odd ?? []).map(({ instance }) => instance))];
  const more = (odd ?? []).length - 1;
  return refusal(
    instances,
    `${first.says}${more > 0 ? `, and ${more} more such` : ""}: the plan stops for instances that are not like the others`,
  );
}

/** Who could not be reached or is not fit is never touched, wherever it stands. */
function haltByOrder(state: RolloutState): Halt | null {
  const { odd, previewedLast, instances } = state;
  if (previewedLast === null || (odd === null && oddOnes(state).length > 0)) return null;
  const isFit = (name: string): boolean => instances.get(name)?.phase !== "unfit";
  const printed = new Set(previewedLast.filter(isFit));
  // What no preview sees can't be why an order is not the printed one.
  const seen = (odd ?? []).filter(({ inPreview }) => inPreview !== false);
  const now = new Set(seen.map(({ instance }) => instance).filter(isFit));
  const newly = [...now].filter((name) => !printed.has(name));
  const noMore = [...printed].filter((name) => !now.has(name));
  if (newly.length + noMore.length === 0) return null;
  const changes = [
    ...(newly.length > 0 ? [`${namesOf(newly)} not like the others now`] : []),
    ...(noMore.length > 0 ? [`${namesOf(noMore)} like the others now`] : []),
  ];
  return refusal(
    [...newly, ...noMore],
    `the order would not be the one that the preview printed: ${changes.join(", and ")}`,
  );
}

/** Names that are listed one by one. */
const namesMax = 5;

function namesOf(names: readonly string[]): string {
  const listed = names.slice(0, namesMax).join(", ");
  const more = names.length - namesMax;
  return `${listed}${more > 0 ? ` and ${more} more` : ""} ${names.length === 1 ? "is" : "are"}`;
}

function refusal(instances: readonly string[], sentence: string): Halt {
  const where = "the rollout";
  return {
    rule: "outliers",
    limit: null,
    bad: null,
    instances,
    where,
    scope: "under-way",
    sentence,
  };
}
