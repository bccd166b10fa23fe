import type { EvidenceGoal, MetricSpec } from "./plan/metric.ts";
import { countedAfterEach, pointsOf, type Reading } from "./readings.ts";

/** How far the evidence has come that a bake waits for. */
export interface Evidence {
  readonly goal: EvidenceGoal;
  /** A gauge's last number, or what a counter has counted since the bake began; null: no number yet. */
  readonly seen: number | null;
  /** Since when it is enough without a break, in milliseconds on the steady clock; null: it is not. */
  readonly enoughSinceMs: number | null;
  /** How often the counter began anew. */
  readonly resets: number;
  /** What the last answer without a number said, where it was the last; else null. */
  readonly trouble: string | null;
}

/** Pure: the same readings, since the bake began, give the same evidence. */
export function evidenceOf(
  goal: EvidenceGoal,
  as: MetricSpec["as"],
  readings: readonly Reading[],
): Evidence {
  const points = pointsOf(readings);
  const counted = as === "counter" ? countedAfterEach(points) : [];
  const shown =
    as === "counter" ? counted.map(({ atMs, grown }) => ({ atMs, value: grown })) : points;
  let enoughSinceMs: number | null = null;
  for (const { atMs, value } of shown)
    enoughSinceMs = holds(goal, value) ? (enoughSinceMs ?? atMs) : null;
  const last = readings.at(-1);
  return {
    goal,
    seen: shown.at(-1)?.value ?? null,
    enoughSinceMs,
    resets: counted.at(-1)?.resets ?? 0,
    trouble: last !== undefined && last.value === null ? last.because : null,
  };
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
