import { z } from "zod";
import { duration } from "../core/plan/durations.ts";
import { oneLine } from "../core/printable.ts";
import type { ProbeKind } from "../ports/probe-kind.ts";
import { httpHeaders, tlsOptions, webAddress } from "./http-args.ts";
import { uncheckedCertificate } from "./http.ts";
import type { Exchange, ExchangeOrder } from "./http-exchange.ts";
import { exchangeFrom } from "./http-on-host.ts";
import { error, fail, type Found, pass, timed } from "./probe-answers.ts";
import { certificateAuthority } from "./tls-trust.ts";

/** Bytes of an answer that are read; a query for a limit has a short one. */
const bodyBytesMax = 256 * 1024;

/** Characters of a name or a message that a sentence quotes. */
const shownMax = 120;

const shape = z
  .strictObject({
    server: webAddress.describe("Where Prometheus is, e.g. http://prometheus:9090."),
    query: z
      .string()
      .min(1)
      .describe(
        "An instant query (PromQL). Every series that it gives is held against the limits.",
      ),
    min: z.number().optional().describe("Every value must be at least this."),
    max: z.number().optional().describe("Every value must be at most this."),
    headers: httpHeaders.optional(),
    tls: tlsOptions.optional(),
    timeout: duration.prefault("10s").describe("How long the query may take. Default: 10s."),
  })
  .refine((given) => (given.min ?? -Infinity) <= (given.max ?? Infinity), {
    error: "min must not be larger than max",
  })
  .describe(
    "A number that Prometheus has, held against a limit. Without data, and without Prometheus, nobody can tell.",
  );

const args = shape.refine((given) => given.min !== undefined || given.max !== undefined, {
  error: "needs min or max",
});

export type PrometheusArgs = z.output<typeof args>;

/** `prometheus: { server, query, min, max }`. */
export const prometheus: ProbeKind<PrometheusArgs> = {
  name: "prometheus",
  args,
  substitutes: true,
  place: "controller",
  places: ["controller", "host"],
  unproved: () => null,
  measured: shape,
  unmeasured: () => null,
  caveats: (given) => (given.tls?.insecure === true ? [uncheckedCertificate] : []),
  ask: (given, context) =>
    timed(async () => {
      const url = queryAddress(given);
      if (url === null) return error(`"${given.server}" is no http:// or https:// address`);
      const trust = await certificateAuthority(given.tls, context);
      if ("trouble" in trust) return error(trust.trouble);
      const order: ExchangeOrder = {
        url,
        method: "GET",
        headers: given.headers ?? {},
        body: null,
        tls: { ...trust, serverName: given.tls?.serverName ?? null },
        timeoutMs: given.timeout,
        bodyBytesMax,
        signal: context.signal,
      };
      return judge(await exchangeFrom(order, context), given);
    }),
};

/** The HTTP API's instant query (prometheus.io/docs/prometheus/latest/querying/api). */
function queryAddress({ server, query }: PrometheusArgs): URL | null {
  const url = URL.parse(server);
  if (url === null || !["http:", "https:"].includes(url.protocol)) return null;
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/api/v1/query`;
  url.searchParams.set("query", query);
  return url;
}

const sample = z.tuple([z.number(), z.string()]);
const success = z.object({
  status: z.literal("success"),
  data: z.discriminatedUnion("resultType", [
    z.object({ resultType: z.literal("scalar"), result: sample }),
    z.object({
      resultType: z.literal("vector"),
      result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: sample })),
    }),
  ]),
});
const refusal = z.object({ status: z.literal("error"), error: z.string() });

/** Trouble of Prometheus is never trouble of the service that it watches: it is always "could not tell". */
function judge(answer: Exchange, given: PrometheusArgs): Found {
  if (answer.kind === "unable") return error(short(answer.because));
  if (answer.kind === "broken") return error(`no answer from Prometheus: ${short(answer.message)}`);
  if (answer.cut) return error(`the answer is longer than the ${bodyBytesMax} bytes that are read`);
  const read = readJson(answer.body ?? new Uint8Array());
  const refused = refusal.safeParse(read);
  if (refused.success) return error(`Prometheus says: ${short(refused.data.error)}`);
  const found = success.safeParse(read);
  if (answer.status !== 200 || !found.success)
    return error(`status ${answer.status}, and no answer to an instant query`);
  const { data } = found.data;
  const series =
    data.resultType === "scalar"
      ? [{ name: "", value: data.result[1] }]
      : data.result.map(({ metric, value }) => ({ name: nameOf(metric), value: value[1] }));
  return judgeSeries(series, given);
}

function judgeSeries(
  series: readonly { readonly name: string; readonly value: string }[],
  { min = -Infinity, max = Infinity }: PrometheusArgs,
): Found {
  if (series.length === 0) return error("no data: the query gives no series");
  const values = series.map(({ name, value }) => ({ name, value: numberOf(value) }));
  // A ratio without events is 0/0: that is no data, too.
  const empty = values.find(({ value }) => Number.isNaN(value));
  const [only] = values;
  const number =
    only !== undefined && values.length === 1 && Number.isFinite(only.value)
      ? { value: only.value }
      : {};
  const off = values.find(({ value }) => value < min || value > max);
  if (off !== undefined) {
    const limit = off.value < min ? `at least ${min}` : `at most ${max}`;
    return { ...fail(`${off.name}${off.value}, expected ${limit}`), ...number };
  }
  if (empty !== undefined) return error(`no data: ${empty.name}not a number`);
  const words =
    series.length === 1
      ? `${only!.name}${only!.value}`
      : `${series.length} series within the limits`;
  return { ...pass(words), ...number };
}

function nameOf(metric: Readonly<Record<string, string>>): string {
  const labels = Object.entries(metric).map(([name, value]) => `${name}="${value}"`);
  return labels.length === 0 ? "" : `{${short(labels.join(", "))}} is `;
}

function numberOf(text: string): number {
  if (text === "+Inf" || text === "-Inf") return text === "+Inf" ? Infinity : -Infinity;
  return /^-?\d/.test(text) ? Number(text) : Number.NaN;
}

function readJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    // A proxy's page, most likely: the status is told instead.
    return null;
  }
}

function short(text: string): string {
  return oneLine(text, { max: shownMax });
}
