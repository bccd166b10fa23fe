import { intervalMinMs } from "./health.ts";

/** How one probe of a sealed instance is judged. Milliseconds. */
export interface LateRule {
  /** Between two looks while it passes, unless its own interval is longer. */
  readonly everyMs: number;
  /** Its own interval: between two looks while it fails. */
  readonly intervalMs: number;
  /** So many failing answers in a row are harm; absent: failing for as long as `retryMs` is. */
  readonly failAfter?: number;
  /** As after a step, a failing probe gets so long to pass, where the plan does not count answers. */
  readonly retryMs: number;
}

/** Where one probe of a sealed instance stands. It passed when the instance was sealed. */
export interface LateCourse {
  /** When it was asked last, in milliseconds on the steady clock; null: not since the seal. */
  readonly askedMs: number | null;
  /** Failing answers since the last pass, and when the first was asked; null: none. */
  readonly failing: { readonly sinceMs: number; readonly inRow: number } | null;
  /** Could the last answer tell? */
  readonly told: boolean;
}

export const lateCourse: LateCourse = { askedMs: null, failing: null, told: true };

/** An answer that could not tell changes nothing: neither is it harm, nor does it end a row of failures. */
export function afterAnswer(
  course: LateCourse,
  answer: { readonly askedMs: number; readonly is: "pass" | "fail" | "error" },
  rule: LateRule,
): { readonly course: LateCourse; readonly isHarm: boolean } {
  const { askedMs } = answer;
  if (answer.is === "error") return { course: { ...course, askedMs, told: false }, isHarm: false };
  if (answer.is === "pass")
    return { course: { askedMs, failing: null, told: true }, isHarm: false };
  const { sinceMs, inRow } = course.failing ?? { sinceMs: askedMs, inRow: 0 };
  const failing = { sinceMs, inRow: inRow + 1 };
  const isHarm =
    rule.failAfter === undefined
      ? askedMs - sinceMs >= rule.retryMs
      : failing.inRow >= rule.failAfter;
  return { course: { askedMs, failing, told: true }, isHarm };
}

/** When it is asked next, on the steady clock. */
export function nextAskMs({ askedMs, failing, told }: LateCourse, rule: LateRule): number {
  if (askedMs === null) return 0;
  const ownMs = Math.max(rule.intervalMs, intervalMinMs);
  if (failing === null || !told) return askedMs + Math.max(rule.everyMs, ownMs);
  const endMs = failing.sinceMs + rule.retryMs;
  const isLast = rule.failAfter === undefined && endMs > askedMs;
  return isLast ? Math.min(askedMs + ownMs, endMs) : askedMs + ownMs;
}
