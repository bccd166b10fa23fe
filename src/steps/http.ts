import { z } from "zod";
import { duration } from "../core/plan/durations.ts";
import type { StepKind } from "../ports/step-kind.ts";
import { withoutVariables } from "./target-path.ts";

const status = z.int().min(100).max(599);

const args = z
  .strictObject({
    url: z
      .string()
      .refine((url) => isWebAddress(url), {
        error: "must begin with http:// or https:// and name a host",
      })
      .describe("Where the request goes. It is sent from the controller."),
    method: z
      .enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
      .optional()
      .describe("Default: POST when there is a body, else GET."),
    headers: z
      .record(z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/), z.string())
      .default({})
      .describe("Headers to send, by name."),
    body: z.string().optional().describe("What to send, as it is."),
    status: z
      .union([status, z.array(status).min(1)])
      .optional()
      .describe("The status, or the statuses, that count as done. Default: any 2xx."),
    timeout: duration.prefault("30s").describe("How long the whole exchange may take."),
  })
  .refine(
    (given) => given.body === undefined || !["GET", "HEAD"].includes(given.method ?? "POST"),
    {
      error: "GET and HEAD send no body",
      path: ["body"],
    },
  )
  .describe("One HTTP request from the controller: to drain a load balancer, say.");

export type HttpStepArgs = z.output<typeof args>;

/** `http: { url, … }`. Redirects are not followed: a request that changes something goes to one place. */
export const http: StepKind<HttpStepArgs> = {
  name: "http",
  args,
  substitutes: true,
  places: ["controller"],
  refers: () => [],
  review: ({ url }) => (isWebAddress(url) ? [] : [`"${url}" is no http:// or https:// address`]),
  orders: (given) => {
    const method = methodOf(given);
    const { status: wanted = [] } = given;
    return {
      do: "http",
      request: {
        url: given.url,
        method,
        headers: given.headers,
        body: given.body ?? null,
        status: typeof wanted === "number" ? [wanted] : wanted,
        timeoutMs: given.timeout,
      },
      summary: `${method} ${given.url}`,
    };
  },
};

function methodOf(given: HttpStepArgs): string {
  return given.method ?? (given.body === undefined ? "GET" : "POST");
}

function isWebAddress(text: string): boolean {
  // A variable at the start may stand for the scheme and all that follows.
  if (text.startsWith("${")) return true;
  const url = URL.parse(withoutVariables(text));
  return url !== null && ["http:", "https:"].includes(url.protocol) && url.hostname !== "";
}
