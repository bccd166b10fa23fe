import type { Itinerary } from "../core/itinerary.ts";
import { numberText } from "../core/evidence.ts";
import type { Bake } from "../core/plan/plan.ts";
import { metricId, type MetricComparison, type MetricSpec } from "../core/plan/metric.ts";
import { type PlannedGroup, plannedGroups } from "../core/planned-groups.ts";
import { span } from "./times.ts";
import { counted, grouped } from "./wording.ts";

/** A number by which a bake ends, or instances are compared. */
export interface PreviewMetric {
  /** `surface.name`. */
  readonly metric: string;
  readonly kind: string;
  readonly on: "host" | "controller";
  readonly everyMs: number;
  readonly of: "value" | "time";
  readonly as: "gauge" | "counter";
  readonly caveats: readonly string[];
  /** null: it is compared with nothing. */
  readonly compare: PreviewComparison | null;
}

export interface PreviewComparison {
  readonly with: "control" | "baseline";
  readonly mode: "shadow" | "gate";
  readonly whenTooFew: "ask" | "shadow";
  /** "higher by half (50 %), and by at least 20". */
  readonly harm: string;
  readonly samples: number;
  /** Changed against unchanged, batch by batch, in rollout order; batches count from 1. */
  readonly groups: readonly PlannedGroup[];
}

/** Until when a bake goes on, as plain data. */
interface PreviewBake {
  readonly settleMs: number;
  readonly stableMs: number;
  readonly retryMs: number;
  readonly until?: { readonly timeMs: number; readonly and: string | null };
  readonly deadlineMs?: number;
}

export function previewBake({ settleMs, stableMs, retryMs, until, deadlineMs }: Bake): PreviewBake {
  return {
    settleMs,
    stableMs,
    retryMs,
    ...(until === undefined
      ? {}
      : { until: { timeMs: until.timeMs, and: until.and?.written ?? null } }),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  };
}

/** In the plan's order. */
export function previewMetrics(itinerary: Itinerary): readonly PreviewMetric[] {
  return (itinerary.plan.metrics ?? []).map((metric) => {
    const { kind, on, intervalMs: everyMs, of, as, caveats = [], compare } = metric;
    return {
      metric: metricId(metric),
      kind,
      on,
      everyMs,
      of,
      as,
      caveats,
      compare: compare === null ? null : comparison(metric, compare, itinerary),
    };
  });
}

function comparison(
  metric: MetricSpec,
  compare: MetricComparison,
  itinerary: Itinerary,
): PreviewComparison {
  const { mode, whenTooFew, samples } = compare;
  const groups = compare.with === "control" ? plannedGroups(itinerary, compare.among) : [];
  return {
    with: compare.with,
    mode,
    whenTooFew,
    samples,
    harm: harmWords(metric, compare),
    groups: groups.map((group) => ({ ...group, batch: group.batch + 1 })),
  };
}

function harmWords(
  { better, of, as }: MetricSpec,
  { byPart, byAtLeast }: MetricComparison,
): string {
  const way = better === "higher" ? "lower" : "higher";
  const unit = of === "time" ? " ms" : as === "counter" ? " a second" : "";
  const least = byAtLeast === 0 ? "" : `, and by at least ${numberText(byAtLeast)}${unit}`;
  return `${way} by ${numberText(byPart * 100)} %${least}`;
}

/** Rows of name and text, for people. */
export function metricRows(
  metrics: readonly PreviewMetric[],
): readonly (readonly [string, string])[] {
  return metrics.flatMap((it) => {
    const what = it.of === "time" ? `time of ${it.kind}` : it.kind;
    const counter = it.as === "counter" ? ", a counter" : "";
    const asked = `${what} from the ${it.on}, every ${span(it.everyMs)}${counter}`;
    const caveats = it.caveats.map((caveat) => `, ${caveat}`).join("");
    return [
      [it.metric, `${asked}${caveats}`] as const,
      ...(it.compare === null ? [] : comparisonRows(it.compare)),
    ];
  });
}

function comparisonRows(it: PreviewComparison): readonly (readonly [string, string])[] {
  const against =
    it.with === "control" ? "instances not yet changed" : "itself before it is touched";
  const mode = it.mode === "gate" ? "makes instances bad" : "is told, and decides nothing";
  return [["", `against ${against}: ${it.harm} ${mode}`] as const, ...groupRows(it)];
}

/** How many will stand against how many, if all goes well. */
function groupRows(it: PreviewComparison): readonly (readonly [string, string])[] {
  const told = it.groups.slice(0, groupsMax).map((group): readonly [string, string] => {
    const sizes = `${grouped(group.changed)} changed against ${grouped(group.control)}`;
    const ask = it.mode === "gate" && it.whenTooFew === "ask";
    const few = group.enough
      ? ""
      : `: too few to tell, ${ask ? "so that a person is asked" : "which decides nothing"}`;
    return ["", `control group of ${group.region} batch ${group.batch}: ${sizes}${few}`];
  });
  const more = it.groups.length - told.length;
  return more === 0 ? told : [...told, ["", `and ${counted(more, "more batch", "more batches")}`]];
}

const groupsMax = 12;
