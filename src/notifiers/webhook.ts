import { createHmac } from "node:crypto";
import { z } from "zod";
import type { NotifierKind } from "../ports/notifier.ts";
import { hostOf, secretName, webAddress } from "./address-args.ts";
import { noticeJson } from "./notice-json.ts";
import { postJson, postTimeoutMs } from "./post-json.ts";

const headerName = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, { error: "must be the name of a header" })
  .refine((name) => !/^(webhook-|content-|connection$|host$)/i.test(name), {
    error: "is a header that Handrail sets itself",
  });

const args = z
  .union([
    webAddress.transform((text): WebhookArgs => ({ url: text, headers: {} })),
    z.strictObject({
      url: webAddress.describe("Where the notice goes."),
      headers: z.record(headerName, z.string()).default({}).describe("Headers to send, by name."),
      secret: secretName.optional().describe("Signs each notice: HMAC-SHA256 (docs/notices.md)."),
      body: z
        .record(z.string(), z.unknown())
        .optional()
        .describe(
          "What is posted instead: any JSON, with ${notice.text} and the like in its texts.",
        ),
    }),
  ])
  .describe("Posts the notice as JSON to a web address.");

export interface WebhookArgs {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly secret?: string | undefined;
  readonly body?: Readonly<Record<string, unknown>> | undefined;
}

/** `webhook: "https://…"`, or `webhook: { url, headers, secret, body }`. Told when the answer is any 2xx. */
export const webhook = webhookWithin(postTimeoutMs);

/** The webhook with another bound, in milliseconds, so that a test need not wait for the real one. */
export function webhookWithin(timeoutMs: number): NotifierKind<WebhookArgs> {
  return {
    name: "webhook",
    args,
    fills: ["body"],
    receiver: ({ url }) => `webhook to ${hostOf(url)}`,
    tell({ url, headers: own, secret, body: wanted }, notice, signal) {
      const body = JSON.stringify(wanted ?? noticeJson(notice));
      const timestamp = String(Math.floor(Date.now() / 1_000));
      const headers = new Headers({ ...own });
      headers.set("webhook-id", notice.id);
      headers.set("webhook-timestamp", timestamp);
      if (secret !== undefined)
        headers.set("webhook-signature", signature(secret, { id: notice.id, timestamp, body }));
      return postJson({ url, headers, body, what: "the webhook", timeoutMs, signal });
    },
  };
}

export interface Signed {
  readonly id: string;
  /** Seconds since 1970, of this try. */
  readonly timestamp: string;
  readonly body: string;
}

/**
 * The signature as Standard Webhooks 1.0 has it (https://www.standardwebhooks.com): HMAC-SHA256 over
 * `id.timestamp.body`, in base64 behind `v1,`. A secret that begins with `whsec_` is base64 behind
 * that; any other counts byte by byte.
 */
export function signature(secret: string, { id, timestamp, body }: Signed): string {
  const key = secret.startsWith("whsec_")
    ? Buffer.from(secret.slice("whsec_".length), "base64")
    : Buffer.from(secret, "utf8");
  const mac = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return `v1,${mac}`;
}
