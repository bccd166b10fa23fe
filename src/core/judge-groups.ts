import { numberText } from "./evidence.ts";
import { chanceOfRise, drawsMax, ways } from "./permutation-test.ts";

/** Two groups of numbers, and what would be harm to the changed ones. */
export interface GroupsOrder {
  readonly changed: readonly number[];
  readonly control: readonly number[];
  /** Which way is harm. */
  readonly worse: "higher" | "lower";
  /** Harm is a mean that is worse by at least this part of the control group's: 0.5 is half as much again … */
  readonly byPart: number;
  /** … and by at least so much in the metric's own unit, where the control group's is near 0. */
  readonly byAtLeast: number;
  /** How often this is asked of one rollout in all: the more often, the stronger the proof must be. */
  readonly looks: number;
  /** Draws divisions of large groups; the same seed gives the same verdict. */
  readonly seed: number;
  /** `412 on 5 changed, 120 on 34 others`. */
  readonly words: (changed: string, control: string) => string;
  /** What the changed ones are held against, in words: "the others". */
  readonly against: string;
}

export interface GroupsVerdict {
  /** `inconclusive`: neither is proved. Never a pass. */
  readonly is: "harm" | "no harm" | "inconclusive";
  /** One sentence with the numbers. */
  readonly because: string;
  /** Whatever they had shown, so few numbers would not have proved both. */
  readonly few: boolean;
  /** How likely chance alone would put the groups so far apart; null: not asked, too few. */
  readonly chance: number | null;
}

/** Below this chance a difference is no accident: of 1,000 fleets without any, 5 are called harm or fewer. */
export const alarmChance = 0.005;

/** Below this chance a harm of the size that was named would have shown: so often one is missed. */
export const missChance = 0.001;

/**
 * Two questions, one test (permutation-test.ts). *Harm*: the changed are worse by the size that was
 * named, and chance alone would hardly do that. *No harm*: chance would hardly hide a harm of that size,
 * which is the same test against a control group that is worse by so much (two one-sided tests,
 * Schuirmann 1987). What is neither is inconclusive. Both groups must hold a number.
 */
export function judgeGroups(order: GroupsOrder): GroupsVerdict {
  const { changed, control, looks, seed } = order;
  const mean = meanOf(control);
  const few = !canProve(changed.length, control.length, looks);
  const size = Math.max(Math.abs(mean) * order.byPart, order.byAtLeast);
  if (size <= 0) {
    const because = `${order.against} are at 0, and no size of harm is named in the metric's own unit`;
    return { is: "inconclusive", because, few, chance: null };
  }
  // Turned so that more is worse.
  const sign = order.worse === "higher" ? 1 : -1;
  const up = (values: readonly number[], by = 0): number[] => values.map((it) => sign * it + by);
  const rise = sign * (meanOf(changed) - mean);
  const draws = Math.max(drawsMax, Math.ceil((2 * looks) / missChance) - 1);
  const chance = chanceOfRise({ changed: up(changed), control: up(control) }, seed, draws);
  const words = order.words(numberText(meanOf(changed)), numberText(mean));
  if (rise >= size && chance <= alarmChance / looks)
    return { is: "harm", because: `worse: ${words}${chanceText(chance)}`, few, chance };
  const hidden = chanceOfRise(
    { changed: up(control, size), control: up(changed) },
    seed ^ 0x9e3779b9,
    draws,
  );
  if (hidden <= missChance / looks)
    return { is: "no harm", because: `not worse: ${words}`, few, chance };
  return { is: "inconclusive", because: `nothing is proved: ${words}`, few, chance };
}

/** Are there enough divisions of so many numbers that harm, and its absence, can be proved? */
export function canProve(changed: number, control: number, looks: number): boolean {
  if (changed < 1 || control < 1) return false;
  return ways(changed + control, changed) >= looks / Math.min(alarmChance, missChance);
}

/** Of at least one number. */
export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function chanceText(chance: number): string {
  return `, by chance in 1 of ${Math.floor(1 / chance)} at most`;
}
