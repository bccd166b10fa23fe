import { judgeGroups, type GroupsOrder, type GroupsVerdict } from "./judge-groups.ts";

export interface BaselineOrder extends Pick<
  GroupsOrder,
  "worse" | "byPart" | "byAtLeast" | "looks" | "seed"
> {
  /** What the instance showed before it was touched, and what it shows with all its steps done. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** Measurements that either must have. */
  readonly samplesMin: number;
}

/**
 * Is an instance worse than it was before it was touched? Its measurements stand for themselves here,
 * because there is nothing else: what changes by itself from one minute to the next (the hour, a cold
 * cache after a restart) counts as change, so that harm must be named large enough not to be that.
 */
export function judgeBaseline(order: BaselineOrder): GroupsVerdict {
  const { before, after, samplesMin } = order;
  if (before.length < samplesMin || after.length < samplesMin) {
    const because = `too few to tell: ${after.length} measurements after and ${before.length} before, and it takes ${samplesMin} of either`;
    return { is: "inconclusive", because, few: true, chance: null };
  }
  return judgeGroups({
    ...order,
    changed: after,
    control: before,
    against: "the measurements before",
    words: (now, then) =>
      `${now} in ${after.length} measurements after, ${then} in ${before.length} before`,
  });
}
