import { type GroupsOrder, type GroupsVerdict, judgeGroups, meanOf } from "./judge-groups.ts";

/** One number of one instance, at one time. */
export interface Measurement {
  readonly instance: string;
  /** Milliseconds on one clock, the same for all. */
  readonly atMs: number;
  readonly value: number;
}

export interface ControlOrder extends Omit<
  GroupsOrder,
  "changed" | "control" | "words" | "against"
> {
  /** Instances on which the steps are done; all others that were measured are the control group. */
  readonly changed: ReadonlySet<string>;
  readonly measured: readonly Measurement[];
  /** Only what was measured in this stretch counts, so that both groups saw the same hour. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Measurements that an instance must have in the stretch to count. */
  readonly samplesMin: number;
}

export interface ControlVerdict extends GroupsVerdict {
  readonly changed: GroupSeen;
  readonly control: GroupSeen;
}

export interface GroupSeen {
  readonly instances: number;
  /** Of the instances' own means; null where there is none. */
  readonly mean: number | null;
}

/** Fewer instances in a group say nothing about how much they differ by themselves. */
export const instancesMin = 3;

/**
 * Are the changed instances worse than those not yet changed, in the same stretch of time? An instance
 * counts once, by its mean: its own measurements follow each other, and are no proof of their number.
 * What is too small to prove anything is inconclusive.
 */
export function judgeControl(order: ControlOrder): ControlVerdict {
  const { changed, control } = groupsOf(order);
  const seen = { changed: seenOf(changed), control: seenOf(control) };
  const few = tooFew(changed.length, control.length, order);
  if (few !== null) return { is: "inconclusive", because: few, few: true, chance: null, ...seen };
  const verdict = judgeGroups({
    ...order,
    changed,
    control,
    against: "the others",
    words: (of, others) =>
      `${of} on ${changed.length} changed, ${others} on ${control.length} others`,
  });
  return { ...verdict, ...seen };
}

interface Groups {
  readonly changed: readonly number[];
  readonly control: readonly number[];
}

function groupsOf({ changed, measured, fromMs, toMs, samplesMin }: ControlOrder): Groups {
  const inTime = measured.filter(
    ({ atMs, value }) => atMs >= fromMs && atMs <= toMs && Number.isFinite(value),
  );
  const means = [...Map.groupBy(inTime, ({ instance }) => instance)].flatMap(([name, all]) =>
    all.length < samplesMin ? [] : [{ name, mean: meanOf(all.map(({ value }) => value)) }],
  );
  return {
    changed: means.filter(({ name }) => changed.has(name)).map(({ mean }) => mean),
    control: means.filter(({ name }) => !changed.has(name)).map(({ mean }) => mean),
  };
}

function tooFew(changed: number, control: number, { samplesMin }: ControlOrder): string | null {
  if (changed >= instancesMin && control >= instancesMin) return null;
  return `too few to tell: ${changed} changed and ${control} others with ${samplesMin} measurements or more each, and it takes ${instancesMin} of either`;
}

function seenOf(values: readonly number[]): GroupSeen {
  return { instances: values.length, mean: values.length === 0 ? null : meanOf(values) };
}
