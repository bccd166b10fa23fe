import { isIP } from "node:net";
import { checkServerIdentity, connect, type PeerCertificate, type TLSSocket } from "node:tls";
import { z } from "zod";
import { duration, durationText } from "../core/plan/durations.ts";
import { oneLine } from "../core/printable.ts";
import type { ProbeKind } from "../ports/probe-kind.ts";
import { badCertificates, unknownIssuers } from "./certificate-trouble.ts";
import { tlsOptions } from "./http-args.ts";
import { error, fail, type Found, pass, timed } from "./probe-answers.ts";
import { addressPattern } from "./tcp.ts";
import { certificateAuthority, type Trust } from "./tls-trust.ts";

const { ca, serverName } = tlsOptions.shape;

const args = z
  .strictObject({
    address: z
      .string()
      .regex(addressPattern, { error: 'must be "host:port" (an IPv6 address in brackets)' })
      .describe('"host:port"; an IPv6 address stands in brackets.'),
    serverName: serverName.describe(
      "The name to ask for (SNI), and the one on the certificate. Default: the address's host.",
    ),
    ca,
    expiresIn: duration
      .prefault("7d")
      .describe("The certificate must be valid for at least so long. Default: 7d."),
    timeout: duration.prefault("5s").describe("How long all of it may take. Default: 5s."),
  })
  .describe(
    "The certificate of a server: its chain is trusted, its name is right, and it does not expire soon.",
  );

export type TlsArgs = z.output<typeof args>;

/** `tls: { address, expiresIn }`, asked from the controller. */
export const tls: ProbeKind<TlsArgs> = {
  name: "tls",
  args,
  substitutes: true,
  place: "controller",
  places: ["controller"],
  unproved: () => ({ because: "only looks at the certificate", suggestion: null }),
  ask: (given, context) =>
    timed(async () => {
      const match = /^(?:\[([^\]]+)\]|(.+)):(\d{1,5})$/.exec(given.address);
      const port = Number(match?.[3] ?? 0);
      if (match === null || port < 1 || port > 65_535)
        return error(`"${given.address}" is not "host:port"`);
      const trust = await certificateAuthority(
        given.ca === undefined ? {} : { ca: given.ca },
        context,
      );
      if ("trouble" in trust) return error(trust.trouble);
      const host = match[1] ?? match[2]!;
      return look({ given, host, port, trust, signal: context.signal });
    }),
};

interface Look {
  readonly given: TlsArgs;
  readonly host: string;
  readonly port: number;
  readonly trust: Trust;
  readonly signal: AbortSignal;
}

function look({ given, host, port, trust, signal }: Look): Promise<Found> {
  const name = given.serverName ?? host;
  return new Promise((resolve) => {
    let connected = false;
    const socket = connect({
      host,
      port,
      // An address is no name to ask for (RFC 6066 §3).
      servername: isIP(name) === 0 ? name : "",
      // The certificate is looked at here, so that each trouble gets its own words.
      rejectUnauthorized: false,
      ...(trust.ca === null ? {} : { ca: Buffer.from(trust.ca) }),
    });
    const end = (found: Found): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      socket.destroy();
      resolve(found);
    };
    const stop = (): void => end(error("interrupted before the certificate"));
    const timer = setTimeout(() => {
      const within = `within ${given.timeout} ms`;
      end(connected ? fail(`connected, but no TLS ${within}`) : error(`no connection ${within}`));
    }, given.timeout);
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    socket.once("connect", () => (connected = true));
    socket.once("secureConnect", () => end(judge(socket, name, given.expiresIn)));
    socket.once("error", (problem: NodeJS.ErrnoException) => {
      const words = oneLine(problem.message === "" ? (problem.code ?? "") : problem.message, {
        max: 200,
      });
      if (connected) end(fail(`connected, but no TLS: ${words}`));
      else if (problem.code === "ECONNREFUSED") end(fail(`connection refused: ${words}`));
      else end(error(`no connection: ${words}`));
    });
  });
}

function judge(socket: TLSSocket, name: string, expiresInMs: number): Found {
  const certificate = socket.getPeerCertificate();
  if (Object.keys(certificate).length === 0) return fail("the server showed no certificate");
  const wrongName = checkServerIdentity(name, certificate);
  if (wrongName !== undefined)
    return fail(`bad certificate: ${oneLine(wrongName.message, { max: 200 })}`);
  const trouble = socket.authorized ? "" : String(socket.authorizationError);
  if (unknownIssuers.has(trouble))
    return error(
      `this machine does not trust the certificate (${trouble}); \`ca\` can name its issuer`,
    );
  if (badCertificates.has(trouble))
    return fail(`bad certificate: ${trouble}, ${dates(certificate)}`);
  if (trouble !== "") return error(`the certificate's chain can't be checked: ${trouble}`);
  return judgeAge(certificate, expiresInMs);
}

function judgeAge(certificate: PeerCertificate, expiresInMs: number): Found {
  const until = Date.parse(certificate.valid_to);
  if (Number.isNaN(until))
    return error(`"${oneLine(certificate.valid_to, { max: 60 })}" is no date`);
  const leftMs = until - Date.now();
  const left = `the certificate is valid for ${daysOrHours(leftMs)} more, ${dates(certificate)}`;
  return leftMs < expiresInMs ? fail(`${left}, expected ${durationText(expiresInMs)}`) : pass(left);
}

function dates({ valid_to: until }: PeerCertificate): string {
  return `until ${oneLine(until, { max: 60 })}`;
}

function daysOrHours(ms: number): string {
  const hours = Math.floor(ms / 3_600_000);
  return hours >= 48 ? `${Math.floor(hours / 24)} days` : `${hours} hours`;
}
