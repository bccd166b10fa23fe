import type { Halt, HaltRule, HaltScope } from "./halt.ts";
import { lateWords, turnedLate } from "./after-late-harm.ts";
import { chosenIn } from "./persistent-map.ts";
import type { OnFail } from "./plan/plan.ts";
import { type InstanceState, isBad, type RolloutState } from "./state.ts";

/**
 * The one halt rule: bad = failed ∪ unreachable ∪ unknown ∪ rolled back ∪ contract broken, as a set
 * of instances, held against the limit of the batch, of the region and of the rollout. The limit
 * must be exceeded, not reached; with 0 the first bad instance halts. Null: go on.
 *
 * Ansible counts failed and unreachable apart and forgets both at each batch (ansible#56265);
 * here a set can't be counted twice, and nothing leaves it.
 */
export function haltRule(state: RolloutState): Halt | null {
  const all = chosenIn(state.instances, isBad);
  for (const region of state.itinerary.regions) {
    const ofRegion = all.filter((it) => it.region === region.name);
    for (const [index, batch] of region.batches.entries()) {
      const halt = exceeded(state, {
        rule: "max-bad-batch",
        where: `${region.name} batch ${index + 1}`,
        limit: batch.maxBad,
        bad: ofRegion.filter((it) => it.batch === index),
      });
      if (halt !== null) return halt;
    }
    const halt = exceeded(state, {
      rule: "max-bad-region",
      where: `region ${region.name}`,
      limit: region.maxBad,
      bad: ofRegion,
    });
    if (halt !== null) return halt;
  }
  return exceeded(state, {
    rule: "max-bad-rollout",
    where: "the rollout",
    limit: state.itinerary.maxBad.rollout,
    bad: all,
  });
}

interface Limit {
  readonly rule: HaltRule;
  readonly where: string;
  readonly limit: number;
  readonly bad: readonly InstanceState[];
}

function exceeded(state: RolloutState, limit: Limit): Halt | null {
  const { bad } = limit;
  if (bad.length <= limit.limit) return null;
  const names = bad.map((it) => it.name);
  const late = turnedLate(bad);
  return {
    rule: limit.rule,
    limit: limit.limit,
    bad: bad.length,
    instances: names,
    where: limit.where,
    scope: widestScope(bad.map((it) => onFailOf(state, it))),
    ...(late.length === 0 ? {} : { late }),
    sentence: `${bad.length} bad in ${limit.where} (${names.join(", ")}), at most ${limit.limit} allowed${numbersOf(bad)}${lateWords(late)}`,
  };
}

/** Where a metric made them bad: no probe fails, so that nothing else would say why. Once for a group. */
function numbersOf(bad: readonly InstanceState[]): string {
  const worse = bad.flatMap((it) =>
    it.bad?.failure.code === "METRIC_WORSE" ? [it.bad.failure.message] : [],
  );
  return worse[0] === undefined ? "" : `; ${worse[0]}`;
}

/** What the plan asks for when this instance fails: the failed step's `onFail`, else the rollout's. */
export function onFailOf(state: RolloutState, it: InstanceState): OnFail {
  const step = it.bad?.step ?? null;
  const { plan } = state.itinerary;
  return (step === null ? undefined : plan.steps[step]?.onFail) ?? plan.rollout.onFail;
}

const scopes: Readonly<Record<OnFail, HaltScope>> = {
  halt: "none",
  ask: "under-way",
  rollback: "under-way",
  "rollback-region": "region",
  "rollback-all": "all",
};

const widths: readonly HaltScope[] = ["none", "under-way", "region", "all"];

function widestScope(wishes: readonly OnFail[]): HaltScope {
  const widest = Math.max(...wishes.map((wish) => widths.indexOf(scopes[wish])));
  return widths[widest] ?? "under-way";
}
