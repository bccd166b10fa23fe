import type { Kinds } from "./kinds.ts";
import {
  type BakeUntil,
  type MetricComparison,
  metricIntervalMs,
  type MetricSpec,
  usualSamples,
} from "./metric.ts";
import type { Bake, ProbeSpec } from "./plan.ts";
import type { PlanText } from "./plan-schema.ts";
import { readExpression } from "./until-expression.ts";

type MetricText = NonNullable<PlanText["metrics"]>[number];
type BakeText = NonNullable<NonNullable<PlanText["rollout"]>["bake"]>;

/** Fills defaults in, and puts the question of a probe in the place of its name. */
export function spellOutMetrics(
  text: readonly MetricText[],
  kinds: Kinds,
  probes: readonly ProbeSpec[],
): readonly MetricSpec[] {
  return text.map((one) => spellOutMetric(one, kinds, probes));
}

function spellOutMetric(text: MetricText, kinds: Kinds, probes: readonly ProbeSpec[]): MetricSpec {
  const values: Readonly<Record<string, unknown>> = { ...text };
  const named = typeof values["probe"] === "string" ? values["probe"] : null;
  const probe = probes.find((one) => one.name === named) ?? null;
  const shape = kinds.probes.find((one) => values[one.name] !== undefined);
  const kind = probe?.kind ?? shape?.name ?? "";
  const args = probe === null ? (values[kind] ?? null) : probe.args;
  const of = text.of ?? "value";
  const better = text.better ?? (of === "time" ? "lower" : null);
  const caveats = probe === null ? (shape?.caveats?.(args) ?? []) : (probe.caveats ?? []);
  return {
    name: text.name,
    surface: text.surface ?? probe?.surface ?? "",
    probe: named,
    kind,
    args,
    on: text.on ?? probe?.on ?? shape?.place ?? "controller",
    intervalMs: text.interval ?? metricIntervalMs,
    of,
    as: text.as ?? "gauge",
    better,
    compare: text.compare === undefined ? null : spellOutComparison(text.compare, better),
    ...(caveats.length === 0 ? {} : { caveats }),
  };
}

function spellOutComparison(
  text: NonNullable<MetricText["compare"]>,
  better: MetricSpec["better"],
): MetricComparison {
  return {
    with: text.with,
    among: text.among ?? "region",
    byPart: partOf(text.worseBy, better),
    byAtLeast: text.atLeast ?? 0,
    samples: text.samples ?? usualSamples[text.with],
    mode: text.mode ?? "shadow",
    whenTooFew: text.whenTooFew ?? "ask",
  };
}

/** "3x" is two parts more, and where higher is better two thirds less. */
function partOf(worseBy: string, better: MetricSpec["better"]): number {
  const number = Number(worseBy.slice(0, -1));
  if (worseBy.endsWith("%")) return number / 100;
  if (better !== "higher") return number - 1;
  return number === 0 ? 0 : 1 - 1 / number;
}

/** Until when a bake goes on, and its last moment; nothing where the plan asks for neither. */
export function spellOutUntil(
  text: BakeText | undefined,
  { settleMs, stableMs, retryMs }: Bake,
  {
    fallback,
    metrics,
  }: { readonly fallback: Bake | null; readonly metrics: readonly MetricSpec[] },
): Pick<Bake, "until" | "deadlineMs"> {
  const until = text?.until === undefined ? fallback?.until : goalOf(text.until, { metrics });
  if (until === undefined) return {};
  const inherited = text?.until === undefined ? fallback?.deadlineMs : undefined;
  const usual = settleMs + deadlineTimes * Math.max(until.timeMs, stableMs + retryMs);
  return { until, deadlineMs: text?.deadline ?? inherited ?? usual };
}

/** Evidence that comes a third as fast as hoped for is still waited for. */
const deadlineTimes = 3;

function goalOf(
  { time, and }: NonNullable<BakeText["until"]>,
  { metrics }: { readonly metrics: readonly MetricSpec[] },
): BakeUntil {
  const goal = and === undefined ? null : readExpression(and, metrics);
  // What can't be read is reported by the review.
  return { timeMs: time ?? 0, and: goal === null || "message" in goal ? null : goal };
}

/** A bake that may last long gives its instance, and the whole rollout, more time by itself. */
export function usualDeadlines(
  bakes: readonly Bake[],
  usual: { readonly instanceMs: number; readonly progressMs: number },
): { readonly instanceMs: number; readonly progressMs: (instanceMs: number) => number } {
  const longestMs = Math.max(0, ...bakes.map(({ deadlineMs = 0 }) => deadlineMs));
  if (longestMs === 0) return { instanceMs: usual.instanceMs, progressMs: () => usual.progressMs };
  return {
    instanceMs: Math.max(usual.instanceMs, longestMs + afterDeadlineMs),
    progressMs: (instanceMs) => Math.max(usual.progressMs, 2 * instanceMs),
  };
}

/** Between the last moment of a bake and that of its instance. */
const afterDeadlineMs = 300_000;
