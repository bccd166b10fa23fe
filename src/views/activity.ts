import type { Note } from "../core/event.ts";
import { changedBetween, withEntry } from "../core/persistent-map.ts";
import type { RolloutState } from "../core/state.ts";
import type { JournalRecord } from "../ports/journal.ts";
import { type Bakes, bakesAfter } from "./bake-progress.ts";
import { phaseWords } from "./phase-words.ts";
import { batchKey, type BatchTimes } from "./time-left.ts";

/** Since when everything does what it does: all that a live tree remembers of the past. */
export interface Activity {
  /** When the first record was written, in milliseconds since 1970; null before it. */
  readonly sinceMs: number | null;
  /** By instance: what it does, and the milliseconds since 1970 at which it began to. */
  readonly instances: ReadonlyMap<string, Doing>;
  /** How far the bakes are that go on. */
  readonly bakes: Bakes;
  /** By region: when it began, and when it was last told of. */
  readonly regions: ReadonlyMap<string, { readonly fromMs: number; readonly toMs: number }>;
  readonly batches: BatchTimes;
}

export interface Doing {
  readonly what: string;
  readonly sinceMs: number;
  /** What is wrong as far as it was last seen, by probe: one that fails, or an answer that was lost. */
  readonly seen: ReadonlyMap<string, string>;
}

export const noActivity: Activity = {
  sinceMs: null,
  instances: new Map(),
  bakes: new Map(),
  regions: new Map(),
  batches: new Map(),
};

/** The activity after one more record. Costs as much as there are instances that changed. */
export function observe(
  activity: Activity,
  record: JournalRecord,
  { before, after }: { readonly before: RolloutState | null; readonly after: RolloutState },
): Activity {
  const nowMs = Date.parse(record.at);
  const steps = after.itinerary.plan.steps.map((step) => step.name);
  let { instances, regions } = activity;
  for (const { is: it } of changedBetween(before?.instances ?? new Map(), after.instances)) {
    const what = phaseWords(it, steps);
    if (instances.get(it.name)?.what === what) continue;
    instances = withEntry(instances, it.name, { what, sinceMs: nowMs, seen: new Map() });
    if (after.mode === "preflight") continue;
    const fromMs = regions.get(it.region)?.fromMs ?? nowMs;
    regions = new Map(regions).set(it.region, { fromMs, toMs: nowMs });
  }
  const bakes = bakesAfter(activity.bakes, record, after);
  return {
    sinceMs: activity.sinceMs ?? nowMs,
    instances: withSeen(instances, record),
    bakes,
    regions,
    batches: batchesAfter(activity.batches, { before, after, nowMs }),
  };
}

function batchesAfter(
  batches: BatchTimes,
  {
    before,
    after,
    nowMs,
  }: { readonly before: RolloutState | null; readonly after: RolloutState; readonly nowMs: number },
): BatchTimes {
  if (before === null || before.regions === after.regions) return batches;
  const times = new Map(batches);
  after.regions.forEach((region, index) => {
    const was = before.regions[index];
    if (was === undefined || was === region) return;
    if (region.batchesStarted > was.batchesStarted)
      times.set(batchKey(region.name, region.batchesStarted - 1), { fromMs: nowMs, toMs: null });
    if (region.bakesFinished <= was.bakesFinished) return;
    const key = batchKey(region.name, region.bakesFinished - 1);
    const time = times.get(key);
    if (time !== undefined) times.set(key, { ...time, toMs: nowMs });
  });
  return times;
}

function withSeen(
  instances: ReadonlyMap<string, Doing>,
  { event }: JournalRecord,
): ReadonlyMap<string, Doing> {
  if (event.kind !== "noted") return instances;
  const { note } = event;
  const known = instances.get(note.instance);
  if (known === undefined || (note.kind !== "probe" && note.kind !== "retrying")) return instances;
  const key = note.kind === "probe" ? `${note.host ?? ""} ${note.probe}` : note.kind;
  const wrong = note.kind === "probe" ? probeWords(note) : note.failure.message;
  if (known.seen.get(key) === (wrong ?? undefined)) return instances;
  const seen = new Map(known.seen);
  if (wrong === null) seen.delete(key);
  else seen.set(key, wrong);
  return withEntry(instances, note.instance, { ...known, seen });
}

function probeWords(note: Extract<Note, { kind: "probe" }>): string | null {
  return note.is === "pass" ? null : `${note.surface}: ${note.because}`;
}
