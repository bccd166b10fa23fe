import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { durationText } from "../core/plan/durations.ts";
import { oneLine } from "../core/printable.ts";
import type { Shown } from "./certificate-shown.ts";
import { badCertificates, unknownIssuers } from "./certificate-trouble.ts";
import { error, fail, type Found, pass } from "./probe-answers.ts";

interface Wanted {
  readonly name: string;
  readonly expiresInMs: number;
  readonly timeoutMs: number;
  /** The controller's time, in milliseconds since 1970. */
  readonly nowMs: number;
}

/** What a server showed, held against what is wanted of its certificate. */
export function judgeShown(shown: Shown, wanted: Wanted): Found {
  if (shown.kind === "unable") return error(shown.because);
  if (shown.kind === "broken") return judgeBroken(shown, wanted);
  const certificate = readCertificate(shown.certificate);
  if (certificate === null) return error("the server's certificate can't be read");
  const { name } = wanted;
  const isFor = isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name);
  if (isFor === undefined) {
    const names = oneLine(certificate.subjectAltName ?? "no name", { max: 120 });
    return fail(`bad certificate: it is for ${names}, and not for ${oneLine(name, { max: 80 })}`);
  }
  const until = `until ${oneLine(certificate.validTo, { max: 60 })}`;
  const { chainTrouble: trouble } = shown;
  if (unknownIssuers.has(trouble))
    return error(
      `this machine does not trust the certificate (${trouble}); \`ca\` can name its issuer`,
    );
  if (badCertificates.has(trouble)) return fail(`bad certificate: ${trouble}, ${until}`);
  if (trouble !== "") return error(`the certificate's chain can't be checked: ${trouble}`);
  const leftMs = Date.parse(certificate.validTo) - wanted.nowMs;
  if (Number.isNaN(leftMs)) return error(`the certificate's date can't be read, ${until}`);
  const left = `the certificate is valid for ${daysOrHours(leftMs)} more, ${until}`;
  return leftMs < wanted.expiresInMs
    ? fail(`${left}, expected ${durationText(wanted.expiresInMs)}`)
    : pass(left);
}

function judgeBroken(broken: Extract<Shown, { kind: "broken" }>, { timeoutMs }: Wanted): Found {
  const words = oneLine(broken.message, { max: 200 });
  const within = `within ${timeoutMs} ms`;
  if (broken.refused) return fail(`connection refused: ${words}`);
  if (!broken.connected)
    return error(broken.timedOut ? `no connection ${within}` : `no connection: ${words}`);
  return fail(
    broken.timedOut ? `connected, but no TLS ${within}` : `connected, but no TLS: ${words}`,
  );
}

function readCertificate(bytes: string | Uint8Array): X509Certificate | null {
  try {
    return new X509Certificate(bytes);
  } catch {
    // A server may show anything; what can't be read tells nothing.
    return null;
  }
}

function daysOrHours(ms: number): string {
  const hours = Math.floor(ms / 3_600_000);
  return hours >= 48 ? `${Math.floor(hours / 24)} days` : `${hours} hours`;
}
