import { z } from "zod";
import { duration } from "../core/plan/durations.ts";

const status = z.int().min(100).max(599);
const text = z.string().min(1);
const headerName = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, {
  error: "must be the name of a header",
});

/** What a plan may write under a probe's `http`. */
export const httpProbeArgs = z
  .strictObject({
    url: z
      .string()
      .refine(isWebAddress, { error: "must begin with http:// or https:// and name a host" })
      .describe(
        "What to ask for. It is asked from the controller, over a new connection each time.",
      ),
    method: z
      .enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
      .optional()
      .describe("Default: POST when there is a body, else GET."),
    headers: z.record(headerName, z.string()).default({}).describe("Headers to send, by name."),
    body: z.string().optional().describe("What to send, as it is."),
    status: z
      .union([status, z.array(status).min(1)])
      .optional()
      .describe("The status, or the statuses, of a healthy answer. Default: any 2xx."),
    contains: text.optional().describe("Text that the answer must contain."),
    notContains: text.optional().describe("Text that the answer must not contain."),
    header: z
      .record(headerName, text)
      .default({})
      .describe("Headers that the answer must have, each with a text that it must contain."),
    redirects: z
      .boolean()
      .default(false)
      .describe("Follow redirects, at most five. Default: a redirect is judged by its own status."),
    timeout: duration
      .prefault("5s")
      .describe("How long all of it may take, from the name lookup to the last byte."),
  })
  .refine(
    (given) => given.body === undefined || !["GET", "HEAD"].includes(given.method ?? "POST"),
    {
      error: "GET and HEAD send no body",
      path: ["body"],
    },
  )
  .describe("Asks a web server, as a user would, and looks at status and content.");

export type HttpProbeArgs = z.output<typeof httpProbeArgs>;

function isWebAddress(written: string): boolean {
  // A variable at the start may stand for the scheme and all that follows.
  if (written.startsWith("${")) return true;
  const plain = written.replace(/(:?)\$\{[^}]*\}/g, (_, colon: string) => (colon ? ":1" : "x"));
  const url = URL.parse(plain);
  return url !== null && ["http:", "https:"].includes(url.protocol) && url.hostname !== "";
}
