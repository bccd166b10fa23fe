import type { ProbeKind } from "../ports/probe-kind.ts";
import { type HttpProbeArgs, httpProbeArgs } from "./http-args.ts";
import { exchange, type Exchange } from "./http-exchange.ts";
import { judgeExchange } from "./http-verdict.ts";
import { error, type Found, timed } from "./probe-answers.ts";

/** Bytes of an answer that are looked at. */
export const httpProbeBodyBytesMax = 1024 * 1024;

/** Redirects followed where the plan asks for it, as curl --max-redirs 5. */
export const redirectsMax = 5;

/** `http: { url, … }`, asked from the controller. */
export const http: ProbeKind<HttpProbeArgs> = {
  name: "http",
  args: httpProbeArgs,
  substitutes: true,
  place: "controller",
  places: ["controller"],
  unproved: (given) => (assertsContent(given) ? null : statusAlone),
  ask: (given, context) => timed(() => look(given, context.signal)),
};

const statusAlone = {
  because: "looks at the status alone",
  suggestion: "`contains` or `header`",
};

/** A text that must not be there is none: an empty page has it not either. */
function assertsContent({ contains, header }: HttpProbeArgs): boolean {
  return contains !== undefined || Object.keys(header).length > 0;
}

async function look(given: HttpProbeArgs, signal: AbortSignal): Promise<Found> {
  const endMs = performance.now() + given.timeout;
  let url = URL.parse(given.url);
  let method = given.method ?? (given.body === undefined ? "GET" : "POST");
  let body = given.body ?? null;
  let headers = given.headers;
  for (let redirects = 0; ; redirects += 1) {
    if (url === null || !["http:", "https:"].includes(url.protocol)) {
      return error(`"${url?.href ?? given.url}" is no http:// or https:// address`);
    }
    const answer: Exchange = await exchange({
      url,
      method,
      headers,
      body,
      timeoutMs: Math.max(1, endMs - performance.now()),
      bodyBytesMax: httpProbeBodyBytesMax,
      signal,
    });
    const next = given.redirects ? redirectOf(answer, url) : null;
    if (next === null || redirects === redirectsMax) return judgeExchange(answer, given);
    // What a browser does: only 307 and 308 repeat the request as it was (RFC 9110 §15.4).
    if (method !== "HEAD" && !next.repeats) {
      method = "GET";
      body = null;
    }
    // Another server must not get what was meant for the first one.
    if (next.url?.origin !== url.origin) headers = withoutCredentials(headers);
    url = next.url;
  }
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

function withoutCredentials(
  headers: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const secret = new Set(["authorization", "cookie", "proxy-authorization", "host"]);
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !secret.has(name.toLowerCase())),
  );
}
