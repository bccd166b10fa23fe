import { z } from "zod";

/** Milliseconds of each unit that a plan may write. */
const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** The longest duration a plan may ask for: nothing in a rollout sensibly waits longer than a year. */
export const longestMs = 365 * unitMs.d;

/**
 * Milliseconds that one timer can wait, nearly 25 days; one that is asked for longer fires at once
 * (https://nodejs.org/api/timers.html).
 */
export const timerMaxMs = 2 ** 31 - 1;

const pattern = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/;

/**
 * A duration as plans write it, `250ms`, `5s`, `10m`, `24h`, `7d`, in; whole milliseconds out.
 * A number without a unit is refused, because nobody can tell seconds from milliseconds by looking.
 */
export const duration = z
  .string({ error: "must be a duration with a unit, such as 250ms, 5s, 10m or 24h" })
  .regex(pattern, { error: "must be a duration with a unit, such as 250ms, 5s, 10m or 24h" })
  .refine((text) => (durationMs(text) ?? 0) <= longestMs, {
    error: "must not be longer than a year (365d)",
  })
  .transform((text) => durationMs(text) ?? 0);

/** Milliseconds; null when the text is no duration. */
export function durationMs(text: string): number | null {
  const match = pattern.exec(text);
  if (match === null) return null;
  const unit = Object.entries(unitMs).find(([name]) => name === match[2]);
  return unit === undefined ? null : Math.round(Number(match[1]) * unit[1]);
}

/** The shortest way to write these milliseconds in one unit: 90000 is "90s", 120000 is "2m". */
export function durationText(ms: number): string {
  for (const unit of ["d", "h", "m", "s"] as const) {
    if (ms !== 0 && ms % unitMs[unit] === 0) return `${ms / unitMs[unit]}${unit}`;
  }
  return ms === 0 ? "0s" : `${ms}ms`;
}
