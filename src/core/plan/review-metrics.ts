import { metricId, type MetricSpec } from "./metric.ts";
import { metricKeys } from "./metric-schema.ts";
import type { DocumentPath } from "./problem.ts";
import { quoted } from "./quoted.ts";
import { listAt, valueAt } from "./raw.ts";
import { reviewKind } from "./review-kind.ts";
import type { Reviewed } from "./reviewed.ts";
import { nearestOrAll } from "./suggest.ts";
import { readExpression } from "./until-expression.ts";

/** What is wrong with metrics by themselves, and with what bakes ask of them. */
export function reviewMetrics(reviewed: Reviewed): void {
  const { plan: read, kinds } = reviewed;
  if (read.plan === null) return;
  const metrics = read.plan.metrics ?? [];
  const questions = [...kinds.probes.map((kind) => kind.name), "probe"];
  const others = Object.keys(metricKeys);
  metrics.forEach((metric, at) => {
    const path = ["metrics", at];
    reviewKind(reviewed, path, { kinds: questions, others, what: "metric" });
    reviewQuestion(reviewed, metric, path);
    reviewMeaning(reviewed, metric, path);
  });
  reviewTwice(reviewed, metrics);
  for (const key of ["bake", "bakeFirst"] as const) reviewUntil(reviewed, key, metrics);
}

function reviewQuestion(reviewed: Reviewed, metric: MetricSpec, path: DocumentPath): void {
  const { plan: read, kinds } = reviewed;
  const { report } = read;
  const { probe, of } = metric;
  if (probe !== null && !read.plan!.probes.some((one) => one.name === probe)) {
    const names = listAt(read.source.value, "probes")
      .map((one) => valueAt(one, ["name"]))
      .filter((name) => typeof name === "string");
    const hint = nearestOrAll(probe, names) ?? "declare it under `probes`";
    report([...path, "probe"], `no probe is named ${quoted(probe)}`, hint);
    return;
  }
  const kind = kinds.probes.find((one) => one.name === metric.kind);
  if (kind === undefined) return;
  if (!kind.places.includes(metric.on)) {
    const message = `${quoted(kind.name)} can't be asked from the ${metric.on}`;
    report([...path, "on"], message, `it is asked from the ${kind.places.join(" or the ")}`);
  }
  if (of === "time") return;
  const where = [...path, probe === null ? kind.name : "probe"];
  const message = `the metric ${quoted(metric.name)} would have no number`;
  if (kind.unmeasured === undefined) {
    const only = `${quoted(kind.name)} gives none`;
    report(where, `${message}: ${only}`, "take `of: time`, or another kind");
    return;
  }
  const missing = kind.unmeasured(metric.args, probe !== null);
  if (missing !== null) report(where, message, `give its ${quoted(kind.name)} ${missing}`);
}

function reviewMeaning({ plan: read }: Reviewed, metric: MetricSpec, path: DocumentPath): void {
  const { report } = read;
  const { compare, better, of, as, name, surface } = metric;
  if (surface === "" && metric.probe === null)
    report(path, `the metric ${quoted(name)} does not say its surface`, "add `surface: ui`");
  if (metric.intervalMs < 50) report([...path, "interval"], '"interval" must be at least 50ms');
  if (of === "time" && as === "counter")
    report([...path, "as"], "how long an answer takes is no counter", "leave `as` out");
  if (of === "time" && better === "higher")
    report([...path, "better"], "an answer that takes longer is never better", "write lower");
  if (compare === null) return;
  if (better === null) {
    const message = `the metric ${quoted(name)} is compared, and does not say which way is good`;
    report([...path, "compare"], message, "add `better: lower` or `better: higher`");
  }
  const by = [...path, "compare", "worseBy"];
  if (compare.byPart <= 0)
    report(by, "whatever is the same would be harm", 'write more than "0%", or more than "1x"');
  if (better === "higher" && compare.byPart > 1) {
    const message = "no number falls by more than all of it";
    report(by, message, 'write "50%" for half as much, or "3x" for a third');
  }
  const least = read.raw([...path, "compare", "atLeast"]);
  if (of === "value" && typeof least === "string")
    report(
      [...path, "compare", "atLeast"],
      `${quoted(least)} is a time, and the metric is none`,
      "write a number in the metric's own unit",
    );
  const among = [...path, "compare", "among"];
  if (compare.with === "baseline" && read.raw(among) !== undefined) {
    const message = '"among" is for a control group, and a baseline is the instance itself';
    report(among, message, "leave it out");
  }
}

function reviewTwice({ plan: read }: Reviewed, metrics: readonly MetricSpec[]): void {
  const seen = new Map<string, number>();
  metrics.forEach((metric, at) => {
    const id = metricId(metric);
    const before = seen.get(id);
    seen.set(id, before ?? at);
    if (before === undefined) return;
    const { line } = read.at(["metrics", before, "name"]);
    const message = `the metric ${quoted(id)} is there twice`;
    read.report(["metrics", at, "name"], message, `the first is on line ${line}`);
  });
}

function reviewUntil(
  { plan: read }: Reviewed,
  key: "bake" | "bakeFirst",
  metrics: readonly MetricSpec[],
): void {
  const path = ["rollout", key];
  const { until } = read.plan!.rollout[key];
  if (read.raw([...path, "deadline"]) !== undefined && until === undefined) {
    const message = `"deadline" of ${quoted(key)} is for what \`until\` waits for, and there is none`;
    read.report([...path, "deadline"], message, "add `until`, or leave it out");
  }
  const written = read.raw([...path, "until"]);
  if (written === undefined) return;
  if (valueAt(written, ["time"]) === undefined && valueAt(written, ["and"]) === undefined) {
    const example = 'write until: { time: 15m, and: "ui.requests >= 100" }';
    read.report([...path, "until"], '"until" waits for nothing', example);
  }
  const and = read.raw([...path, "until", "and"]);
  if (typeof and !== "string") return;
  const goal = readExpression(and, metrics);
  if ("message" in goal) read.report([...path, "until", "and"], goal.message, goal.suggestion);
}
