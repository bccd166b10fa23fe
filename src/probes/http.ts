import { oneLine } from "../core/printable.ts";
import type { ProbeContext, ProbeKind } from "../ports/probe-kind.ts";
import { cookieJar } from "./cookie-jar.ts";
import {
  type HttpProbeArgs,
  httpProbeArgs,
  type HttpRequestArgs,
  redirectsUsual,
  requestsOf,
} from "./http-args.ts";
import type { Exchange, ExchangeOrder } from "./http-exchange.ts";
import { exchangeFrom } from "./http-on-host.ts";
import { judgeExchange } from "./http-verdict.ts";
import { numberAt } from "./json-wanted.ts";
import { multipartBody } from "./multipart.ts";
import { error, type Found, pass, timed } from "./probe-answers.ts";
import { certificateAuthority } from "./tls-trust.ts";

/** Bytes of an answer that are looked at. */
export const httpProbeBodyBytesMax = 1024 * 1024;

/** From a host, where each piece of an answer costs a program. */
export const httpHostBodyBytesMax = 256 * 1024;

/** Characters of a request's address that a sentence quotes. */
const shownMax = 60;

/** `http: { url, … }` or `http: { sequence: [{ url, … }, …] }`. */
export const http: ProbeKind<HttpProbeArgs> = {
  name: "http",
  args: httpProbeArgs,
  substitutes: true,
  place: "controller",
  places: ["controller", "host"],
  unproved: (given) => (requestsOf(given).some(assertsContent) ? null : statusAlone),
  unmeasured: (given) => (requestsOf(given).at(-1)?.value === undefined ? "`value`" : null),
  caveats: (given) => (given.tls?.insecure === true ? [uncheckedCertificate] : []),
  ask: (given, context) => timed(() => lookInTurn(given, context)),
};

/** What a preview says of a probe with `tls: { insecure: true }`. */
export const uncheckedCertificate = "INSECURE: its certificate is not checked";

const statusAlone = {
  because: "looks at the status alone",
  suggestion: "`contains`, `matches`, `json` or `header`",
};

/** A text that must not be there is none: an empty page has it not either. */
function assertsContent({ contains, matches, json = {}, header = {} }: HttpRequestArgs): boolean {
  return (
    contains !== undefined ||
    matches !== undefined ||
    Object.keys(json).length + Object.keys(header).length > 0
  );
}

/** The first request that is not answered as wanted decides; the others are not sent. */
async function lookInTurn(given: HttpProbeArgs, context: ProbeContext): Promise<Found> {
  const requests = requestsOf(given);
  const tls = { serverName: null, ...(await certificateAuthority(given.tls, context)) };
  if ("trouble" in tls) return error(tls.trouble);
  const jar = cookieJar();
  const endMs = performance.now() + given.timeout;
  let found: Found = error("nothing to ask for");
  for (const [at, request] of requests.entries()) {
    found = await look(request, { given, tls, jar, endMs, context });
    const alone = requests.length === 1;
    if (found.is !== "pass") {
      const where = `request ${at + 1} of ${requests.length} (${addressOf(request.url)}): `;
      return { ...found, because: `${alone ? "" : where}${found.because}` };
    }
    if (!alone)
      found = { ...found, ...pass(`${requests.length} requests, the last: ${found.because}`) };
  }
  return found;
}

function addressOf(written: string): string {
  const url = URL.parse(written);
  return oneLine(url === null ? written : url.pathname, { max: shownMax });
}

interface Turn {
  readonly given: HttpProbeArgs;
  readonly tls: ExchangeOrder["tls"];
  readonly jar: ReturnType<typeof cookieJar>;
  readonly endMs: number;
  readonly context: ProbeContext;
}

async function look(request: HttpRequestArgs, turn: Turn): Promise<Found> {
  const { given, jar, context } = turn;
  const sent = whatIsSent(request);
  let { method, body, headers } = sent;
  let url = URL.parse(request.url);
  const firstHost = url?.hostname;
  const wanted = { ...request, timeout: given.timeout };
  const followed = request.redirects === true ? redirectsUsual : Number(request.redirects ?? 0);
  let tookMs = 0;
  for (let redirects = 0; ; redirects += 1) {
    if (url === null || !["http:", "https:"].includes(url.protocol))
      return error(`"${url?.href ?? request.url}" is no http:// or https:// address`);
    const serverName = url.hostname === firstHost ? (given.tls?.serverName ?? null) : null;
    const order: ExchangeOrder = {
      url,
      method,
      headers: withCookies(headers, jar.header(url)),
      body,
      tls: { ...turn.tls, serverName },
      timeoutMs: Math.max(1, turn.endMs - performance.now()),
      bodyBytesMax: context.place === "host" ? httpHostBodyBytesMax : httpProbeBodyBytesMax,
      signal: context.signal,
    };
    const answer = await exchangeFrom(order, context);
    if (answer.kind === "answered") {
      jar.take(url, answer.setCookies);
      tookMs += answer.tookMs;
    }
    const next = redirects < followed ? redirectOf(answer, url) : null;
    if (next === null)
      return { ...judgeExchange(answer, wanted, tookMs), ...numberIn(answer, request) };
    // What a browser does: only 307 and 308 repeat the request as it was (RFC 9110 §15.4).
    if (method !== "HEAD" && !next.repeats) {
      method = "GET";
      body = null;
      headers = without(headers, ["content-type"]);
    }
    // Another server must not get what was meant for the first one.
    if (next.url?.origin !== url.origin) headers = without(headers, credentials);
    url = next.url;
  }
}

/** The number that a metric asks for; none in an answer that was cut or packed. */
function numberIn(answer: Exchange, { value }: HttpRequestArgs): { readonly value?: number } {
  if (value === undefined || answer.kind !== "answered" || answer.cut) return {};
  if ((answer.headers["content-encoding"] ?? "identity") !== "identity") return {};
  const number = numberAt(Buffer.from(answer.body ?? []).toString("utf8"), value);
  return number === null ? {} : { value: number };
}

function whatIsSent({ method, body, multipart, headers = {} }: HttpRequestArgs): {
  readonly method: string;
  readonly body: string | null;
  readonly headers: Readonly<Record<string, string>>;
} {
  const form = multipart === undefined ? null : multipartBody(multipart);
  const content = form?.body ?? body ?? null;
  return {
    method: method ?? (content === null ? "GET" : "POST"),
    body: content,
    headers:
      form === null
        ? headers
        : { ...without(headers, ["content-type"]), "content-type": form.type },
  };
}

function withCookies(
  headers: Readonly<Record<string, string>>,
  cookies: string,
): Readonly<Record<string, string>> {
  if (cookies === "") return headers;
  const own = Object.entries(headers).find(([name]) => name.toLowerCase() === "cookie")?.[1];
  return {
    ...without(headers, ["cookie"]),
    cookie: own === undefined ? cookies : `${own}; ${cookies}`,
  };
}

function redirectOf(
  answer: Exchange,
  from: URL,
): { readonly url: URL | null; readonly repeats: boolean } | null {
  if (answer.kind !== "answered" || ![301, 302, 303, 307, 308].includes(answer.status)) return null;
  const location = answer.headers["location"];
  if (location === undefined) return null;
  return { url: URL.parse(location, from.href), repeats: answer.status >= 307 };
}

const credentials = ["authorization", "cookie", "proxy-authorization", "host"];

function without(
  headers: Readonly<Record<string, string>>,
  names: readonly string[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !names.includes(name.toLowerCase())),
  );
}
