import type { Itinerary } from "../core/itinerary.ts";
import type { KnownHost } from "../core/known-hosts.ts";
import { oddOnesAmong } from "../core/odd-ones.ts";
import { inOrderOf, outliersLast } from "../core/outliers-last.ts";
import type { SealedBefore } from "../core/sealed-before.ts";
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
export function oddOnesOut(
  hosts: readonly PreviewHost[],
  sealedBefore: SealedBefore | null,
): readonly OddOneOut[] {
  const known = hosts.flatMap(({ name, instances, facts, places }): readonly KnownHost[] =>
    (places ?? [{ instance: instances[0] ?? name, facts }]).map((it) => ({ host: name, ...it })),
  );
  return oddOnesAmong(known, sealedBefore).map(({ host, ...it }) => ({ name: host, ...it }));
}

/** The order in which a rollout would go, with who goes last in it because of what was seen. */
export interface OrderSeen {
  readonly itinerary: Itinerary;
  readonly last: ReadonlySet<string>;
}

/** What was seen, and what earlier rollouts left; default: nobody looked, and nothing is known of them. */
export interface Seen {
  readonly hosts?: readonly PreviewHost[] | null;
  readonly sealedBefore?: SealedBefore | null;
}

/** Where nobody looked, the order is the one that is frozen. */
export function orderSeen(itinerary: Itinerary, { hosts, sealedBefore = null }: Seen): OrderSeen {
  if (itinerary.plan.rollout.onOutlier !== "last") return { itinerary, last: new Set() };
  const last = new Set(oddOnesOut(hosts ?? [], sealedBefore).map(({ instance }) => instance));
  return { itinerary: inOrderOf(itinerary, outliersLast(itinerary, last)), last };
}
