import { z } from "zod";
import { duration } from "../core/plan/durations.ts";
import type { ProbeKind } from "../ports/probe-kind.ts";
import { judgeShown } from "./certificate-verdict.ts";
import { showCertificate } from "./certificate-shown.ts";
import { showOnHost } from "./certificate-on-host.ts";
import { hostAddress, readAddress } from "./host-address.ts";
import { tlsOptions } from "./http-args.ts";
import { error, timed } from "./probe-answers.ts";
import { certificateAuthority } from "./tls-trust.ts";

const { ca, serverName } = tlsOptions.shape;

const args = z
  .strictObject({
    address: hostAddress.describe('"host:port"; an IPv6 address stands in brackets.'),
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

/** `tls: { address, expiresIn }`. */
export const tls: ProbeKind<TlsArgs> = {
  name: "tls",
  args,
  substitutes: true,
  place: "controller",
  places: ["controller", "host"],
  unproved: () => ({ because: "only looks at the certificate", suggestion: null }),
  ask: (given, context) =>
    timed(async () => {
      const there = readAddress(given.address);
      if (there === null) return error(`"${given.address}" is not "host:port"`);
      const trust = await certificateAuthority(
        given.ca === undefined ? {} : { ca: given.ca },
        context,
      );
      if ("trouble" in trust) return error(trust.trouble);
      const name = given.serverName ?? there.host;
      const order = { ...there, name, trust, timeoutMs: given.timeout };
      const shown =
        context.place === "host"
          ? await showOnHost(order, context)
          : await showCertificate(order, context.signal);
      return judgeShown(shown, {
        name,
        expiresInMs: given.expiresIn,
        timeoutMs: given.timeout,
        nowMs: Date.now(),
      });
    }),
};
