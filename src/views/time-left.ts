import type { ItineraryRegion } from "../core/itinerary.ts";
import type { RolloutState } from "../core/state.ts";
import type { JournalRecord } from "../ports/journal.ts";
import { duration } from "../core/duration-words.ts";

/** When a batch began, and when its bake was over; milliseconds since 1970. */
export interface BatchTime {
  readonly fromMs: number;
  readonly toMs: number | null;
}

/** By `region/number`; only what was seen to begin. */
export type BatchTimes = ReadonlyMap<string, BatchTime>;

export interface TimeLeft {
  readonly ms: number;
  /** A person or a window may be waited for on the way: nobody knows how long that takes. */
  readonly waits: boolean;
}

/** So many batches must have ended before any others are foreseen. */
const groundMin = 2;

/** The largest batch that is foreseen takes at most so many times the rounds of the largest that ended. */
const stretchMax = 3;

interface Sample {
  /** How often `concurrency` instances set out at once, until all of the batch had their turn. */
  readonly rounds: number;
  /** Without the time that its bake takes at the least. */
  readonly workMs: number;
}

/**
 * How long it still takes if it goes on as it did: each batch that is left takes what batches took that
 * ended, by its rounds, and the bake of its region. Null while there is no ground for that, or where it does
 * not go forward.
 */
export function timeLeft(state: RolloutState, times: BatchTimes, nowMs: number): TimeLeft | null {
  if (state.mode !== "forward" || state.halt !== null || state.closed !== null) return null;
  if (state.held !== null || state.parked !== null) return null;
  const { concurrency } = state.itinerary.plan.rollout;
  const all = state.itinerary.regions.flatMap((region) =>
    region.batches.map(({ instances }, index) => ({
      region,
      rounds: Math.ceil(instances.length / Math.max(1, concurrency)),
      time: times.get(batchKey(region.name, index)),
      isOver: index < (state.regions.find((it) => it.name === region.name)?.bakesFinished ?? 0),
    })),
  );
  const ended = all.flatMap(({ region, rounds, time }): readonly Sample[] => {
    if (time === undefined || time.toMs === null) return [];
    return [{ rounds, workMs: Math.max(0, time.toMs - time.fromMs - bakeMs(region)) }];
  });
  const left = all.filter((it) => !it.isOver);
  if (ended.length < groundMin || left.length === 0) return null;
  const known = Math.max(...ended.map(({ rounds }) => rounds));
  if (Math.max(...left.map(({ rounds }) => rounds)) > known * stretchMax) return null;
  const workMs = lineThrough(ended);
  const ms = left.reduce((sum, { region, rounds, time }) => {
    const takesMs = workMs(rounds) + bakeMs(region);
    return sum + (time === undefined ? takesMs : Math.max(0, takesMs - (nowMs - time.fromMs)));
  }, 0);
  const waits = state.itinerary.regions.some(({ approve, windows = [] }, index) => {
    const region = state.regions[index];
    if (region?.stage !== "waiting") return false;
    return (approve && !region.approved) || windows.length > 0;
  });
  return { ms, waits };
}

/** When each batch began and ended, from the whole journal. */
export function batchTimesOf(records: readonly JournalRecord[]): BatchTimes {
  const times = new Map<string, BatchTime>();
  for (const { at, event } of records) {
    if (event.kind !== "batch-started" && event.kind !== "bake-finished") continue;
    const key = batchKey(event.region, event.batch);
    const atMs = Date.parse(at);
    const begun = times.get(key);
    if (event.kind === "batch-started") times.set(key, { fromMs: atMs, toMs: null });
    else if (begun !== undefined) times.set(key, { ...begun, toMs: atMs });
  }
  return times;
}

/** "about 4 min left"; rounded up to what one may rely on. */
export function timeLeftWords({ ms, waits }: TimeLeft): string {
  const what = waits ? "left, waits not counted" : "left";
  if (ms < 60_000) return `less than 1 min ${what}`;
  const minutes = Math.ceil(ms / 60_000);
  if (minutes < 20) return `about ${minutes} min ${what}`;
  const rough = Math.ceil(minutes / (minutes < 120 ? 5 : 10)) * (minutes < 120 ? 5 : 10);
  return rough < 60 ? `about ${rough} min ${what}` : `about ${duration(rough * 60_000)} ${what}`;
}

export function batchKey(region: string, index: number): string {
  return `${region}/${index}`;
}

/** What a bake takes where nothing goes wrong. */
function bakeMs({ bake }: ItineraryRegion): number {
  return Math.max(bake.settleMs + bake.stableMs, bake.until?.timeMs ?? 0);
}

/**
 * The straight line that lies best by least squares, and never falls: more rounds never take less. Where all
 * have the same rounds, in proportion to them.
 */
function lineThrough(samples: readonly Sample[]): (rounds: number) => number {
  const mean = (of: (sample: Sample) => number): number =>
    samples.reduce((sum, it) => sum + of(it), 0) / samples.length;
  const rounds = mean((it) => it.rounds);
  const workMs = mean((it) => it.workMs);
  const spread = mean((it) => (it.rounds - rounds) ** 2);
  const slope =
    spread === 0
      ? workMs / rounds
      : mean((it) => (it.rounds - rounds) * (it.workMs - workMs)) / spread;
  const each = Math.max(0, slope);
  return (count) => Math.max(0, workMs + each * (count - rounds));
}
