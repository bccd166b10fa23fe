import { z } from "zod";
import type { NotifierKind } from "../ports/notifier.ts";

/** Milliseconds within which a notice is told or given up. */
export const webhookTimeoutMs = 10_000;

const url = z.string().refine((text) => text.startsWith("${") || /^https?:\/\/[^/\s]+/.test(text), {
  error: "must begin with http:// or https:// and name a host",
});

const headerName = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, {
  error: "must be the name of a header",
});

const args = z
  .union([
    url.transform((text): { url: string; headers: Record<string, string> } => ({
      url: text,
      headers: {},
    })),
    z.strictObject({
      url: url.describe("Where the notice goes."),
      headers: z.record(headerName, z.string()).default({}).describe("Headers to send, by name."),
    }),
  ])
  .describe('Posts {"kind","rollout","at","text"} as JSON to a web address.');

export type WebhookArgs = z.output<typeof args>;

/** `webhook: "https://…"`, or `webhook: { url, headers }`. Told when the answer is any 2xx. */
export const webhook = webhookWithin(webhookTimeoutMs);

/** The webhook with another bound, in milliseconds, so that a test need not wait for the real one. */
export function webhookWithin(timeoutMs: number): NotifierKind<WebhookArgs> {
  return {
    name: "webhook",
    args,
    async tell(given, notice, signal) {
      const timeout = AbortSignal.timeout(timeoutMs);
      let answer: Response;
      try {
        answer = await fetch(given.url, {
          method: "POST",
          headers: { "content-type": "application/json", ...given.headers, connection: "close" },
          body: JSON.stringify({
            kind: notice.kind,
            rollout: notice.rollout,
            at: notice.at,
            text: notice.text,
          }),
          redirect: "manual",
          signal: AbortSignal.any([signal, timeout]),
        });
      } catch (problem) {
        const why = timeout.aborted ? `no answer within ${timeoutMs} ms` : innermost(problem);
        throw new Error(`the webhook at ${host(given.url)} was not told: ${why}`, {
          cause: problem,
        });
      }
      // The status is all that counts; what else it says is not read.
      await answer.body?.cancel();
      if (!answer.ok) {
        throw new Error(`the webhook at ${host(given.url)} answered with status ${answer.status}`);
      }
    },
  };
}

/** Only the host: the path of a webhook is often its secret. */
function host(text: string): string {
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
