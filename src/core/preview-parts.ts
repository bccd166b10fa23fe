import { canonicalJson, freeze, type FreezeOrder, withoutKeys } from "./freeze.ts";

/**
 * What a plan's digest is of, part by part, as texts: whoever refuses a preview that is stale can say
 * which part is another one by now. Equal parts, and only those, give an equal digest.
 */
export interface DigestTexts {
  readonly plan: string;
  /** Regions, their order, batches and limits. */
  readonly order: string;
  /** By instance. Without the key that opens its login. */
  readonly targets: Readonly<Record<string, string>>;
  /** By the path written in the plan. */
  readonly files: Readonly<Record<string, string>>;
}

/** The texts of a plan that was read without a problem. */
export function digestTexts(order: Omit<FreezeOrder, "rollout" | "digest">): DigestTexts {
  const { plan, inventory, regions, maxBad, receipted, instances, files } = freeze({
    ...order,
    rollout: "",
    digest: "",
  });
  return {
    plan: canonicalJson({ ...plan, inventory: null }),
    order: canonicalJson({ inventory, regions, maxBad, receipted }),
    targets: mapped(instances, (instance) => canonicalJson(withoutKeys(instance))),
    files: mapped(files, canonicalJson),
  };
}

/** The same keys with other values. */
export function mapped<T, U>(
  record: Readonly<Record<string, T>>,
  change: (value: T) => U,
): Readonly<Record<string, U>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
