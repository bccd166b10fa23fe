import type { MetricSpec } from "./plan/metric.ts";

/** One measurement of one metric on one instance. */
export interface Reading {
  /** When it was asked, in milliseconds on the steady clock. */
  readonly atMs: number;
  /** null: no number was to be had. */
  readonly value: number | null;
  /** What the answer said. */
  readonly because: string;
}

/** How far a counter has come since its first reading. */
export interface Counted {
  readonly grown: number;
  /** How often it began anew: its process was restarted, most likely. */
  readonly resets: number;
}

/** A number at one time. */
export interface Point {
  readonly atMs: number;
  readonly value: number;
}

/**
 * A counter after each of its readings. One that is smaller than before has begun anew at 0: what it
 * shows then is new, and what was counted before stays (as Prometheus' `increase` has it). What it
 * counted between the last reading and its restart is lost, so the sum is never too large.
 */
export function countedAfterEach(points: readonly Point[]): readonly (Counted & Point)[] {
  let grown = 0;
  let resets = 0;
  return points.map((point, at) => {
    const before = points[at - 1]?.value ?? point.value;
    const anew = point.value < before;
    grown += anew ? Math.max(0, point.value) : point.value - before;
    if (anew) resets += 1;
    return { ...point, grown, resets };
  });
}

/** The readings that have a number. */
export function pointsOf(readings: readonly Reading[]): readonly Point[] {
  return readings.flatMap(({ atMs, value }) => (value === null ? [] : [{ atMs, value }]));
}

/** What is compared: the numbers themselves, or for a counter its growth per second between two. */
export function comparedPoints(
  as: MetricSpec["as"],
  readings: readonly Reading[],
): readonly Point[] {
  const points = pointsOf(readings);
  if (as === "gauge") return points;
  const counted = countedAfterEach(points);
  return counted.slice(1).flatMap(({ atMs, grown }, at) => {
    const before = counted[at]!;
    const seconds = (atMs - before.atMs) / 1_000;
    return seconds <= 0 ? [] : [{ atMs, value: (grown - before.grown) / seconds }];
  });
}
