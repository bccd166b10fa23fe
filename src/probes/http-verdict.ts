import { oneLine } from "../core/printable.ts";
import type { HttpProbeArgs } from "./http-args.ts";
import type { Exchange } from "./http-exchange.ts";
import { error, fail, type Found, pass } from "./probe-answers.ts";

/** Characters of an answer that a sentence quotes. */
const shownMax = 80;

type Wanted = Pick<HttpProbeArgs, "status" | "contains" | "notContains" | "header" | "timeout">;

/** What an exchange says about the service. docs/adding-a-probe.md has this as a table. */
export function judgeExchange(exchange: Exchange, wanted: Wanted): Found {
  return exchange.kind === "broken" ? judgeBroken(exchange, wanted) : judgeAnswer(exchange, wanted);
}

function judgeAnswer(answer: Extract<Exchange, { kind: "answered" }>, wanted: Wanted): Found {
  const statuses = typeof wanted.status === "number" ? [wanted.status] : (wanted.status ?? []);
  const expected = statuses.length === 0 ? "any 2xx" : statuses.join(" or ");
  const good =
    statuses.length === 0
      ? answer.status >= 200 && answer.status < 300
      : statuses.includes(answer.status);
  const location = answer.headers["location"];
  const to = location === undefined ? "" : ` to ${quote(location)}`;
  if (!good) return fail(`status ${answer.status}${to}, expected ${expected}${said(answer.body)}`);

  for (const [name, text] of Object.entries(wanted.header)) {
    const value = answer.headers[name.toLowerCase()];
    if (value === undefined) return fail(`status ${answer.status}, but no header ${quote(name)}`);
    if (!value.includes(text)) {
      return fail(`header ${quote(name)} is ${quote(value)}, and ${quote(text)} is not in it`);
    }
  }
  return judgeText(answer, wanted);
}

function judgeText(answer: Extract<Exchange, { kind: "answered" }>, wanted: Wanted): Found {
  const status = `status ${answer.status}`;
  if (wanted.contains === undefined && wanted.notContains === undefined) return pass(status);
  const encoding = answer.headers["content-encoding"] ?? "identity";
  if (encoding !== "identity") {
    return error(
      `${status}, but the answer is packed as ${quote(encoding)}, so its text can't be read`,
    );
  }
  const body = Buffer.from(answer.body);
  if (wanted.notContains !== undefined && body.includes(wanted.notContains)) {
    return fail(`${status}, but ${quote(wanted.notContains)} is in the answer`);
  }
  const missing = wanted.contains !== undefined && !body.includes(wanted.contains);
  if (answer.cut && (missing || wanted.notContains !== undefined)) {
    return error(`${status}, and the answer is longer than the ${body.length} bytes that are read`);
  }
  if (missing) {
    return fail(`${status}, but ${quote(wanted.contains ?? "")} is not in the answer${said(body)}`);
  }
  return pass(
    wanted.contains === undefined ? status : `${status}, contains ${quote(wanted.contains)}`,
  );
}

/** Before a connection stands, these say that the server refuses its users … */
const refusals = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE"]);

/** … and these that a browser would turn its users away (openssl-verification-options(1)). */
const badCertificates = new Set([
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_REVOKED",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);

/** The controller does not know who signed the certificate; users may well know. */
const unknownIssuers = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

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
          `this machine does not trust the certificate (${words}); NODE_EXTRA_CA_CERTS can name its issuer`,
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

function said(body: Uint8Array): string {
  const text = oneLine(body, { max: shownMax }).trim();
  return text === "" ? "" : `; it begins "${text}"`;
}

function quote(text: string): string {
  return `"${oneLine(text, { max: shownMax })}"`;
}
