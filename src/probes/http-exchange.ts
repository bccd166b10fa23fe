import { request as requestHttp, type IncomingMessage, type RequestOptions } from "node:http";
import { request as requestHttps } from "node:https";
import type { ConnectionOptions } from "node:tls";
import { timerMaxMs } from "../core/plan/durations.ts";
import type { Trust } from "./tls-trust.ts";

export interface ExchangeOrder {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** `serverName` null: the host of the address. */
  readonly tls: Trust & { readonly serverName: string | null };
  /** Milliseconds for all of it, from the name lookup to the last byte. */
  readonly timeoutMs: number;
  /** Bytes of the answer's body that are kept; reading ends there. */
  readonly bodyBytesMax: number;
  readonly signal: AbortSignal;
}

/** How far it got: nobody is there yet, the certificate is being looked at, asked, answering. */
export type ExchangeStage = "connecting" | "securing" | "waiting" | "reading";

export type Exchange =
  | {
      readonly kind: "answered";
      readonly status: number;
      /** Names in lower case. */
      readonly headers: Readonly<Record<string, string>>;
      /** The value of each Set-Cookie header. */
      readonly setCookies: readonly string[];
      /** null: what was used to ask does not show the body of an answer with this status. */
      readonly body: Uint8Array | null;
      /** There was more than `bodyBytesMax`. */
      readonly cut: boolean;
      /** Milliseconds until it was complete, from before the name lookup. */
      readonly tookMs: number;
    }
  /** What was used to ask can't do this, or does not tell: nothing is known of the service. */
  | { readonly kind: "unable"; readonly because: string }
  | {
      readonly kind: "broken";
      readonly stage: ExchangeStage;
      readonly timedOut: boolean;
      readonly interrupted: boolean;
      /** Node's error code, e.g. ECONNREFUSED; "" without one. */
      readonly code: string;
      readonly message: string;
      /** Bytes of the body that had come. */
      readonly received: number;
    };

/**
 * One request over a connection of its own, as a new user would make it. Not by `fetch`, which does
 * not say how far it got: a server that takes the connection and never answers does not serve its
 * users, while a connection that never came about says nothing certain about it.
 */
export function exchange(order: ExchangeOrder): Promise<Exchange> {
  return new Promise((resolve) => {
    let stage: ExchangeStage = "connecting";
    let timedOut = false;
    const startedMs = performance.now();
    const chunks: Uint8Array[] = [];
    let received = 0;

    const broken = (problem: unknown): void => {
      clearTimeout(timer);
      const { code, message } = plain(problem);
      const interrupted = !timedOut && order.signal.aborted;
      resolve({ kind: "broken", stage, timedOut, interrupted, code, message, received });
    };
    const answered = (response: IncomingMessage, cut: boolean): void => {
      clearTimeout(timer);
      resolve({
        kind: "answered",
        status: response.statusCode ?? 0,
        headers: headersOf(response),
        setCookies: response.headers["set-cookie"] ?? [],
        body: Buffer.concat(chunks).subarray(0, order.bodyBytesMax),
        cut,
        tookMs: Math.round(performance.now() - startedMs),
      });
    };

    const secure = order.url.protocol === "https:";
    const { ca, insecure, serverName } = order.tls;
    const options: RequestOptions & ConnectionOptions = {
      method: order.method,
      headers: { "accept-encoding": "identity", ...order.headers, connection: "close" },
      agent: false,
      signal: order.signal,
      ...(secure && insecure ? { rejectUnauthorized: false } : {}),
      ...(secure && ca !== null ? { ca: Buffer.from(ca) } : {}),
      ...(secure && serverName !== null ? { servername: serverName } : {}),
    };
    const timer = setTimeout(
      () => {
        timedOut = true;
        request.destroy(new Error("no answer in time"));
      },
      Math.min(order.timeoutMs, timerMaxMs),
    );
    let request: ReturnType<typeof requestHttp>;
    try {
      request = (secure ? requestHttps : requestHttp)(order.url, options);
    } catch (problem) {
      broken(problem);
      return;
    }
    request.on("socket", (socket) => {
      socket.once("connect", () => (stage = secure ? "securing" : "waiting"));
      socket.once("secureConnect", () => (stage = "waiting"));
    });
    request.on("error", broken);
    request.on("response", (response) => {
      stage = "reading";
      response.on("data", (chunk: Uint8Array) => {
        chunks.push(chunk);
        received += chunk.length;
        if (received <= order.bodyBytesMax) return;
        answered(response, true);
        request.destroy();
      });
      response.on("error", broken);
      response.on("end", () => answered(response, false));
    });
    request.end(order.body ?? undefined);
  });
}

function headersOf(response: IncomingMessage): Readonly<Record<string, string>> {
  const pairs = Object.entries(response.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(", ") : (value ?? ""),
  ]);
  return Object.fromEntries(pairs);
}

function plain(problem: unknown): { readonly code: string; readonly message: string } {
  if (!(problem instanceof Error)) return { code: "", message: String(problem) };
  const code = "code" in problem && typeof problem.code === "string" ? problem.code : "";
  // A name with several addresses gives one error that only holds the others.
  const first: unknown = problem instanceof AggregateError ? problem.errors[0] : problem;
  const message = first instanceof Error ? first.message : problem.message;
  return { code, message: message === "" ? code : message };
}
