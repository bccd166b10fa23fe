import type { RolloutEvent } from "./event.ts";
import type { CountedSoFar } from "./evidence.ts";
import type { Bake } from "./plan/plan.ts";

/**
 * How far the evidence is that bakes under way wait for, by instance: where another runner takes a
 * rollout up, or it goes on after a pause, the bake begins anew, and what it has counted does not.
 */
export type BakesSoFar = ReadonlyMap<string, BakeSoFar>;

export interface BakeSoFar {
  /** null: it is no counter. */
  readonly counted: CountedSoFar | null;
  /** For so long runners have watched it, in milliseconds. */
  readonly watchedMs: number;
}

/** Folds a record in; the same map where it says nothing of a bake's evidence. */
export function withBake(bakes: BakesSoFar, event: RolloutEvent): BakesSoFar {
  if (event.kind === "noted") {
    const { note } = event;
    // A journal of a version that did not keep it: its bakes begin anew as a whole.
    if (note.kind !== "bake.evidence" || note.watchedMs === undefined) return bakes;
    const { instance, seen, value, watchedMs } = note;
    const counted = value === undefined ? null : { seen, value };
    return new Map(bakes).set(instance, { counted, watchedMs });
  }
  // One that has ended is over, whatever came of it: a person who has it looked at again means all of it.
  if (event.kind !== "outcome" || !bakes.has(event.action.instance)) return bakes;
  const left = new Map(bakes);
  left.delete(event.action.instance);
  return left;
}

/**
 * The same bake for a runner that takes it up. Its time and its deadline count what was watched before;
 * one healthy stretch, with its tries, is always waited for, because health is seen anew.
 */
export function takenUp(bake: Bake, { watchedMs }: BakeSoFar): Bake {
  const { until, deadlineMs, settleMs, stableMs, retryMs } = bake;
  const stretchMs = settleMs + stableMs + retryMs;
  return {
    ...bake,
    ...(until === undefined
      ? {}
      : { until: { ...until, timeMs: Math.max(0, until.timeMs - watchedMs) } }),
    ...(deadlineMs === undefined
      ? {}
      : { deadlineMs: Math.min(deadlineMs, Math.max(stretchMs, deadlineMs - watchedMs)) }),
  };
}
