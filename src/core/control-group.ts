import { chanceOfRise } from "./permutation-test.ts";

/** One number of one instance, at one time. */
export interface Measurement {
  readonly instance: string;
  /** Milliseconds on one clock, the same for all. */
  readonly atMs: number;
  readonly value: number;
}

export interface ControlOrder {
  /** Instances on which the steps are done; all others that were measured are the control group. */
  readonly changed: ReadonlySet<string>;
  readonly measured: readonly Measurement[];
  /** Only what was measured in this stretch counts, so that both groups saw the same hour. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Which way is harm. */
  readonly worse: "higher" | "lower";
  /** Harm is a mean that is worse by at least this part of the control group's: 0.5 is half as much again … */
  readonly byPart: number;
  /** … and by at least so much in the metric's own unit, where the control group's is near 0. */
  readonly byAtLeast: number;
  /** Measurements that an instance must have in the stretch to count. */
  readonly samplesMin: number;
  /** How often this is asked of one rollout in all: the more often, the stronger the proof must be. */
  readonly looks: number;
  /** Draws divisions of large groups; the same seed gives the same verdict. */
  readonly seed: number;
}

export interface ControlVerdict {
  /** `inconclusive`: neither is proved. Never a pass. */
  readonly is: "harm" | "no harm" | "inconclusive";
  /** One sentence with the numbers. */
  readonly because: string;
  readonly changed: GroupSeen;
  readonly control: GroupSeen;
  /** How likely chance alone would put the groups so far apart; null: not asked, too few. */
  readonly chance: number | null;
}

export interface GroupSeen {
  readonly instances: number;
  /** Of the instances' own means; null where there is none. */
  readonly mean: number | null;
}

/** Below this chance a difference is no accident: of 1,000 fleets without any, 5 are called harm or fewer. */
export const alarmChance = 0.005;

/** Below this chance a harm of the size that was named would have shown: so often one is missed. */
export const missChance = 0.001;

/** Fewer instances in a group say nothing about how much they differ by themselves. */
export const instancesMin = 3;

/**
 * Are the changed instances worse than those not yet changed, in the same stretch of time? An instance
 * counts once, by its mean: its own measurements follow each other, and are no proof of their number.
 *
 * Two questions, one test (permutation-test.ts). *Harm*: they are worse by the size that was named, and
 * chance alone would hardly do that. *No harm*: chance would hardly hide a harm of that size, which is
 * the same test against a control group that is worse by so much (two one-sided tests, Schuirmann 1987).
 * What is neither is inconclusive, and so is whatever is too small to prove anything.
 */
export function judgeControl(order: ControlOrder): ControlVerdict {
  const { changed, control } = groupsOf(order);
  const seen = { changed: seenOf(changed), control: seenOf(control) };
  const few = tooFew(changed.length, control.length, order);
  if (few !== null) return { is: "inconclusive", because: few, ...seen, chance: null };
  const mean = meanOf(control);
  const size = Math.max(Math.abs(mean) * order.byPart, order.byAtLeast);
  if (size <= 0)
    return {
      is: "inconclusive",
      because: "the others are at 0, and no size of harm is named in the metric's own unit",
      ...seen,
      chance: null,
    };
  // Turned so that more is worse.
  const sign = order.worse === "higher" ? 1 : -1;
  const up = (values: readonly number[], by = 0): number[] => values.map((it) => sign * it + by);
  const rise = sign * (meanOf(changed) - mean);
  const chance = chanceOfRise({ changed: up(changed), control: up(control) }, order.seed);
  const words = `${numberText(meanOf(changed))} on ${changed.length} changed, ${numberText(mean)} on ${control.length} others`;
  if (rise >= size && chance <= alarmChance / order.looks)
    return { is: "harm", because: `worse: ${words}${chanceText(chance)}`, ...seen, chance };
  const hidden = chanceOfRise(
    { changed: up(control, size), control: up(changed) },
    order.seed ^ 0x9e3779b9,
  );
  if (hidden <= missChance / order.looks)
    return { is: "no harm", because: `not worse: ${words}`, ...seen, chance };
  return { is: "inconclusive", because: `nothing is proved: ${words}`, ...seen, chance };
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

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function numberText(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function chanceText(chance: number): string {
  return `, by chance in 1 of ${Math.floor(1 / chance)} at most`;
}
