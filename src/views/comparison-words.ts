import { numberText } from "../core/evidence.ts";
import type { Comparison } from "../core/metric-note.ts";
import type { Tone } from "./paint.ts";
import { span } from "./times.ts";

/** `ui.latency (shadow): worse: 412 on 5 changed, 120 on 34 others, by chance in 1 of 5000 at most`. */
export function comparisonWords({ metric, mode, because }: Comparison): string {
  return `${metric}${mode === "shadow" ? " (shadow, decides nothing)" : ""}: ${because}`;
}

/** Harm that decides nothing is still no good news. */
export function comparisonTone({ is, mode, few }: Comparison): Tone {
  if (is === "no harm") return "plain";
  if (is === "harm") return mode === "gate" ? "bad" : "warning";
  return mode === "gate" && !few ? "warning" : "plain";
}

/** Until when a bake goes on, for the end of a sentence: "" where being healthy is enough. */
export function untilWords({
  until,
  deadlineMs,
}: {
  readonly until?: { readonly timeMs: number; readonly and: string | null } | undefined;
  readonly deadlineMs?: number | undefined;
}): string {
  if (until === undefined) return "";
  const time = until.timeMs === 0 ? [] : [`${span(until.timeMs)} are over`];
  const goal = [...time, ...(until.and === null ? [] : [until.and])].join(" and ");
  const last = deadlineMs === undefined ? "" : `, else a person is asked after ${span(deadlineMs)}`;
  return `until ${goal}${last}`;
}

/** `ui.requests is 37 of ui.requests >= 100`. */
export function progressWords(it: {
  readonly metric: string;
  readonly seen: number;
  readonly wanted: string;
  readonly enough: boolean;
}): string {
  const seen = `${it.metric} is ${numberText(it.seen)}`;
  return it.enough ? `${seen}: enough (${it.wanted})` : `${seen}, waits for ${it.wanted}`;
}
