import { type InstanceState, needsPerson, type RolloutState } from "../core/state.ts";
import type { JournalRecord } from "../ports/journal.ts";
import { type Evidence, gatherEvidence, noEvidence } from "./evidence.ts";
import { type Incident, incidentsOf } from "./incidents.ts";
import { type CommandWords, type NextCommand, nextCommands } from "./next-commands.ts";
import { batchTimesOf, timeLeft, type TimeLeft } from "./time-left.ts";
import { msBetween } from "./times.ts";

export type SummaryOutcome =
  | "sealed"
  | "halted"
  | "paused"
  | "refused"
  | "undone"
  | "interrupted"
  | "running";

/** What became of an instance, in words that are keys: counts and names are given by them. */
export type Fate =
  | "sealed"
  | "rolled back"
  | "rolled back, not verified"
  | "rollback failed"
  | "left"
  | "unknown"
  | "unfit"
  | "inconclusive"
  | "asking"
  | "under way"
  | "not touched";

/** All that panel, status, report and the last line of JSON say. */
export interface Summary {
  readonly rollout: string;
  readonly outcome: SummaryOutcome;
  readonly exit: number;
  readonly startedAt: string | null;
  /** Of the last record. */
  readonly lastAt: string | null;
  readonly durationMs: number | null;
  /** What its end took: of an undo from when it was asked for, else as `durationMs`. */
  readonly tookMs: number | null;
  /** What stood behind the interruption that it stands at ("the disk … is full"); null: nothing known. */
  readonly stoppedBecause: string | null;
  /** Names by fate, in rollout order; only fates that there are. */
  readonly fates: ReadonlyMap<Fate, readonly string[]>;
  readonly instances: number;
  readonly incidents: readonly Incident[];
  readonly evidence: ReadonlyMap<string, Evidence>;
  readonly next: readonly NextCommand[];
  /** How long it may still take; null: it does not run, nobody can tell yet, or nobody said what time it is. */
  readonly timeLeft: TimeLeft | null;
  /** When it was summed up, milliseconds since 1970; null: nobody said. */
  readonly nowMs: number | null;
}

export interface SummaryOptions extends CommandWords {
  /** The signal that made this process leave, e.g. "SIGINT". */
  readonly interruptedBy?: string;
  /** Milliseconds since 1970, for how long something still takes; default: it is not told. */
  readonly nowMs?: number;
}

/** Sums a rollout up from its state and its whole journal. */
export function summarise(
  state: RolloutState,
  records: readonly JournalRecord[],
  options: SummaryOptions = {},
): Summary {
  const evidence = gatherEvidence(records);
  const startedAt = records.at(0)?.at ?? null;
  const lastAt = records.at(-1)?.at ?? null;
  const undoAt =
    records.findLast(({ event }) => event.kind === "asked" && event.wish.kind === "undo")?.at ??
    null;
  const outcome = outcomeOf(state, options);
  const { nowMs = null } = options;
  return {
    rollout: state.itinerary.rollout,
    outcome,
    exit: exitCode(state, options),
    startedAt,
    lastAt,
    durationMs: msBetween(startedAt, lastAt),
    tookMs: msBetween(state.closed === "undone" ? (undoAt ?? startedAt) : startedAt, lastAt),
    stoppedBecause: stoppedBecause(state, records),
    fates: fatesOf(state),
    instances: state.instances.size,
    incidents: incidentsOf(state, (name) => evidence.get(name) ?? noEvidence),
    evidence,
    next: nextCommands(state, options),
    timeLeft:
      outcome === "running" && nowMs !== null
        ? timeLeft(state, batchTimesOf(records), nowMs)
        : null,
    nowMs,
  };
}

/** 128 + the number of the signal, as shells give it. */
const signalCodes: Readonly<Record<string, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/** What the runner calls it when the state folder's disk is full: it stops as on a signal. */
export const fullDisk = "STATE_FULL";

/** A signal that Handrail does not listen to. */
const otherSignalCode = 130;

/**
 * The exit code of PRODUCT §6: 0 everything sealed (or undone), 3 refused, 4 halted with everything
 * touched either sealed or rolled back and verified, 5 some instance needs a person, 6 paused, 130
 * and 143 interrupted. An end that was reached counts more than the signal that came meanwhile. A
 * rollout that a full disk or a dead process left half-way needs a person, unless nothing was
 * touched. 1 is for one that has neither an end nor a pause: a runner that leaves so has a bug.
 */
export function exitCode(
  state: RolloutState,
  { interruptedBy, attended }: SummaryOptions = {},
): number {
  const all = [...state.instances.values()];
  const halfWay = all.some((it) => it.touched > 0) ? 5 : 3;
  const hands = all.some((it) => needsPerson(it) || it.phase === "asking");
  switch (state.closed) {
    case "sealed":
      return hands ? 5 : all.every((it) => it.phase === "sealed") ? 0 : 4;
    case "undone":
      return hands ? 5 : 0;
    case "halted":
      return hands ? 5 : 4;
    case "refused":
      return 3;
    case null:
      break;
  }
  const signal =
    interruptedBy ?? (state.parked?.kind === "interrupted" ? state.parked.signal : null);
  if (signal === fullDisk) return halfWay;
  if (signal !== null) return signalCodes[signal] ?? otherSignalCode;
  if (state.parked !== null) return 6;
  return attended === false ? halfWay : 1;
}

function outcomeOf(
  state: RolloutState,
  { interruptedBy, attended }: SummaryOptions,
): SummaryOutcome {
  if (state.closed !== null) return state.closed;
  if (interruptedBy !== undefined || state.parked?.kind === "interrupted") return "interrupted";
  if (state.parked !== null) return "paused";
  return attended === false ? "interrupted" : "running";
}

function stoppedBecause(state: RolloutState, records: readonly JournalRecord[]): string | null {
  if (state.closed !== null || state.parked?.kind !== "interrupted") return null;
  const asked = records.findLast(
    ({ event }) => event.kind === "asked" && event.wish.kind === "interrupt",
  )?.event;
  return asked?.kind !== "asked" || asked.reason === "" ? null : asked.reason;
}

/** What became of this instance so far. */
export function fateOf(it: InstanceState): Fate {
  switch (it.phase) {
    case "sealed":
    case "left":
    case "unknown":
    case "unfit":
    case "inconclusive":
    case "asking":
      return it.phase;
    case "rolled-back":
      return "rolled back";
    case "rolled-back-unverified":
      return "rolled back, not verified";
    case "rollback-failed":
      return "rollback failed";
    case "unchecked":
    case "waiting":
      return "not touched";
    case "beginning":
    case "stepping":
    case "rewinding":
    case "stepped":
    case "baking":
    case "reverting":
    case "verifying":
      return "under way";
  }
}

/** Names by fate, in rollout order. */
export function fatesOf(state: RolloutState): ReadonlyMap<Fate, readonly string[]> {
  const fates = new Map<Fate, string[]>();
  for (const it of state.instances.values()) {
    const fate = fateOf(it);
    fates.set(fate, [...(fates.get(fate) ?? []), it.name]);
  }
  return fates;
}
