import { type BakeSoFar, takenUp } from "../core/bakes-so-far.ts";
import { evidenceOf, type Evidence } from "../core/evidence.ts";
import { lastMomentMs } from "../core/health.ts";
import { metricId, type MetricSpec } from "../core/plan/metric.ts";
import type { Bake } from "../core/plan/plan.ts";
import type { RolloutState } from "../core/state.ts";
import { ActionEnded, failed } from "./action-ended.ts";
import type { BatchMeasuring } from "./batch-measuring.ts";
import { compareAfterBake } from "./compare-after-bake.ts";
import { type Beyond, type Health, watchHealth } from "./look.ts";
import { type Measuring, metricsOfBake } from "./measuring.ts";
import type { Work } from "./work.ts";

/**
 * Watches health after the steps: settle, then healthy for `stable` without a break, within `retry`; and
 * on until there is enough to judge by, where the plan waits for that. Then compares.
 */
export async function performBake(
  work: Work,
  { state, measuring }: { readonly state: RolloutState; readonly measuring: Measuring },
): Promise<void> {
  const { plan, regions } = work.parts.itinerary;
  const region = regions.find((it) => it.name === work.instance.region);
  if (region === undefined)
    throw new Error(`region "${work.instance.region}" is not in the itinerary`);
  const before = state.bakes.get(work.instance.name) ?? null;
  const bake = before === null ? region.bake : takenUp(region.bake, before);
  const metrics = metricsOfBake(plan, bake);
  if (metrics.length === 0 && bake.until === undefined) {
    endUnlessHealthy(work, await watchHealth(work, bake, "bake"));
    return;
  }
  await using joined = await measuring.join(work, state, bake);
  const batch = joined.measuring;
  const course = { bake, planned: region.bake, metrics, batch, before };
  endUnlessHealthy(work, await watchHealth(work, bake, "bake", beyondHealth(work, course)));
  await compareAfterBake(work, { metrics, batch, measuring });
}

function endUnlessHealthy(work: Work, health: Health): void {
  if (health.is === "healthy") return;
  if (health.is === "inconclusive" && health.probes.length === 0)
    throw new ActionEnded({
      is: "inconclusive",
      failure: {
        code: "EVIDENCE_MISSING",
        message: `there is not enough to judge ${work.instance.name} by: ${health.because}`,
        hint: "see why so little comes, then decide: retry, accept, rollback or leave",
      },
    });
  const failure = {
    code: health.is === "unhealthy" ? "PROBE_FAILED" : "PROBE_INCONCLUSIVE",
    message: `${work.instance.name} did not stay healthy after its steps: ${health.because}`,
    hint:
      health.is === "unhealthy"
        ? "the fix does not hold here; its output and the probe's answers say more"
        : "see why the probe can't tell, then decide: retry, accept, rollback or leave",
  } as const;
  throw health.is === "unhealthy"
    ? failed(failure)
    : new ActionEnded({ is: "inconclusive", failure });
}

interface Course {
  /** As this runner has it. */
  readonly bake: Bake;
  /** As the plan has it. */
  readonly planned: Bake;
  /** What earlier runners have seen of it. */
  readonly before: BakeSoFar | null;
  readonly metrics: readonly MetricSpec[];
  readonly batch: BatchMeasuring;
}

/** What the bake waits for beside health, as it stands at each turn. */
function beyondHealth(work: Work, course: Course): Beyond {
  const { bake, planned, metrics, batch, before } = course;
  const { name } = work.instance;
  const startedMs = work.parts.clock.now();
  const goal = bake.until?.and ?? null;
  const waited = metrics.find((it) => metricId(it) === goal?.metric);
  const compared = metrics.filter(({ compare }) => compare !== null);
  const progress = new Progress(work, { startedMs, planned, before });
  return async () => {
    const readings = waited === undefined ? [] : batch.readings(waited, name);
    const since = readings.filter(({ atMs }) => atMs >= startedMs);
    const evidence =
      goal === null || waited === undefined
        ? null
        : evidenceOf(goal, waited.as, since, before?.counted);
    if (evidence !== null) await progress.tell(evidence);
    const comparable = compared.map((metric) => batch.comparableSinceMs(metric));
    return {
      evidence,
      ...(before === null ? {} : { watchedMs: before.watchedMs }),
      ...(comparable.length === 0 ? {} : { comparableSinceMs: lastOf(comparable) }),
      ...(metrics.length === 0
        ? {}
        : { wakeMs: Math.min(...metrics.map(({ intervalMs }) => intervalMs)) }),
    };
  };
}

function lastOf(moments: readonly (number | null)[]): number | null {
  return moments.reduce((last, it) => (last === null || it === null ? null : Math.max(last, it)));
}

/**
 * Notes how far the evidence is: at each tenth of the way, and of the time that it has, so that whoever takes
 * the bake up knows both; and when a counter began anew.
 */
class Progress {
  readonly #work: Work;
  readonly #bake: Pick<Course, "planned" | "before"> & { readonly startedMs: number };
  /** When the last note was written. */
  #toldMs = -Infinity;
  #tenth = -1;
  #enough: boolean | null = null;
  #resets = 0;

  constructor(
    work: Work,
    bake: Pick<Course, "planned" | "before"> & { readonly startedMs: number },
  ) {
    this.#work = work;
    this.#bake = bake;
  }

  async tell({ goal, seen, value, enoughSinceMs, resets }: Evidence): Promise<void> {
    if (seen === null) return;
    if (resets > this.#resets) {
      this.#resets = resets;
      const times = resets === 1 ? "once" : `${resets} times`;
      const text = `the counter ${goal.metric} began anew, ${times} in this bake; what was counted before still counts`;
      await this.#work.note({ kind: "remark", text });
    }
    const enough = enoughSinceMs !== null;
    const tenth = goal.number > 0 ? Math.floor(Math.min(1, seen / goal.number) * 10) : 0;
    const { startedMs, planned, before } = this.#bake;
    const nowMs = this.#work.parts.clock.now();
    const isLongAgo = nowMs - this.#toldMs >= lastMomentMs(planned) / 10;
    if (enough === this.#enough && tenth <= this.#tenth && !isLongAgo) return;
    this.#toldMs = nowMs;
    this.#tenth = Math.max(tenth, this.#tenth);
    this.#enough = enough;
    const { metric, written, number } = goal;
    const watchedMs = Math.round((before?.watchedMs ?? 0) + nowMs - startedMs);
    const counted = value === null ? {} : { value };
    const evidence = { metric, seen, written, number, enough, ...counted, watchedMs };
    await this.#work.note({ kind: "bake.evidence", ...evidence });
  }
}
