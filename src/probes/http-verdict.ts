import { oneLine } from "../core/printable.ts";
import { matchesWithin } from "./bounded-regex.ts";
import type { HttpRequestArgs } from "./http-args.ts";
import type { Exchange } from "./http-exchange.ts";
import { judgeJson } from "./json-wanted.ts";
import { badCertificates, unknownIssuers } from "./certificate-trouble.ts";
import { error, fail, type Found, pass } from "./probe-answers.ts";

/** Characters of an answer that a sentence quotes. */
const shownMax = 80;

type Wanted = Pick<
  HttpRequestArgs,
  "status" | "contains" | "notContains" | "matches" | "json" | "header" | "within"
> & {
  /** Milliseconds that all of it might take. */
  readonly timeout: number;
};

type Answered = Extract<Exchange, { kind: "answered" }>;

/**
 * What an exchange says about the service; docs/probes.md has this as a table. `tookMs`: of all the
 * requests that led here, redirects among them.
 */
export function judgeExchange(exchange: Exchange, wanted: Wanted, tookMs: number): Found {
  if (exchange.kind === "unable") return error(oneLine(exchange.because, { max: 300 }));
  if (exchange.kind === "broken") return judgeBroken(exchange, wanted);
  const found = judgeAnswer(exchange, wanted);
  if (found.is !== "pass" || wanted.within === undefined) return found;
  return tookMs > wanted.within
    ? fail(`${found.because}, but in ${tookMs} ms, expected within ${wanted.within} ms`)
    : pass(`${found.because}, in ${tookMs} ms`);
}

function judgeAnswer(answer: Answered, wanted: Wanted): Found {
  const statuses = typeof wanted.status === "number" ? [wanted.status] : (wanted.status ?? []);
  const expected = statuses.length === 0 ? "any 2xx" : statuses.join(" or ");
  const good =
    statuses.length === 0
      ? answer.status >= 200 && answer.status < 300
      : statuses.includes(answer.status);
  const location = answer.headers["location"];
  const to = location === undefined ? "" : ` to ${quote(location)}`;
  if (!good) return fail(`status ${answer.status}${to}, expected ${expected}${said(answer.body)}`);

  for (const [name, text] of Object.entries(wanted.header ?? {})) {
    const value = answer.headers[name.toLowerCase()];
    if (value === undefined) return fail(`status ${answer.status}, but no header ${quote(name)}`);
    if (!value.includes(text)) {
      return fail(`header ${quote(name)} is ${quote(value)}, and ${quote(text)} is not in it`);
    }
  }
  return judgeText(answer, wanted);
}

function judgeText(answer: Answered, wanted: Wanted): Found {
  const { contains, notContains, matches, json } = wanted;
  const status = `status ${answer.status}`;
  if ([contains, notContains, matches, json].every((one) => one === undefined)) return pass(status);
  const encoding = answer.headers["content-encoding"] ?? "identity";
  if (encoding !== "identity") {
    return error(
      `${status}, but the answer is packed as ${quote(encoding)}, so its text can't be read`,
    );
  }
  if (answer.body === null) {
    return error(`${status}, but what asks from there does not show the text of such an answer`);
  }
  const body = Buffer.from(answer.body);
  if (notContains !== undefined && body.includes(notContains)) {
    return fail(`${status}, but ${quote(notContains)} is in the answer`);
  }
  const missing = contains !== undefined && !body.includes(contains);
  const text = body.toString("utf8");
  const matched = matches === undefined ? true : matchesWithin(matches, text);
  const isWholeNeeded = notContains !== undefined || json !== undefined;
  if (answer.cut && (missing || isWholeNeeded || matched === false)) {
    return error(`${status}, and the answer is longer than the ${body.length} bytes that are read`);
  }
  if (missing) {
    return fail(`${status}, but ${quote(contains)} is not in the answer${said(body)}`);
  }
  if (matched === null)
    return error(`${status}, but holding it against ${slashed(matches)} failed`);
  if (!matched) {
    return fail(`${status}, but nothing in the answer is like ${slashed(matches)}${said(body)}`);
  }
  const values = json === undefined ? ({ is: "pass" } as const) : judgeJson(text, json);
  if (values.is !== "pass") return { is: values.is, because: `${status}, but ${values.because}` };
  const seen = [
    ...(contains === undefined ? [] : [`contains ${quote(contains)}`]),
    ...(matches === undefined ? [] : [`is like ${slashed(matches)}`]),
    ...(json === undefined
      ? []
      : [
          `${Object.keys(json)
            .map((path) => quote(path))
            .join(", ")} as wanted`,
        ]),
  ];
  return pass([status, ...seen].join(", "));
}

/** Before a connection stands, these say that the server refuses its users. */
const refusals = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE"]);

function judgeBroken(broken: Extract<Exchange, { kind: "broken" }>, wanted: Wanted): Found {
  const words = oneLine(broken.message, { max: 200 });
  if (broken.interrupted) return error("interrupted before the answer");
  switch (broken.stage) {
    case "connecting":
      if (broken.timedOut) return error(`no connection within ${wanted.timeout} ms`);
      if (refusals.has(broken.code)) return fail(`connection refused: ${words}`);
      return error(`no connection: ${words}`);
    case "securing":
      if (broken.timedOut) return fail(`connected, but no TLS within ${wanted.timeout} ms`);
      if (unknownIssuers.has(broken.code)) {
        return error(
          `this machine does not trust the certificate (${words}); \`tls: { ca }\` can name its issuer`,
        );
      }
      if (badCertificates.has(broken.code)) return fail(`bad certificate: ${words}`);
      return fail(`connected, but no TLS: ${words}`);
    case "waiting":
      if (broken.timedOut) return fail(`connected, but no answer within ${wanted.timeout} ms`);
      return fail(`connected, but the connection broke before an answer: ${words}`);
    case "reading":
      if (broken.timedOut) {
        return fail(
          `the answer was not complete within ${wanted.timeout} ms (${broken.received} bytes came)`,
        );
      }
      return fail(`the answer broke off after ${broken.received} bytes: ${words}`);
  }
}

function said(body: Uint8Array | null): string {
  const text = oneLine(body ?? "", { max: shownMax }).trim();
  return text === "" ? "" : `; it begins "${text}"`;
}

function quote(text: string): string {
  return `"${oneLine(text, { max: shownMax })}"`;
}

function slashed(pattern: string | undefined): string {
  return `/${oneLine(pattern ?? "", { max: shownMax })}/`;
}
