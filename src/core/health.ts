import { durationText } from "./plan/durations.ts";
import type { Bake } from "./plan/plan.ts";

/** One answer of one probe. */
export interface Sample {
  readonly probe: string;
  /** When it was asked, in milliseconds on the steady clock. */
  readonly askedMs: number;
  /** `error`: could not tell. */
  readonly is: "pass" | "fail" | "error";
  /** One sentence with the value seen. */
  readonly because: string;
  /** Drawn when it was asked, in [0, 1): how much of the jitter the pause after it takes; else none. */
  readonly spread?: number;
}

export interface BakedProbe {
  readonly name: string;
  /** Milliseconds between two looks, at least. */
  readonly intervalMs: number;
  /** Milliseconds by which a pause may be longer, so that a fleet is not asked in step. Default 0. */
  readonly jitterMs?: number;
  /** So many failing answers in a row, no pass between them, break a healthy stretch. Default 1. */
  readonly failAfter?: number;
  /** So many errors in a row do. Default: one more than `errorsInRowMax`. */
  readonly errorAfter?: number;
}

export interface BakeOrder {
  readonly bake: Bake;
  readonly probes: readonly BakedProbe[];
  /** When the last step ended, in milliseconds on the steady clock. */
  readonly startedMs: number;
  readonly nowMs: number;
  /** A healthy stretch lasts at least until then; Infinity: nobody knows yet. Default: `stable` is enough. */
  readonly notBeforeMs?: number;
  /** Every answer since `startedMs`, in the order in which they were asked. */
  readonly samples: readonly Sample[];
}

export type BakeStep =
  /** Nothing to do for so long; more than 0. */
  | { readonly kind: "wait"; readonly ms: number }
  /** Ask these probes now. */
  | { readonly kind: "look"; readonly probes: readonly string[] }
  | { readonly kind: "passed"; readonly healthySinceMs: number }
  | { readonly kind: "failed"; readonly because: string; readonly probes: readonly string[] }
  /** What could not be told until the end: a person decides. */
  | { readonly kind: "inconclusive"; readonly because: string; readonly probes: readonly string[] };

/**
 * Errors in a row of one probe that a healthy stretch outlives, where the plan says nothing else. An
 * error says nothing about the instance, so one lost question must not throw away minutes of proof;
 * but what nobody could see for longer is not proved healthy. A failure is borne only where the plan
 * says so. Neither is a pass: a stretch ends with one.
 */
export const errorsInRowMax = 2;

/** Shortest interval between two looks of one probe, so that a bake never spins. */
export const intervalMinMs = 50;

/**
 * What a bake does next: a pure fold over all answers so far. First `settle`; then every probe must
 * pass for `stable` without a break between, with a last look at the end of the stretch. A stretch
 * that breaks may begin anew, until `retry` after settling: the first look at or after that moment
 * is the last that can begin one, and a stretch that runs by then may finish. What has not begun by
 * then ends the bake: as failed when a probe's last clear answer is a failure, else as inconclusive.
 * Settle, stable and retry are the words and the model of Service Fabric's monitored upgrades.
 */
export function bakeStep(order: BakeOrder): BakeStep {
  const { bake, probes, startedMs, nowMs, samples, notBeforeMs = -Infinity } = order;
  const openMs = startedMs + bake.settleMs;
  if (nowMs < openMs) return { kind: "wait", ms: openMs - nowMs };
  const retryEndMs = openMs + bake.retryMs;
  const courses = probes.map((probe) => courseOf(probe, samples, retryEndMs));

  const lost = courses.filter((course) => course.lost);
  const undecided = courses.filter((course) => course.sinceMs === null && !course.lost);
  // One lost probe decides only after the others had their last look too: a failure outweighs an error.
  if (lost.length > 0 && (undecided.length === 0 || lost.some(isFailing))) return ended(lost, bake);

  const sinceMs = undecided.length > 0 || lost.length > 0 ? null : latest(courses, openMs);
  const goalMs = sinceMs === null ? null : Math.max(sinceMs + bake.stableMs, notBeforeMs);
  if (goalMs !== null && nowMs >= goalMs && courses.every(({ passMs }) => passMs! >= goalMs)) {
    return { kind: "passed", healthySinceMs: sinceMs! };
  }
  const looks = courses.map((course) => ({
    probe: course.probe.name,
    atMs: nextLookMs(course, { openMs, retryEndMs, goalMs }),
  }));
  const due = looks.filter(({ atMs }) => atMs <= nowMs);
  if (due.length > 0) return { kind: "look", probes: due.map(({ probe }) => probe) };
  const endMs = goalMs !== null && goalMs > nowMs ? goalMs : Infinity;
  const nextMs = Math.min(...looks.map(({ atMs }) => atMs), endMs);
  return { kind: "wait", ms: nextMs - nowMs };
}

/** For what is compared and is not measured often enough by then, nobody waits longer. */
export const comparableWithinMs = 60_000;

/** Milliseconds after its start at which a bake waits for nothing but being healthy. */
export function lastMomentMs({ settleMs, stableMs, retryMs, deadlineMs }: Bake): number {
  return deadlineMs ?? settleMs + stableMs + retryMs + comparableWithinMs;
}

/** What a bake goes through: the word, and when it ends if nothing changes, on the steady clock. */
export interface BakeStage {
  /**
   * `retry`: no healthy stretch runs, and by `endsMs` one must have begun. `evidence`: it was healthy for
   * long enough, and waits, until then at most, for what else must be there.
   */
  readonly stage: "settle" | "retry" | "stable" | "evidence";
  readonly endsMs: number;
}

/** Where it stands by the answers so far: for whoever watches, nothing is decided by it. */
export function bakeStage(order: BakeOrder): BakeStage {
  const { bake, probes, startedMs, nowMs, samples, notBeforeMs = -Infinity } = order;
  const openMs = startedMs + bake.settleMs;
  if (nowMs < openMs) return { stage: "settle", endsMs: openMs };
  const retryEndMs = openMs + bake.retryMs;
  const courses = probes.map((probe) => courseOf(probe, samples, retryEndMs));
  if (courses.some((course) => course.sinceMs === null))
    return { stage: "retry", endsMs: retryEndMs };
  const stableMs = latest(courses, openMs) + bake.stableMs;
  return nowMs >= stableMs && notBeforeMs > nowMs
    ? { stage: "evidence", endsMs: startedMs + lastMomentMs(bake) }
    : { stage: "stable", endsMs: stableMs };
}

/** Where one probe stands. */
interface Course {
  readonly probe: BakedProbe;
  /** When its present healthy stretch began; null: it has none. */
  readonly sinceMs: number | null;
  /** Its last pass in that stretch. */
  readonly passMs: number | null;
  /** When it was last asked; null: not yet. */
  readonly askedMs: number | null;
  /** No stretch of it can begin any more. */
  readonly lost: boolean;
  /** Its last answer but errors, before the bake was lost; null: it never gave one. */
  readonly clear: Sample | null;
  readonly last: Sample | null;
  readonly looks: number;
  readonly failures: number;
  readonly errors: number;
}

function courseOf(probe: BakedProbe, samples: readonly Sample[], retryEndMs: number): Course {
  let sinceMs: number | null = null;
  let passMs: number | null = null;
  let clear: Sample | null = null;
  let last: Sample | null = null;
  // Since the last pass: a failure between two errors must not let them count anew, nor the other way.
  const inRow = { pass: 0, fail: 0, error: 0 };
  let lost = false;
  const bearsMax = {
    pass: Infinity,
    fail: (probe.failAfter ?? 1) - 1,
    error: probe.errorAfter === undefined ? errorsInRowMax : probe.errorAfter - 1,
  };
  const count = { looks: 0, failures: 0, errors: 0 };
  for (const sample of samples) {
    if (sample.probe !== probe.name || lost) continue;
    count.looks += 1;
    inRow[sample.is] += 1;
    if (sample.is === "fail") count.failures += 1;
    if (sample.is === "error") count.errors += 1;
    if (sample.is === "pass") {
      sinceMs ??= sample.askedMs;
      passMs = sample.askedMs;
      inRow.fail = inRow.error = 0;
    } else if (inRow[sample.is] > bearsMax[sample.is]) {
      sinceMs = null;
    }
    if (sample.is !== "error") clear = sample;
    last = sample;
    lost = sinceMs === null && sample.askedMs >= retryEndMs;
  }
  const askedMs = last?.askedMs ?? null;
  return { probe, sinceMs, passMs, askedMs, lost, clear, last, ...count };
}

function isFailing(course: Course): boolean {
  return course.clear?.is === "fail";
}

function latest(courses: readonly Course[], openMs: number): number {
  return Math.max(openMs, ...courses.map(({ sinceMs }) => sinceMs!));
}

function nextLookMs(
  course: Course,
  times: {
    readonly openMs: number;
    readonly retryEndMs: number;
    readonly goalMs: number | null;
  },
): number {
  const { askedMs, passMs, probe } = course;
  if (askedMs === null) return times.openMs;
  const longerMs = Math.floor((probe.jitterMs ?? 0) * (course.last?.spread ?? 0));
  const regularMs = askedMs + Math.max(probe.intervalMs, intervalMinMs) + longerMs;
  if (course.lost) return Infinity;
  if (course.sinceMs === null) {
    // Whatever its interval, a probe gets a last look when the time to begin runs out.
    return askedMs < times.retryEndMs ? Math.min(regularMs, times.retryEndMs) : regularMs;
  }
  if (times.goalMs === null) return regularMs;
  if (passMs! >= times.goalMs) return Infinity;
  return askedMs < times.goalMs ? Math.min(regularMs, times.goalMs) : regularMs;
}

function ended(lost: readonly Course[], bake: Bake): BakeStep {
  const failing = lost.filter(isFailing);
  const kind = failing.length > 0 ? "failed" : "inconclusive";
  const named = failing.length > 0 ? failing : lost;
  const stretch = bake.stableMs === 0 ? "" : ` for ${durationText(bake.stableMs)} without a break`;
  const because = `never healthy${stretch}: ${named.map(sentenceOf).join("; ")}`;
  return { kind, because, probes: named.map(({ probe }) => probe.name) };
}

function sentenceOf({ probe, clear, last, looks, failures, errors }: Course): string {
  const shown = clear?.is === "fail" ? clear : last;
  const bad =
    clear?.is === "fail"
      ? `failed ${failures} of ${looks} looks`
      : `could not tell in ${errors} of ${looks} looks`;
  return `probe "${probe.name}" ${bad}, last: ${shown?.because ?? "never asked"}`;
}
