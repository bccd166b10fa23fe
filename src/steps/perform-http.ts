import type { Answer } from "../core/answer.ts";
import type { FailureCode } from "../core/failure.ts";
import { timerMaxMs } from "../core/plan/durations.ts";
import type { HttpRequest } from "../ports/step-kind.ts";

/** Bytes of an answer that are kept; the rest is left unread. */
export const httpBodyBytesMax = 64 * 1024;

export interface HttpStepResult {
  readonly status: number;
  /** Is this one of the statuses that the step counts as done? */
  readonly expected: boolean;
  /** The beginning of the answer, as text; host data, so never to a terminal as it is. */
  readonly body: string;
}

/**
 * Sends one request and waits for its answer. Never sends twice: no retry, no redirect, no kept
 * connection. `not-sent` where no byte of the request can have reached the server; everything that
 * goes wrong later is `unknown`, because the server may have done what it was asked.
 */
export async function performHttp(
  order: HttpRequest,
  parts: { readonly fetch: typeof fetch; readonly signal: AbortSignal },
): Promise<Answer<HttpStepResult>> {
  const timeout = AbortSignal.timeout(Math.min(order.timeoutMs, timerMaxMs));
  const signal = AbortSignal.any([parts.signal, timeout]);
  const request = requestOf(order, signal);
  if (typeof request === "string") {
    return notSent("STEP_INPUT", `the request to "${order.url}" can't be made: ${request}`, order);
  }
  if (signal.aborted) return notSent("STEP_INTERRUPTED", "interrupted before the request", order);
  let answered: Response;
  try {
    answered = await parts.fetch(request);
  } catch (error) {
    return whyNoAnswer(error, order, timeout.aborted, signal.aborted);
  }
  const expected = order.status.length === 0 ? answered.ok : order.status.includes(answered.status);
  // The status has come, so what was asked is answered; a body that breaks off is only shorter.
  const body = await beginning(answered);
  return { kind: "result", value: { status: answered.status, expected, body } };
}

function requestOf(order: HttpRequest, signal: AbortSignal): Request | string {
  try {
    return new Request(order.url, {
      method: order.method,
      headers: { ...order.headers, connection: "close" },
      body: order.body,
      redirect: "manual",
      signal,
    });
  } catch (error) {
    return wordsOf(error);
  }
}

/** Error codes of Node and undici that prove that the request was not begun. */
const notSentCodes: Readonly<Record<string, FailureCode>> = {
  ECONNREFUSED: "CONNECT_REFUSED",
  ENOTFOUND: "CONNECT_DNS",
  EAI_AGAIN: "CONNECT_DNS",
  EAI_FAIL: "CONNECT_DNS",
  EHOSTUNREACH: "CONNECT_TIMEOUT",
  ENETUNREACH: "CONNECT_TIMEOUT",
  EADDRNOTAVAIL: "CONNECT_REFUSED",
  EMFILE: "CONNECT_REFUSED",
  UND_ERR_CONNECT_TIMEOUT: "CONNECT_TIMEOUT",
  // A certificate that is not accepted ends the connection before the request (RFC 8446 §4.4.2).
  CERT_HAS_EXPIRED: "CONNECT_REFUSED",
  DEPTH_ZERO_SELF_SIGNED_CERT: "CONNECT_REFUSED",
  SELF_SIGNED_CERT_IN_CHAIN: "CONNECT_REFUSED",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "CONNECT_REFUSED",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "CONNECT_REFUSED",
  ERR_TLS_CERT_ALTNAME_INVALID: "CONNECT_REFUSED",
};

function whyNoAnswer(
  error: unknown,
  order: HttpRequest,
  timedOut: boolean,
  aborted: boolean,
): Answer<never> {
  const cause = causeOf(error);
  const words = wordsOf(cause);
  const code = notSentCodes[codeOf(cause)];
  if (code !== undefined || words === "bad port") {
    return notSent(code ?? "STEP_INPUT", `${order.method} "${order.url}": ${words}`, order);
  }
  const what = timedOut
    ? `no answer within ${order.timeoutMs} ms`
    : aborted
      ? "interrupted before the answer"
      : words;
  return {
    kind: "unknown",
    failure: {
      code: timedOut ? "STEP_TIMEOUT" : aborted ? "STEP_INTERRUPTED" : "CONNECT_LOST",
      message: `${order.method} "${order.url}": ${what}`,
      hint: "ask the server whether it did what the request says before sending it again",
    },
  };
}

function notSent(code: FailureCode, message: string, order: HttpRequest): Answer<never> {
  const hint = `nothing was sent; try it from this machine: curl -v -X ${order.method} '${order.url}'`;
  return { kind: "not-sent", failure: { code, message, hint } };
}

/** fetch wraps what really happened; a name with several addresses wraps it once more. */
function causeOf(error: unknown): unknown {
  let cause = error;
  for (
    let depth = 0;
    depth < 4 && cause instanceof Error && cause.cause !== undefined;
    depth += 1
  ) {
    cause = cause.cause;
  }
  if (cause instanceof AggregateError && codeOf(cause) === "") return cause.errors[0];
  return cause;
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : "";
  return typeof code === "string" ? code : "";
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message === "" ? codeOf(error) : error.message;
}

async function beginning(answer: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let left = httpBodyBytesMax;
  try {
    for await (const chunk of answer.body ?? []) {
      text += decoder.decode(chunk.subarray(0, left), { stream: true });
      left -= chunk.length;
      if (left <= 0) break;
    }
  } catch (error) {
    text += `\n(the answer broke off: ${wordsOf(error)})`;
  }
  return text + decoder.decode();
}
