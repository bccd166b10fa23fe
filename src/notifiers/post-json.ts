/** Milliseconds within which a notice is posted or given up. */
export const postTimeoutMs = 10_000;

export interface PostOrder {
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
  /** As in "the webhook at 127.0.0.1". */
  readonly what: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Posts it, without following a redirect: it would carry headers and text to where nobody sent them.
 * Resolves at any 2xx, rejects with a sentence that names the host alone.
 */
export async function postJson(order: PostOrder): Promise<void> {
  const { url, headers, body, timeoutMs, signal } = order;
  const what = `${order.what} at ${hostOf(url)}`;
  const timeout = AbortSignal.timeout(timeoutMs);
  headers.set("content-type", "application/json");
  headers.set("connection", "close");
  let answer: Response;
  try {
    answer = await fetch(url, {
      method: "POST",
      headers,
      body,
      redirect: "manual",
      signal: AbortSignal.any([signal, timeout]),
    });
  } catch (problem) {
    const why = timeout.aborted ? `no answer within ${timeoutMs} ms` : innermost(problem);
    throw new Error(`${what} was not told: ${why}`, { cause: problem });
  }
  // The status is all that counts; what else it says is not read.
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`${what} answered with status ${answer.status}`);
}

/** Only the host: the path of a webhook is often its secret. */
function hostOf(text: string): string {
  return URL.parse(text)?.host ?? "an address that can't be read";
}

function innermost(problem: unknown): string {
  let cause = problem;
  for (let depth = 0; depth < 4; depth += 1) {
    if (!(cause instanceof Error) || cause.cause === undefined) break;
    cause = cause.cause;
  }
  if (cause instanceof AggregateError && cause.message === "") cause = cause.errors[0];
  return cause instanceof Error ? cause.message : String(cause);
}
