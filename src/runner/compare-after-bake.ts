import type { GroupsVerdict } from "../core/judge-groups.ts";
import { judgeBaseline } from "../core/own-baseline.ts";
import { metricId, type MetricComparison, type MetricSpec } from "../core/plan/metric.ts";
import { ActionEnded, failed } from "./action-ended.ts";
import { type BatchMeasuring, seedOf } from "./batch-measuring.ts";
import type { Measuring } from "./measuring.ts";
import type { Work } from "./work.ts";

interface Compared {
  readonly metrics: readonly MetricSpec[];
  readonly batch: BatchMeasuring;
  readonly measuring: Measuring;
}

/**
 * Holds the instance's metrics against what the plan compares them with. All of them are judged and
 * noted before one ends the bake; harm goes before what nobody can tell. A group's harm is that of every
 * instance of the batch that bakes: nobody can say which of them it comes from.
 */
export async function compareAfterBake(work: Work, order: Compared): Promise<void> {
  const ended: ActionEnded[] = [];
  for (const metric of order.metrics) {
    if (metric.compare === null) continue;
    const verdict =
      metric.compare.with === "control"
        ? await withControl(work, metric, order.batch)
        : await withBaseline(work, metric, order);
    const end = endOf(work, { metric, compare: metric.compare, verdict });
    if (end !== null) ended.push(end);
  }
  const worst = ended.find(({ outcome }) => outcome.is === "failed") ?? ended[0];
  if (worst !== undefined) throw worst;
}

async function withControl(
  work: Work,
  metric: MetricSpec,
  batch: BatchMeasuring,
): Promise<GroupsVerdict> {
  const { verdict, isFirst } = batch.judged(metric);
  if (!isFirst) return verdict;
  const { is, because, few, chance, changed, control } = verdict;
  await work.note({
    kind: "control.compared",
    metric: metricId(metric),
    mode: metric.compare?.mode ?? "shadow",
    batch: work.state.batch,
    is,
    because,
    few,
    chance,
    changed,
    control,
    instances: batch.changed,
  });
  return verdict;
}

async function withBaseline(
  work: Work,
  metric: MetricSpec,
  { batch, measuring }: Compared,
): Promise<GroupsVerdict> {
  const { name } = work.instance;
  const compare = metric.compare!;
  const before = measuring.baseline(name, metric);
  const after = batch.points(metric, name).map(({ value }) => value);
  const verdict = judgeBaseline({
    before,
    // The newest ones: what it was like while it warmed up is not what it is like.
    after: after.slice(-afterMax(compare)),
    samplesMin: compare.samples,
    worse: metric.better === "higher" ? "lower" : "higher",
    byPart: compare.byPart,
    byAtLeast: compare.byAtLeast,
    looks: 1,
    seed: seedOf(`${work.parts.itinerary.rollout} ${name} ${metricId(metric)}`),
  });
  const { is, because, few, chance } = verdict;
  const { mode } = compare;
  await work.note({
    kind: "baseline.compared",
    metric: metricId(metric),
    mode,
    is,
    because,
    few,
    chance,
  });
  return verdict;
}

/** Many more after than before would prove nothing more of the time before. */
function afterMax({ samples }: MetricComparison): number {
  return 4 * samples;
}

function endOf(
  work: Work,
  it: {
    readonly metric: MetricSpec;
    readonly compare: MetricComparison;
    readonly verdict: GroupsVerdict;
  },
): ActionEnded | null {
  const { metric, compare, verdict } = it;
  if (compare.mode === "shadow" || verdict.is === "no harm") return null;
  const { name } = work.instance;
  const id = metricId(metric);
  const group = compare.with === "control";
  if (verdict.is === "harm")
    return failed({
      code: "METRIC_WORSE",
      message: group
        ? `${name} is of a batch on which ${id} is worse than on instances not yet changed: ${numbersOf(verdict)}`
        : `${id} of ${name} is worse than before its steps: ${numbersOf(verdict)}`,
      hint: "no probe fails, and users are served worse all the same: see what the fix costs, or raise `worseBy` of the metric if that is meant",
    });
  if (verdict.few && compare.whenTooFew === "shadow") return null;
  return new ActionEnded({
    is: "inconclusive",
    failure: {
      code: "METRIC_INCONCLUSIVE",
      message: `nobody can tell whether ${id} of ${group ? `the batch of ${name}` : name} is worse: ${verdict.because}`,
      hint: verdict.few
        ? "decide: retry, accept, rollback or leave; `whenTooFew: shadow` in the plan only tells it where there are too few"
        : "see the numbers, then decide: retry, accept, rollback or leave",
    },
  });
}

function numbersOf({ because }: GroupsVerdict): string {
  return because.replace(/^worse: /, "");
}
