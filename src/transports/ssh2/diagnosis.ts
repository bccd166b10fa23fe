import type { Failure } from "../../core/failure.ts";
import {
  connectionLost,
  hostKeyChanged,
  hostKeyRevoked,
  hostKeyUnknown,
  loginRefused,
  nameUnknown,
  refused,
  timedOut,
  unsupported,
} from "../connect-failure.ts";
import type { Hop } from "./hop.ts";
import type { KeyVerdict } from "./known-hosts.ts";

/** Why a server's key was not taken; null where it was. */
export function explainVerdict(hop: Hop, verdict: KeyVerdict): Failure | null {
  const name = hop.knownNames[0] ?? hop.hostname;
  switch (verdict.kind) {
    case "known":
      return null;
    case "unknown":
      return hostKeyUnknown(hop.host, name, hop.knownHostsFiles[0] ?? "~/.ssh/known_hosts");
    case "changed":
      return hostKeyChanged(hop.host, name, verdict.file);
    case "revoked":
      return hostKeyRevoked(hop.host, name, verdict.file);
    case "authority":
      return unsupported(
        hop.host,
        `${verdict.file} knows it by an authority only (@cert-authority), and ssh2 can't check host certificates`,
      );
  }
}

/** What an error of the ssh2 library, or of the socket below it, means. */
export function explainError(hop: Hop, error: Error, passedOver: readonly string[]): Failure {
  const { host } = hop;
  const code = "code" in error ? error.code : undefined;
  const level = "level" in error ? error.level : undefined;
  // An attempt on several addresses fails with one error that holds theirs, and says nothing itself.
  const reason = error.message === "" ? String(code) : error.message;
  switch (code) {
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EAI_FAIL":
      return nameUnknown(host, reason);
    case "ECONNREFUSED":
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return refused(host, reason);
    case "ETIMEDOUT":
      return timedOut(host, null);
  }
  if (level === "client-authentication" || /authentication failures/i.test(reason)) {
    return loginRefused(
      host,
      [`no key was accepted for user "${hop.user}"`, ...passedOver].join("; "),
    );
  }
  if (level === "handshake" && /no matching/i.test(reason)) return unsupported(host, reason);
  return connectionLost(host, reason);
}
