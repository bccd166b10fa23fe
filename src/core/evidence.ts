import type { EvidenceGoal, MetricSpec } from "./plan/metric.ts";
import { type Counted, countedAfterEach, type Point, pointsOf, type Reading } from "./readings.ts";

/** What was seen by some moment, and what the counter itself showed then. */
export interface CountedSoFar {
  readonly seen: number;
  readonly value: number;
}

/** How far the evidence has come that a bake waits for. */
export interface Evidence {
  readonly goal: EvidenceGoal;
  /** A gauge's last number, or what a counter has counted since the bake began; null: no number yet. */
  readonly seen: number | null;
  /** What the counter itself showed last; null: it is none, or gave no number yet. */
  readonly value: number | null;
  /** Since when it is enough without a break, in milliseconds on the steady clock; null: it is not. */
  readonly enoughSinceMs: number | null;
  /** How often the counter began anew. */
  readonly resets: number;
  /** What the last answer without a number said, where it was the last; else null. */
  readonly trouble: string | null;
}

/**
 * Pure: the same readings, since the bake began or was taken up, give the same evidence. `before`: what an
 * earlier runner had counted; from there the counter goes on, so that what came in between counts, too.
 */
export function evidenceOf(
  goal: EvidenceGoal,
  as: MetricSpec["as"],
  readings: readonly Reading[],
  before: CountedSoFar | null = null,
): Evidence {
  const points = pointsOf(readings);
  const counted = as === "counter" ? countedOn(points, before) : [];
  const shown =
    as === "counter" ? counted.map(({ atMs, grown }) => ({ atMs, value: grown })) : points;
  let enoughSinceMs: number | null = null;
  for (const { atMs, value } of shown)
    enoughSinceMs = holds(goal, value) ? (enoughSinceMs ?? atMs) : null;
  const last = readings.at(-1);
  return {
    goal,
    seen: shown.at(-1)?.value ?? before?.seen ?? null,
    value: as === "counter" ? (points.at(-1)?.value ?? before?.value ?? null) : null,
    enoughSinceMs,
    resets: counted.at(-1)?.resets ?? 0,
    trouble: last !== undefined && last.value === null ? last.because : null,
  };
}

/** The counter after each of its readings, on from where it was. */
function countedOn(
  points: readonly Point[],
  before: CountedSoFar | null,
): readonly (Counted & Point)[] {
  if (before === null) return countedAfterEach(points);
  const all = countedAfterEach([{ atMs: -Infinity, value: before.value }, ...points]);
  return all.slice(1).map((it) => ({ ...it, grown: it.grown + before.seen }));
}

function holds({ is, number }: EvidenceGoal, value: number): boolean {
  switch (is) {
    case ">=":
      return value >= number;
    case ">":
      return value > number;
    case "<=":
      return value <= number;
    case "<":
      return value < number;
  }
}

/** The end of a sentence: `ui.requests is 37, and ui.requests >= 100 is waited for`. */
export function evidenceWords({ goal, seen, trouble }: Evidence): string {
  const now =
    seen === null ? `${goal.metric} gave no number` : `${goal.metric} is ${numberText(seen)}`;
  return `${now}${trouble === null ? "" : ` (${trouble})`}, and ${goal.written} is waited for`;
}

/** At most 4 digits that mean something, so that a rate is not told to the last bit. */
export function numberText(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}
