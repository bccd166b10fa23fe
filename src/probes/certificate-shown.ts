import { isIP } from "node:net";
import { connect } from "node:tls";
import { timerMaxMs } from "../core/plan/durations.ts";
import type { Trust } from "./tls-trust.ts";

export interface ShowOrder {
  readonly host: string;
  readonly port: number;
  /** The name to ask for. */
  readonly name: string;
  readonly trust: Trust;
  readonly timeoutMs: number;
}

/** What a server showed when it was asked for a connection with TLS. */
export type Shown =
  | {
      readonly kind: "shown";
      /** The server's own certificate, PEM or DER. */
      readonly certificate: string | Uint8Array;
      /** Why the chain is not trusted, as Node names it, e.g. CERT_HAS_EXPIRED; "" where it is. */
      readonly chainTrouble: string;
    }
  | {
      readonly kind: "broken";
      readonly connected: boolean;
      readonly timedOut: boolean;
      readonly refused: boolean;
      readonly message: string;
    }
  /** Nothing is known of the server. */
  | { readonly kind: "unable"; readonly because: string };

/** Asks from the controller. */
export function showCertificate(order: ShowOrder, signal: AbortSignal): Promise<Shown> {
  const { host, port, name, trust } = order;
  return new Promise((resolve) => {
    let connected = false;
    const socket = connect({
      host,
      port,
      // An address is no name to ask for (RFC 6066 §3).
      servername: isIP(name) === 0 ? name : "",
      // The certificate is judged apart, so that each trouble gets its own words.
      rejectUnauthorized: false,
      ...(trust.ca === null ? {} : { ca: Buffer.from(trust.ca) }),
    });
    const end = (shown: Shown): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      socket.destroy();
      resolve(shown);
    };
    const broken = (timedOut: boolean, refused: boolean, message: string): void =>
      end({ kind: "broken", connected, timedOut, refused, message });
    const stop = (): void => end({ kind: "unable", because: "interrupted before the certificate" });
    const timer = setTimeout(() => broken(true, false, ""), Math.min(order.timeoutMs, timerMaxMs));
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    socket.once("connect", () => (connected = true));
    socket.once("secureConnect", () => {
      const certificate = socket.getPeerX509Certificate()?.raw;
      if (certificate === undefined) broken(false, false, "the server showed no certificate");
      else
        end({
          kind: "shown",
          certificate,
          chainTrouble: socket.authorized ? "" : String(socket.authorizationError),
        });
    });
    socket.once("error", (problem: NodeJS.ErrnoException) => {
      const message = problem.message === "" ? (problem.code ?? "") : problem.message;
      broken(false, problem.code === "ECONNREFUSED", message);
    });
  });
}
