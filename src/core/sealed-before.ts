import type { Fact } from "./outliers.ts";

/** Rollouts that were the last to be sealed on instances, with those; of any other instance: on none. */
export type SealedBefore = readonly {
  readonly rollout: string;
  readonly instances: readonly string[];
}[];

/** Instances on which a rollout stands. */
export function sealedIn({
  instances,
}: {
  readonly instances: ReadonlyMap<string, { readonly name: string; readonly phase: string }>;
}): readonly string[] {
  return [...instances.values()].filter(({ phase }) => phase === "sealed").map(({ name }) => name);
}

/**
 * The hosts with what earlier rollouts left on their instances as one more thing to hold against each
 * other. It is said once of an instance, of the first of its hosts; of nobody where there was none.
 */
export function withSealedBefore<
  T extends { readonly instance: string; readonly facts: readonly Fact[] },
>(known: readonly T[], before: SealedBefore | null): readonly T[] {
  if (before === null || before.length === 0) return known;
  const last = new Map(
    before.flatMap(({ rollout, instances }) => instances.map((name) => [name, rollout] as const)),
  );
  const told = new Set<string>();
  return known.map((it) => {
    if (told.has(it.instance)) return it;
    told.add(it.instance);
    const value = last.get(it.instance) ?? "none";
    return { ...it, facts: [...it.facts, { about: "the last rollout that was sealed", value }] };
  });
}
