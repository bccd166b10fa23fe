import { metricId, type MetricSpec } from "../core/plan/metric.ts";
import { comparedPoints, type Reading } from "../core/readings.ts";
import { measure } from "./measure.ts";
import type { Work } from "./work.ts";

/**
 * Measures what the instance is like before it is touched, for every metric that it is compared by with
 * itself. What could not be had is no reason not to begin: the comparison will say that it has too few.
 */
export async function measureBefore(work: Work): Promise<void> {
  const { metrics = [] } = work.parts.itinerary.plan;
  const own = metrics.filter(({ compare }) => compare?.with === "baseline");
  await Promise.all(own.map((metric) => measureOne(work, metric)));
}

async function measureOne(work: Work, metric: MetricSpec): Promise<void> {
  const samples = metric.compare?.samples ?? 0;
  // Growth of a counter is between two readings.
  const looks = samples + (metric.as === "counter" ? 1 : 0);
  const readings: Reading[] = [];
  for (let look = 0; look < looks; look++) {
    if (look > 0) await work.parts.clock.sleep(metric.intervalMs, work.signal);
    readings.push((await measure(work, metric)).reading);
  }
  const values = comparedPoints(metric.as, readings).map(({ value }) => value);
  const missed = readings.findLast(({ value }) => value === null);
  await work.note({
    kind: "baseline",
    metric: metricId(metric),
    values,
    ...(missed === undefined ? {} : { missed: missed.because }),
  });
}
