import type { Itinerary } from "../core/itinerary.ts";
import type { KnownHost } from "../core/known-hosts.ts";
import { oddOnesAmong } from "../core/odd-ones.ts";
import { inOrderOf, outliersLast } from "../core/outliers-last.ts";
import type { PreviewHost } from "./preview-hosts.ts";

/** A host that is not like the others, in one thing. */
export interface OddOneOut {
  /** The host's. */
  readonly name: string;
  readonly instance: string;
  readonly about: string;
  /** In one sentence: what it has, and what the others have. */
  readonly says: string;
}

/** The hosts that were looked at, held against each other as a rollout's preflight would. */
export function oddOnesOut(hosts: readonly PreviewHost[]): readonly OddOneOut[] {
  const known = hosts.flatMap(({ name, instances, facts, places }): readonly KnownHost[] =>
    (places ?? [{ instance: instances[0] ?? name, facts }]).map((it) => ({ host: name, ...it })),
  );
  return oddOnesAmong(known).map(({ host, ...it }) => ({ name: host, ...it }));
}

/** The order in which a rollout would go, with who goes last in it because of what was seen. */
export interface OrderSeen {
  readonly itinerary: Itinerary;
  readonly last: ReadonlySet<string>;
}

/** null: nobody looked, and the order is the one that is frozen. */
export function orderSeen(itinerary: Itinerary, hosts: readonly PreviewHost[] | null): OrderSeen {
  if (itinerary.plan.rollout.onOutlier !== "last") return { itinerary, last: new Set() };
  const last = new Set(oddOnesOut(hosts ?? []).map(({ instance }) => instance));
  return { itinerary: inOrderOf(itinerary, outliersLast(itinerary, last)), last };
}
