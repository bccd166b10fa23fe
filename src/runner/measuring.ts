import type { Note } from "../core/event.ts";
import type { Bake, Plan } from "../core/plan/plan.ts";
import { metricId, type MetricSpec } from "../core/plan/metric.ts";
import type { RolloutState } from "../core/state.ts";
import { BatchMeasuring } from "./batch-measuring.ts";
import type { PerformerParts } from "./parts.ts";
import type { Work } from "./work.ts";

/** What instances were like before they were touched, and the batches that are measured now. */
export class Measuring {
  readonly #parts: PerformerParts;
  readonly #baselines = new Map<string, readonly number[]>();
  readonly #batches = new Map<string, { readonly measuring: BatchMeasuring; bakes: number }>();

  constructor(parts: PerformerParts) {
    this.#parts = parts;
  }

  /** What an earlier runner, or this one, has noted. */
  recall(note: Note): void {
    if (note.kind === "baseline")
      this.#baselines.set(keyOf(note.instance, note.metric), note.values);
  }

  /** What it showed before it was touched; nothing where it was never measured. */
  baseline(instance: string, metric: MetricSpec): readonly number[] {
    return this.#baselines.get(keyOf(instance, metricId(metric))) ?? [];
  }

  /** The measuring of this instance's batch, which begins with the first bake and ends with the last. */
  async join(work: Work, state: RolloutState, bake: Bake): Promise<JoinedBatch> {
    const { region, batch } = work.state;
    const key = JSON.stringify([region, batch]);
    const { marks } = work;
    const metrics = metricsOfBake(this.#parts.itinerary.plan, bake);
    const parts = this.#parts;
    const known = this.#batches.get(key) ?? {
      measuring: new BatchMeasuring({ parts, state, region, batch, bake, metrics, marks }),
      bakes: 0,
    };
    known.bakes += 1;
    this.#batches.set(key, known);
    return {
      measuring: known.measuring,
      [Symbol.asyncDispose]: async () => {
        known.bakes -= 1;
        if (known.bakes > 0) return;
        this.#batches.delete(key);
        await known.measuring[Symbol.asyncDispose]();
      },
    };
  }
}

export interface JoinedBatch extends AsyncDisposable {
  readonly measuring: BatchMeasuring;
}

/** Those that a bake waits for, and those by which instances are compared. */
export function metricsOfBake({ metrics = [] }: Plan, { until }: Bake): readonly MetricSpec[] {
  return metrics.filter((it) => it.compare !== null || metricId(it) === until?.and?.metric);
}

function keyOf(instance: string, metric: string): string {
  return JSON.stringify([instance, metric]);
}
