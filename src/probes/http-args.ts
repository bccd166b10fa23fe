import { z } from "zod";
import { duration } from "../core/plan/durations.ts";
import { jsonPath, jsonWanted, pattern } from "./json-wanted.ts";
import { multipart } from "./multipart.ts";

/** Requests of one sequence. */
const sequenceMax = 10;

/** Redirects followed where the plan says no number, as curl --max-redirs 5. */
export const redirectsUsual = 5;

const redirectsMax = 20;

const status = z.int().min(100).max(599);
const text = z.string().min(1);
const headerName = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, {
  error: "must be the name of a header",
});

export const webAddress = z
  .string()
  .refine(isWebAddress, { error: "must begin with http:// or https:// and name a host" });

const url = webAddress.describe("What to ask for, over a new connection each time.");

export const httpHeaders = z.record(headerName, z.string()).describe("Headers to send, by name.");

/** One request, and what its answer must be. */
const requestKeys = {
  method: z
    .enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
    .optional()
    .describe("Default: POST when there is something to send, else GET."),
  headers: httpHeaders.optional(),
  body: z.string().optional().describe("What to send, as it is."),
  multipart: multipart.optional(),
  status: z
    .union([status, z.array(status).min(1)])
    .optional()
    .describe("The status, or the statuses, of a healthy answer. Default: any 2xx."),
  contains: text.optional().describe("Text that the answer must contain."),
  notContains: text.optional().describe("Text that the answer must not contain."),
  matches: pattern
    .optional()
    .describe(
      "Regular expression (JavaScript's, ^ and $ at each line) that the answer must match somewhere.",
    ),
  json: jsonWanted.optional(),
  value: jsonPath
    .optional()
    .describe("For a metric: path to the number in an answer in JSON, such as $.requests."),
  header: z
    .record(headerName, text)
    .optional()
    .describe("Headers that the answer must have, each with a text that it must contain."),
  within: duration
    .optional()
    .describe("The answer must be complete within this time; later, it fails."),
  redirects: z
    .union([z.boolean(), z.int().min(0).max(redirectsMax)])
    .optional()
    .describe(
      "Follow redirects: true for at most 5, or how many. Default: a redirect is judged by its own status.",
    ),
};

const requestShape = z.strictObject({ url, ...requestKeys });

export type HttpRequestArgs = z.output<typeof requestShape>;

const request = requestShape
  .superRefine(reviewRequest)
  .describe("One request of the sequence, and what its answer must be.");

/** How a certificate is checked; for probes that open a connection with TLS. */
export const tlsOptions = z
  .strictObject({
    ca: z
      .string()
      .regex(/^(?:\/|\$\{)[^\0]*$/, { error: "must be an absolute path" })
      .optional()
      .describe(
        "Absolute path, where the probe is asked from, of a PEM file: certificates signed by these are trusted, and no others.",
      ),
    serverName: text
      .optional()
      .describe(
        "The name to ask for (SNI), and the one on the certificate. Default: the URL's host.",
      ),
    insecure: z
      .boolean()
      .optional()
      .describe("true: the certificate is not checked at all; the preview says so. Default false."),
  })
  .refine((given) => given.insecure !== true || given.ca === undefined, {
    error: "no certificate is checked with insecure: true",
    path: ["ca"],
  })
  .describe("How the server's certificate is checked. Default: as the machine that asks trusts.");

export type TlsOptions = z.output<typeof tlsOptions>;

/** What a plan may write under a probe's `http`. */
export const httpProbeArgs = z
  .strictObject({
    url: url.optional(),
    ...requestKeys,
    sequence: z
      .array(request)
      .min(1, { error: "must have a request" })
      .max(sequenceMax)
      .optional()
      .describe(
        "Several requests, one after the other, that share their cookies: log in, then open the page. Instead of url and all that goes with it.",
      ),
    tls: tlsOptions.optional(),
    timeout: duration
      .prefault("5s")
      .describe("How long all of it may take, from the name lookup to the last byte."),
  })
  .superRefine((given, check) => {
    const problem = (path: string, message: string): void =>
      check.addIssue({ code: "custom", path: [path], message });
    if (given.sequence === undefined) {
      if (given.url === undefined) problem("url", "must be there, or a sequence of requests");
      reviewRequest(given, check);
      return;
    }
    const single = (["url", ...Object.keys(requestKeys)] as const).find(
      (key) => Object.getOwnPropertyDescriptor(given, key)?.value !== undefined,
    );
    if (single !== undefined) problem(single, "belongs to a request of the sequence");
  })
  .describe("Asks a web server, as a user would, and looks at status and content.");

export type HttpProbeArgs = z.output<typeof httpProbeArgs>;

/** The requests of a probe in order; a plan's single one is a sequence of one. */
export function requestsOf(given: HttpProbeArgs): readonly HttpRequestArgs[] {
  const { sequence, tls: _tls, timeout: _timeout, url: single, ...rest } = given;
  if (sequence !== undefined) return sequence;
  return single === undefined ? [] : [{ url: single, ...rest }];
}

function reviewRequest(
  given: Omit<HttpRequestArgs, "url">,
  check: { addIssue(issue: { code: "custom"; path: string[]; message: string }): void },
): void {
  const problem = (path: string, message: string): void =>
    check.addIssue({ code: "custom", path: [path], message });
  const { method = "POST" } = given;
  const sends = (["body", "multipart"] as const).find((key) => given[key] !== undefined);
  if (sends !== undefined && ["GET", "HEAD"].includes(method))
    problem(sends, "GET and HEAD send no body");
  if (given.body !== undefined && given.multipart !== undefined)
    problem("multipart", "only one of body and multipart is sent");
  const read = (["contains", "notContains", "matches", "json", "value"] as const).find(
    (key) => given[key] !== undefined,
  );
  if (method === "HEAD" && read !== undefined) problem(read, "an answer to HEAD has no body");
}

function isWebAddress(written: string): boolean {
  // A variable at the start may stand for the scheme and all that follows.
  if (written.startsWith("${")) return true;
  const plain = written.replace(/(:?)\$\{[^}]*\}/g, (_, colon: string) => (colon ? ":1" : "x"));
  const address = URL.parse(plain);
  return (
    address !== null && ["http:", "https:"].includes(address.protocol) && address.hostname !== ""
  );
}
