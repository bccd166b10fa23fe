import type { MetricSpec } from "../core/plan/metric.ts";
import type { Reading } from "../core/readings.ts";
import type { ProbeAnswer } from "../ports/probe-kind.ts";
import { askAt, placesOf } from "./look.ts";
import type { Work } from "./work.ts";

interface Measured {
  readonly reading: Reading;
  /** Did a host not answer what was asked of it? */
  readonly silent: boolean;
}

/**
 * Asks an instance for a metric, once. Of several hosts a counter is their sum, anything else their mean;
 * where one of them gives no number there is none, because a sum without it would jump.
 */
export async function measure(work: Work, metric: MetricSpec): Promise<Measured> {
  const { clock } = work.parts;
  const atMs = clock.now();
  // A mark that a probe has taken is found by the probe's name.
  const question = { ...metric, name: metric.probe ?? metric.name };
  const values: number[] = [];
  let because = "";
  for (const host of placesOf(work, question)) {
    const answer = await askAt(work, question, host);
    const value = numberOf(answer, metric.of);
    if (value === null) {
      const where = host === null ? "" : `${host.name}: `;
      const reading: Reading = { atMs, value: null, because: `${where}${answer.because}` };
      return { reading, silent: host !== null && answer.is === "error" };
    }
    values.push(value);
    because = answer.because;
  }
  const sum = values.reduce((all, value) => all + value, 0);
  const value = metric.as === "counter" ? sum : sum / values.length;
  return { reading: { atMs, value, because }, silent: false };
}

/** How long a failing answer took says nothing of those that users get. */
function numberOf({ is, tookMs, value }: ProbeAnswer, of: MetricSpec["of"]): number | null {
  if (of === "time") return is === "pass" ? tookMs : null;
  return is === "error" || value === undefined || !Number.isFinite(value) ? null : value;
}
