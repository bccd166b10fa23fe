import { durationMs } from "./durations.ts";
import { type EvidenceGoal, metricId, type MetricSpec } from "./metric.ts";
import { quoted } from "./quoted.ts";
import { nearestOrAll } from "./suggest.ts";

/** Why an expression can't be used, and what to write instead. */
export interface ExpressionTrouble {
  readonly message: string;
  readonly suggestion: string | null;
}

/** What an expression may name: a metric, by its surface or by its probe. */
export type Named = Pick<MetricSpec, "name" | "surface" | "probe" | "of">;

const pattern = /^\s*(\S(?:.*?\S)?)\s*(>=|<=|==|=|>|<)\s*(\S+)\s*$/;
const numberPattern = /^-?\d{1,15}(?:\.\d{1,6})?$/;

const example = "write it as surface.metric >= number, such as ui.requests >= 100";

/**
 * Reads `ui.requests >= 100`: a surface or the name of a probe, a dot, a metric of it, a comparison,
 * a number (of a time a duration, too). Nothing else is taken for anything.
 */
export function readExpression(
  written: string,
  metrics: readonly Named[],
): EvidenceGoal | ExpressionTrouble {
  const [, left = "", is = "", right = ""] = pattern.exec(written) ?? [];
  const dot = left.lastIndexOf(".");
  if (is === "" || dot <= 0 || dot === left.length - 1)
    return { message: `${quoted(written)} is no comparison of a metric`, suggestion: example };
  if (is === "=" || is === "==")
    return {
      message: `${quoted(written)} compares by ${quoted(is)}, which a number that changes may never pass through`,
      suggestion: "use >=, >, <= or <",
    };
  const [owner, name] = [left.slice(0, dot), left.slice(dot + 1)];
  const found = metrics.find(
    (one) => one.name === name && (one.surface === owner || one.probe === owner),
  );
  if (found === undefined) {
    const message =
      metrics.length === 0
        ? `no metric is named ${quoted(left)}, because the plan has none`
        : `no metric is named ${quoted(left)}`;
    const suggestion = nearestOrAll(left, metrics.map(metricId));
    return { message, suggestion: suggestion ?? "declare it under `metrics`" };
  }
  const number = numberPattern.test(right)
    ? Number(right)
    : found.of === "time"
      ? durationMs(right)
      : null;
  if (number === null) {
    const time = found.of === "time" ? "a number of milliseconds or a duration" : "a number";
    return {
      message: `${quoted(right)} in ${quoted(written)} is not ${time}`,
      suggestion: example,
    };
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the pattern has no other left
  return { metric: metricId(found), is: is as EvidenceGoal["is"], number, written: written.trim() };
}
