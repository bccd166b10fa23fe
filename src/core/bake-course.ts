import { type Evidence, evidenceWords } from "./evidence.ts";
import { type BakeOrder, type BakeStep, bakeStep, lastMomentMs } from "./health.ts";
import { durationText } from "./plan/durations.ts";

export interface CourseOrder extends Omit<BakeOrder, "notBeforeMs"> {
  /** null: the plan waits for none. */
  readonly evidence: Evidence | null;
  /**
   * Since when everything that the instance is compared by has been measured often enough; null: not
   * yet; absent: it is compared with nothing.
   */
  readonly comparableSinceMs?: number | null;
  /** Metrics are looked at again after so many milliseconds: no wait is longer. */
  readonly wakeMs?: number;
  /** For so long earlier runners have watched it; default: none has. */
  readonly watchedMs?: number;
}

/**
 * What a bake does next where it waits for more than being healthy: until its time is over, until the
 * evidence is enough, until there is enough to compare. It stays healthy all that time: a stretch that
 * breaks begins anew, and the waiting goes on. At its deadline what is still missing is a person's
 * matter, and never a pass.
 */
export function bakeCourse(order: CourseOrder): BakeStep {
  const { bake, startedMs, nowMs, wakeMs = Infinity } = order;
  const { until } = bake;
  const lastMs = startedMs + lastMomentMs(bake);
  const notBeforeMs = notBeforeOf(order);
  const step = bakeStep({ ...order, notBeforeMs });
  if (step.kind !== "wait" && step.kind !== "look") return step;
  const isOver = until !== undefined && nowMs >= lastMs;
  // Where only a last look is missing, it is had.
  if (isOver && !(step.kind === "look" && notBeforeMs <= lastMs && isHealthy(order)))
    return overdue(order);
  if (step.kind === "look") return step;
  const ms = Math.min(step.ms, wakeMs, until === undefined ? Infinity : lastMs - nowMs);
  return { kind: "wait", ms };
}

/** Before what moment it may not end, on the steady clock; Infinity: nobody knows yet. */
export function notBeforeOf({
  bake,
  startedMs,
  evidence,
  comparableSinceMs,
}: Pick<CourseOrder, "bake" | "startedMs" | "evidence" | "comparableSinceMs">): number {
  // Too few measurements are a verdict of their own, so that they end no bake by themselves.
  const comparableMs =
    comparableSinceMs === undefined
      ? -Infinity
      : (comparableSinceMs ?? startedMs + lastMomentMs(bake));
  return Math.max(
    bake.until === undefined ? -Infinity : startedMs + bake.until.timeMs,
    evidence === null ? -Infinity : (evidence.enoughSinceMs ?? Infinity),
    comparableMs,
  );
}

function isHealthy({ probes, samples }: CourseOrder): boolean {
  return probes.every(({ name }) => samples.findLast((one) => one.probe === name)?.is === "pass");
}

function inSeconds(ms: number): number {
  return Math.round(ms / 1_000) * 1_000;
}

function overdue(order: CourseOrder): BakeStep {
  const { bake, probes, samples, evidence, watchedMs = 0 } = order;
  const lastedMs = lastMomentMs(bake) + watchedMs;
  const after = `after ${durationText(watchedMs === 0 ? lastedMs : inSeconds(lastedMs))}`;
  const failing = probes.flatMap(({ name }) => {
    const clear = samples.findLast((one) => one.probe === name && one.is !== "error");
    return clear?.is === "fail" ? [clear] : [];
  });
  if (failing.length > 0) {
    const words = failing.map(({ probe, because }) => `probe "${probe}" fails: ${because}`);
    const because = `not healthy ${after}: ${words.join("; ")}`;
    return { kind: "failed", because, probes: failing.map(({ probe }) => probe) };
  }
  const missing =
    evidence !== null && evidence.enoughSinceMs === null
      ? evidenceWords(evidence)
      : `it was not healthy for ${durationText(bake.stableMs)} without a break`;
  return { kind: "inconclusive", because: `${after}, ${missing}`, probes: [] };
}
