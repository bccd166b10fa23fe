/** A number that instances give, by which they are compared and bakes end. */
export interface MetricSpec {
  /** Unique on its surface: `surface.name` names it in expressions. */
  readonly name: string;
  readonly surface: string;
  /** The probe whose question it asks; null: it has its own. */
  readonly probe: string | null;
  readonly kind: string;
  readonly args: unknown;
  readonly on: "host" | "controller";
  /** Milliseconds between two measurements. */
  readonly intervalMs: number;
  /** `value`: the number in an answer. `time`: how long an answer that passes took, in milliseconds. */
  readonly of: "value" | "time";
  /** A counter only grows, and begins anew at 0 when its process does. */
  readonly as: "gauge" | "counter";
  /** Which way is good; null: the plan need not say, because nothing compares it. */
  readonly better: "lower" | "higher" | null;
  /** null: it is measured for bakes only. */
  readonly compare: MetricComparison | null;
  /** What a reader of the preview must know of its answers, in words; absent: nothing. */
  readonly caveats?: readonly string[];
}

export interface MetricComparison {
  /** `control`: instances not yet changed, at the same time. `baseline`: the same one, before. */
  readonly with: "control" | "baseline";
  /** Where the control group may be. */
  readonly among: "region" | "targets";
  /** Harm is worse by at least this part of what it is compared with … */
  readonly byPart: number;
  /** … and by at least so much in the metric's own unit; for a counter, per second. */
  readonly byAtLeast: number;
  /** Measurements that an instance must have to count. */
  readonly samples: number;
  /** `shadow`: told, and nothing else comes of it. */
  readonly mode: "shadow" | "gate";
  /** What a gate does where there are too few to tell anything: a person is asked, or it is only told. */
  readonly whenTooFew: "ask" | "shadow";
}

/** Until when a bake goes on, once it is healthy. */
export interface BakeUntil {
  /** Milliseconds after the bake began. */
  readonly timeMs: number;
  /** null: the time alone. */
  readonly and: EvidenceGoal | null;
}

/** How much an instance must have shown. A counter counts from the bake's start. */
export interface EvidenceGoal {
  /** As `surface.name`, whichever way the plan names it. */
  readonly metric: string;
  readonly is: ">=" | ">" | "<=" | "<";
  readonly number: number;
  /** As the plan writes it. */
  readonly written: string;
}

/** What names a metric in expressions, records and reports. */
export function metricId({ surface, name }: Pick<MetricSpec, "surface" | "name">): string {
  return `${surface}.${name}`;
}

/** Milliseconds between two measurements where the plan does not say. */
export const metricIntervalMs = 2_000;

/** Measurements of an instance that a comparison takes, where the plan does not say. */
export const usualSamples = { control: 5, baseline: 8 } as const;
