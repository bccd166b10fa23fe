import { type ControlVerdict, judgeControl } from "../core/control-group.ts";
import type { Bake } from "../core/plan/plan.ts";
import { metricId, type MetricSpec } from "../core/plan/metric.ts";
import { controlNames, plannedLooks } from "../core/planned-groups.ts";
import { comparedPoints, type Point, type Reading } from "../core/readings.ts";
import { instanceOf, type InstanceState, type RolloutState } from "../core/state.ts";
import type { Clock } from "../ports/clock.ts";
import { GuardPool } from "./guard-pool.ts";
import { measure } from "./measure.ts";
import type { PerformerParts } from "./parts.ts";
import { lookingDoor } from "./looking-work.ts";
import type { Work } from "./work.ts";

export interface BatchOrder {
  readonly parts: PerformerParts;
  /** As it is when the first bake of the batch begins. */
  readonly state: RolloutState;
  readonly region: string;
  readonly batch: number;
  readonly bake: Bake;
  /** What this bake needs to know. */
  readonly metrics: readonly MetricSpec[];
  /** What probes remembered of the time before the first step, by `markKey`. */
  readonly marks: Map<string, string>;
}

/**
 * Measures the instances of a batch while it bakes, and at the same time those that they are compared
 * with. Reads only: without lock, epoch and lease, over connections of its own, which end with it.
 */
export class BatchMeasuring implements AsyncDisposable {
  readonly #order: BatchOrder;
  readonly #clock: Clock;
  readonly #pool: GuardPool;
  readonly #over = new AbortController();
  readonly #readings = new Map<string, Reading[]>();
  readonly #verdicts = new Map<string, ControlVerdict>();
  /** Once there is enough to compare, there is. */
  readonly #comparable = new Map<string, number>();
  readonly #startedMs: number;
  /** A bug in a loop, for whoever asks next. */
  #bug: unknown = null;
  /** With the fix on them: all their steps are done. */
  readonly changed: readonly string[];

  constructor(order: BatchOrder) {
    const { parts, state, region, batch } = order;
    this.#order = order;
    this.#clock = parts.clock;
    this.#startedMs = parts.clock.now();
    this.#pool = new GuardPool({ ...parts, door: lookingDoor(parts.door) });
    const members = parts.itinerary.regions.find((it) => it.name === region)?.batches[batch];
    this.changed = (members?.instances ?? []).filter((name) => isChanged(instanceOf(state, name)));
    for (const metric of order.metrics)
      for (const name of [...this.changed, ...this.control(metric)]) this.#begin(metric, name);
  }

  /** Those that a metric is compared with: untouched, and nobody has found them bad. */
  control({ compare }: MetricSpec): readonly string[] {
    if (compare?.with !== "control") return [];
    const { parts, state, region, batch } = this.#order;
    return controlNames(parts.itinerary, { region, batch }, compare.among).filter((name) => {
      const it = instanceOf(state, name);
      return it.phase === "waiting" && it.touched === 0 && it.bad === null;
    });
  }

  /** In the order in which they were asked. */
  readings(metric: MetricSpec, instance: string): readonly Reading[] {
    if (this.#bug !== null) throw this.#bug;
    return this.#readings.get(keyOf(metric, instance)) ?? [];
  }

  /** What is compared, since the batch has settled. */
  points(metric: MetricSpec, instance: string): readonly Point[] {
    const fromMs = this.#startedMs + this.#order.bake.settleMs;
    const settled = this.readings(metric, instance).filter(({ atMs }) => atMs >= fromMs);
    return comparedPoints(metric.as, settled);
  }

  /**
   * Since when everybody who answers has been measured often enough, on the steady clock; null: not yet.
   */
  comparableSinceMs(metric: MetricSpec): number | null {
    const known = this.#comparable.get(metricId(metric));
    if (known !== undefined) return known;
    const samples = metric.compare?.samples ?? 0;
    let sinceMs = -Infinity;
    for (const name of [...this.changed, ...this.control(metric)]) {
      const points = this.points(metric, name);
      const readings = this.readings(metric, name);
      // Whoever never gives a number is not waited for, once it was asked as often as the others.
      if (points.length === 0 && readings.length > samples) continue;
      const last = points[samples - 1];
      if (last === undefined) return null;
      sinceMs = Math.max(sinceMs, last.atMs);
    }
    this.#comparable.set(metricId(metric), sinceMs);
    return sinceMs;
  }

  /** Given once for the batch: whoever asks later gets the same. */
  judged(metric: MetricSpec): { readonly verdict: ControlVerdict; readonly isFirst: boolean } {
    const id = metricId(metric);
    const known = this.#verdicts.get(id);
    if (known !== undefined) return { verdict: known, isFirst: false };
    const { compare, better } = metric;
    if (compare === null) throw new Error(`${id} is compared with nothing`);
    const { parts, region, batch, bake } = this.#order;
    const names = [...this.changed, ...this.control(metric)];
    const verdict = judgeControl({
      changed: new Set(this.changed),
      measured: names.flatMap((instance) =>
        this.points(metric, instance).map((point) => ({ instance, ...point })),
      ),
      fromMs: this.#startedMs + bake.settleMs,
      toMs: this.#clock.now(),
      worse: better === "higher" ? "lower" : "higher",
      byPart: compare.byPart,
      byAtLeast: compare.byAtLeast,
      samplesMin: compare.samples,
      looks: plannedLooks(parts.itinerary),
      seed: seedOf(`${parts.itinerary.rollout} ${region} ${batch} ${id}`),
    });
    this.#verdicts.set(id, verdict);
    return { verdict, isFirst: true };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort(measuringOver);
    await this.#pool[Symbol.asyncDispose]();
  }

  #begin(metric: MetricSpec, name: string): void {
    const readings: Reading[] = [];
    const key = keyOf(metric, name);
    if (this.#readings.has(key)) return;
    this.#readings.set(key, readings);
    // It ends with the signal, which whoever disposes of this need not wait for.
    this.#measureAgainAndAgain(metric, name, readings).catch((error: unknown) => {
      if (!this.#over.signal.aborted) this.#bug = error;
    });
  }

  async #measureAgainAndAgain(metric: MetricSpec, name: string, to: Reading[]): Promise<void> {
    const work = this.#workOn(name);
    const { signal } = this.#over;
    while (!signal.aborted) {
      const { reading, silent } = await measure(work, metric);
      if (signal.aborted) return;
      to.push(reading);
      // A connection that gave no answer is not used again.
      if (silent) await this.#pool.drop(name);
      const pauseMs = metric.intervalMs * (reading.value === null ? missedPauses : 1);
      await this.#clock.sleep(pauseMs, signal);
    }
  }

  #workOn(name: string): Work {
    const { parts, state, marks } = this.#order;
    const instance = parts.itinerary.instances[name];
    if (instance === undefined) throw new Error(`${name} is not on the target list`);
    return {
      parts,
      pool: this.#pool,
      instance,
      state: instanceOf(state, name),
      epoch: state.epoch,
      signal: this.#over.signal,
      marks,
      isArmed: () => false,
      found: () => [],
      later: "keep",
      heard: false,
      note: () => Promise.resolve(),
    };
  }
}

/** Who gives no number is asked again after so many pauses: connecting is dear. */
const missedPauses = 3;

/** Made once: an abort without a reason makes an error with a stack each time. */
const measuringOver = new Error("nobody measures this any more");

function isChanged({ phase, resumeAt }: InstanceState): boolean {
  return (
    phase === "stepped" ||
    phase === "baking" ||
    phase === "sealed" ||
    (phase === "inconclusive" && resumeAt === "bake")
  );
}

function keyOf(metric: MetricSpec, instance: string): string {
  return JSON.stringify([metricId(metric), instance]);
}

/** The same words, the same seed (FNV-1a). */
export function seedOf(words: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(words))
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
