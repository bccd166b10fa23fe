import type { Failure } from "../core/failure.ts";
import { publicFailure } from "./event-facts.ts";
import type { PublicEventOf } from "./public-events.ts";
import type { Fate, Summary } from "./summary.ts";

type SummaryEvent = PublicEventOf<"summary">;
type FateKey = keyof SummaryEvent["instances"];

/** The last line of `--json`. `at` is now, RFC 3339 in UTC. */
export function summaryEvent(summary: Summary, halt: string | null, at: string): SummaryEvent {
  const instances = byKey((fate) => [...(summary.fates.get(fate) ?? [])]);
  return {
    type: "summary",
    at,
    rollout: summary.rollout,
    outcome: summary.outcome,
    exit: summary.exit,
    startedAt: summary.startedAt,
    durationMs: summary.durationMs,
    ...(summary.timeLeft === null ? {} : { timeLeft: { ...summary.timeLeft } }),
    counts: {
      instances: summary.instances,
      ...byKey((fate) => summary.fates.get(fate)?.length ?? 0),
    },
    instances,
    halt,
    failures: summary.incidents.map((it) => ({
      instance: it.instance,
      region: it.region,
      failure: publicFailure(it.failure),
      detectedAt: it.detectedAt,
      recoveredAt: it.recoveredAt,
      timeToDetectMs: it.timeToDetectMs,
      timeToRecoverMs: it.timeToRecoverMs,
      surfaces: it.surfaces.map(({ down, ...health }) => ({ ...health, down: [...down] })),
    })),
    next: summary.next.map(({ command, why }) => ({ command, why })),
  };
}

export interface Refusal {
  readonly at: string;
  readonly exit: number;
  readonly failures: readonly Failure[];
}

/** The last line where there is no rollout, because it was refused before it opened. */
export function refusalEvent({ at, exit, failures }: Refusal): SummaryEvent {
  return {
    type: "summary",
    at,
    rollout: null,
    outcome: "refused",
    exit,
    startedAt: null,
    durationMs: null,
    counts: { instances: 0, ...byKey(() => 0) },
    instances: byKey(() => []),
    halt: null,
    failures: failures.map((failure) => ({
      instance: null,
      region: null,
      failure: publicFailure(failure),
      detectedAt: null,
      recoveredAt: null,
      timeToDetectMs: null,
      timeToRecoverMs: null,
    })),
    next: [],
  };
}

function byKey<Value>(value: (fate: Fate) => Value): Record<FateKey, Value> {
  return {
    sealed: value("sealed"),
    rolledBack: value("rolled back"),
    rolledBackNotVerified: value("rolled back, not verified"),
    rollbackFailed: value("rollback failed"),
    left: value("left"),
    unknown: value("unknown"),
    unfit: value("unfit"),
    inconclusive: value("inconclusive"),
    asking: value("asking"),
    underWay: value("under way"),
    notTouched: value("not touched"),
  };
}
