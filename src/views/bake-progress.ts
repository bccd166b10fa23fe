import type { RolloutState } from "../core/state.ts";
import type { JournalRecord } from "../ports/journal.ts";
import { duration } from "../core/duration-words.ts";
import { span } from "./times.ts";

/** How far the bake of one instance is. */
export interface BakeProgress {
  readonly stage: "settle" | "retry" | "stable" | "evidence";
  /** When it ends, if nothing changes; milliseconds since 1970. */
  readonly endsMs: number;
  readonly ofMs: number;
}

/** By instance; whoever does not bake is not in it. */
export type Bakes = ReadonlyMap<string, BakeProgress>;

/** The bakes after one more record; the same map where it tells nothing of any. */
export function bakesAfter(bakes: Bakes, { at, event }: JournalRecord, state: RolloutState): Bakes {
  const nowMs = Date.parse(at);
  if (event.kind === "intent" && event.action.kind === "bake") {
    const { instance } = event.action;
    const region = state.instances.get(instance)?.region;
    const ofMs = state.itinerary.regions.find((it) => it.name === region)?.bake.settleMs ?? 0;
    return new Map(bakes).set(instance, { stage: "settle", endsMs: nowMs + ofMs, ofMs });
  }
  if (event.kind === "noted" && event.note.kind === "bake.stage") {
    const { instance, stage, leftMs, ofMs } = event.note;
    return new Map(bakes).set(instance, { stage, endsMs: nowMs + leftMs, ofMs });
  }
  if (event.kind !== "outcome" && event.kind !== "forgotten") return bakes;
  if (event.action.kind !== "bake") return bakes;
  const left = new Map(bakes);
  left.delete(event.action.instance);
  return left;
}

/** Where each instance that bakes now stands, from the whole journal. */
export function bakesOf(records: readonly JournalRecord[], state: RolloutState): Bakes {
  return records.reduce<Bakes>((bakes, record) => bakesAfter(bakes, record, state), new Map());
}

/** `settling, 3 s left`, `stable 12 s of 30 s`, `not stable, 48 s left to become so`. */
export function bakeWords({ stage, endsMs, ofMs }: BakeProgress, nowMs: number): string {
  const leftMs = endsMs - nowMs;
  const left = secondsLeft(leftMs);
  switch (stage) {
    case "settle":
      return leftMs > 0 ? `settling, ${left} left` : "looks at health";
    case "stable": {
      const goneMs = Math.max(0, Math.min(ofMs, ofMs - leftMs));
      return leftMs > 0
        ? `stable ${seconds(Math.floor(goneMs / 1_000))} of ${span(ofMs)}`
        : `stable ${span(ofMs)}, last look`;
    }
    case "evidence":
      return `healthy, waits for enough to judge by, at most ${left} left`;
    case "retry":
      return leftMs > 0 ? `not stable, ${left} left to become so` : "not stable, last look";
  }
}

/**
 * Of a whole batch: how long until the last of these can be sealed, or how many of them are not stable;
 * "" where none is as far.
 */
export function batchBakeWords(bakes: readonly BakeProgress[], nowMs: number): string {
  const shaky = bakes.filter(({ stage }) => stage === "retry").length;
  if (shaky > 0) return `${shaky} of them not stable`;
  const waiting = bakes.filter(({ stage }) => stage === "evidence").length;
  if (waiting > 0) return `${waiting} of them wait for enough to judge by`;
  if (bakes.length === 0 || bakes.some(({ stage }) => stage !== "stable")) return "";
  const leftMs = Math.max(...bakes.map(({ endsMs }) => endsMs)) - nowMs;
  return leftMs > 0 ? `stable, ${secondsLeft(leftMs)} left` : "stable, last look";
}

/** Counted down in whole seconds, the last of them as 1: a number that jumps about tells nothing. */
export function secondsLeft(ms: number): string {
  return seconds(Math.max(0, Math.ceil(ms / 1_000)));
}

function seconds(count: number): string {
  return count < 60 ? `${count} s` : duration(count * 1_000);
}
