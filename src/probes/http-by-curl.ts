import type { Exchange, ExchangeOrder, ExchangeStage } from "./http-exchange.ts";
import { readHead } from "./http-head.ts";

/** What curl is asked to say at the end: seconds, and bytes of headers that came. */
const seen = "seen %{time_total} %{time_connect} %{time_appconnect} %{size_header}\\n";

/** The request as a file of options for `curl -K` (curl(1), --config). `headers`: "Name: value". */
export function curlRequest(order: ExchangeOrder, headers: readonly string[]): string {
  const { method, body, tls } = order;
  const names = new Set(Object.keys(order.headers).map((name) => name.toLowerCase()));
  const unless = (name: string, header: string): readonly string[] =>
    names.has(name) ? [] : [header];
  const seconds = (order.timeoutMs / 1000).toFixed(3);
  const { address, host, connect } = namedHost(order);
  const sent = [
    // "Name:" would take a header out; an empty one is asked for with a semicolon.
    ...headers.map((header) => header.replace(/: $/, ";")),
    ...unless("accept-encoding", "Accept-Encoding: identity"),
    "Connection: close",
    ...(host === null ? [] : unless("host", `Host: ${host}`)),
    // What curl would add by itself.
    "Expect:",
    ...unless("content-type", "Content-Type:"),
  ];
  const options: readonly (readonly [string, string | null])[] = [
    ["url", address],
    ...(method === "HEAD" ? ([["head", null]] as const) : ([["request", method]] as const)),
    ...(body === null && ["GET", "HEAD", "DELETE", "OPTIONS"].includes(method)
      ? []
      : ([["data-raw", body ?? ""]] as const)),
    ...sent.map((header) => ["header", header] as const),
    ["max-time", seconds],
    ["noproxy", "*"],
    ["globoff", null],
    ["http1.1", null],
    ["write-out", seen],
    // Older ones tell a refusal from silence in no other way.
    ["verbose", null],
    ...(tls.insecure ? ([["insecure", null]] as const) : []),
    ...(tls.caFile === null ? [] : ([["cacert", tls.caFile]] as const)),
    ...(connect === null ? [] : ([["connect-to", connect]] as const)),
  ];
  return options
    .map(([name, value]) => (value === null ? name : `${name} = "${escaped(value, name)}"`))
    .join("\n");
}

/** curl takes the name on the certificate from the address alone: so that is the name, led elsewhere. */
function namedHost({ tls, url }: ExchangeOrder) {
  const { serverName } = tls;
  if (serverName === null || url.protocol !== "https:")
    return { address: url.href, host: null, connect: null };
  const port = url.port === "" ? "443" : url.port;
  const named = new URL(url);
  named.hostname = serverName;
  return {
    address: named.href,
    host: url.host,
    connect: `${named.hostname}:${port}:${url.hostname}:${port}`,
  };
}

function escaped(value: string, name: string): string {
  // The one value with escapes of its own.
  if (name === "write-out") return value.replaceAll("\\n", "\\\\n");
  return value
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\t", "\\t");
}

/** What came of it, in the same words as for a request from the controller. */
export function curlExchange(order: ExchangeOrder, came: Uint8Array, said: string): Exchange {
  const code = lastNumber(/^exit (\d{1,3})$/gm, said);
  const head = readHead(came);
  if (head !== null && (head.body.length > order.bodyBytesMax || code === 0)) {
    const times = timesIn(said);
    return {
      kind: "answered",
      status: head.status,
      headers: head.headers,
      setCookies: head.setCookies,
      body: head.body.subarray(0, order.bodyBytesMax),
      cut: head.body.length > order.bodyBytesMax,
      tookMs: Math.round((times?.total ?? 0) * 1000),
    };
  }
  const refusal =
    code === 7 ? /^\* +connect to .{1,200} failed: (.*)$/m.exec(said)?.[1] : undefined;
  const words = /^curl: \(\d+\) (.*)$/m.exec(said)?.[1] ?? `curl ended with ${code ?? "nothing"}`;
  const message = refusal === undefined ? words : `${words}: ${refusal}`;
  if (code === null || unables.has(code))
    return { kind: "unable", because: `curl on the host: ${message}` };
  return {
    kind: "broken",
    stage: head !== null ? "reading" : stageOf(order, code, said),
    timedOut: code === 28,
    interrupted: false,
    code: errorOf(code, message),
    message,
    received: head?.body.length ?? 0,
  };
}

/** curl's own trouble: options that it does not know, a file that is not there (curl(1), EXIT CODES). */
const unables = new Set([2, 3, 4, 26, 27, 43, 48, 58, 59, 77, 83, 90, 91]);

function stageOf(order: ExchangeOrder, code: number, said: string): ExchangeStage {
  const times = timesIn(said);
  if (code === 35 || code === 51 || code === 60) return "securing";
  if (code === 5 || code === 6 || code === 7 || times === null || times.connect === 0)
    return "connecting";
  if (order.url.protocol === "https:" && times.secured === 0) return "securing";
  return times.headBytes === 0 ? "waiting" : "reading";
}

/** The code that Node has for the same thing; the verdict knows those. */
function errorOf(code: number, message: string): string {
  if (code === 7) return /refused/i.test(message) ? "ECONNREFUSED" : "EHOSTUNREACH";
  if (code !== 51 && code !== 60) return "";
  if (/expired/i.test(message)) return "CERT_HAS_EXPIRED";
  if (/not yet valid/i.test(message)) return "CERT_NOT_YET_VALID";
  if (/revoked/i.test(message)) return "CERT_REVOKED";
  if (/subject ?(alternative )?name|host ?name/i.test(message))
    return "ERR_TLS_CERT_ALTNAME_INVALID";
  // Whatever else is wrong with a chain, it may be this host that does not know who signed it.
  return "UNABLE_TO_VERIFY_LEAF_SIGNATURE";
}

function timesIn(said: string) {
  const match = [...said.matchAll(/^seen ([\d.]+) ([\d.]+) ([\d.]+) (\d+)$/gm)].at(-1);
  if (match === undefined) return null;
  const [total = 0, connect = 0, secured = 0, headBytes = 0] = match.slice(1).map(Number);
  return { total, connect, secured, headBytes };
}

function lastNumber(pattern: RegExp, text: string): number | null {
  const match = [...text.matchAll(pattern)].at(-1);
  return match === undefined ? null : Number(match[1]);
}
