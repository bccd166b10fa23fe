import type { Failure } from "../core/failure.ts";
import type { Host } from "../core/plan/inventory.ts";

/** Characters of a program's or server's own words that are kept beside a failure. */
const detailMax = 2_000;
/** Characters of a message, which may quote a server. */
const messageMax = 1_000;

/** The host and where it is, for a message: `host "ap01" (deploy@ap01.example.com, port 2222)`. */
export function hostWords(host: Host): string {
  const user = host.user === null ? "" : `${host.user}@`;
  const port = host.port === null ? "" : `, port ${host.port}`;
  return `host "${host.name}" (${user}${host.address}${port})`;
}

/** Somebody answered, and it was a no: nothing listens there, or no way leads there. */
export function refused(host: Host, reason: string): Failure {
  return failure(host, {
    code: "CONNECT_REFUSED",
    message: `${hostWords(host)} takes no connection: ${reason}`,
    hint: `look by hand: ${sshCommand(host)}`,
  });
}

/** @param timeoutMs our own limit; null: the network itself gave up before that. */
export function timedOut(host: Host, timeoutMs: number | null): Failure {
  const within = timeoutMs === null ? "before the network gave up" : `within ${timeoutMs} ms`;
  return failure(host, {
    code: "CONNECT_TIMEOUT",
    message: `${hostWords(host)} did not let us in ${within}`,
    hint: `look where it stops: ${sshCommand(host)}`,
  });
}

export function nameUnknown(host: Host, reason: string): Failure {
  return failure(host, {
    code: "CONNECT_DNS",
    message: `the name of ${hostWords(host)} could not be looked up: ${reason}`,
    hint: `getent hosts ${host.address}`,
  });
}

/** @param name as known_hosts spells it, e.g. `[10.1.0.1]:2222`. */
export function hostKeyUnknown(host: Host, name: string, file: string): Failure {
  return failure(host, {
    code: "HOST_KEY_UNKNOWN",
    message: `the key of ${hostWords(host)} is not known: no line for "${name}" in ${file} fits it`,
    hint: `${keyscan(name)} prints the key that is offered now: compare its fingerprint (ssh-keygen -lf -) with one from a trusted source, then append it to ${file}`,
  });
}

/** @param name as known_hosts spells it. */
export function hostKeyChanged(host: Host, name: string, file: string): Failure {
  return failure(host, {
    code: "HOST_KEY_CHANGED",
    message: `${hostWords(host)} has another key than the one known for "${name}" in ${file}: it was made anew, or somebody listens in`,
    hint: `ask who runs the host for its new fingerprint; only if it fits what ${keyscan(name)} prints: ssh-keygen -f ${shellWord(file)} -R ${shellWord(name)}`,
  });
}

export function hostKeyRevoked(host: Host, name: string, file: string): Failure {
  return failure(host, {
    code: "HOST_KEY_CHANGED",
    message: `the key of ${hostWords(host)} is marked @revoked for "${name}" in ${file}`,
    hint: `do not connect; ask who runs the host, and see: ssh-keygen -f ${shellWord(file)} -F ${shellWord(name)}`,
  });
}

export function loginRefused(host: Host, reason: string): Failure {
  return failure(host, {
    code: "AUTH_FAILED",
    message: `${hostWords(host)} did not accept the login: ${reason}`,
    hint: `ssh-add -l lists the agent's keys; look which are tried: ${sshCommand(host)}`,
  });
}

export function connectionLost(host: Host, reason: string): Failure {
  return failure(host, {
    code: "CONNECT_LOST",
    message: `the connection to ${hostWords(host)} is gone: ${reason}`,
    hint: `see whether it answers: ${sshCommand(host)}`,
  });
}

export function givenUp(host: Host): Failure {
  return failure(host, {
    code: "CONNECT_LOST",
    message: `connecting to ${hostWords(host)} was given up on request`,
    hint: "nothing was sent; start again when you are ready",
  });
}

/** @param hint what to do about it; by default to take the transport that can do everything ssh can. */
export function unsupported(host: Host, reason: string, hint?: string): Failure {
  return failure(host, {
    code: "TRANSPORT_UNSUPPORTED",
    message: `${hostWords(host)} can't be reached via ${host.via}: ${reason}`,
    hint: hint ?? "give the host `via: openssh` in the inventory",
  });
}

/** Adds the words of a program or server, bounded to their end. ssh ends some lines as a terminal does. */
export function withDetail(of: Failure, detail: string): Failure {
  const text = detail.replace(/\r+$/gm, "").trim();
  return text === "" ? of : { ...of, detail: text.slice(-detailMax) };
}

/** A word for a POSIX shell, bare where it may be. For hints only: nothing here is run. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./~-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function failure(host: Host, about: Pick<Failure, "code" | "message" | "hint">): Failure {
  // A server may choose some of these words.
  return { ...about, message: about.message.slice(0, messageMax), host: host.name };
}

function sshCommand(host: Host): string {
  const port = host.port === null ? "" : ` -p ${host.port}`;
  const user = host.user === null ? "" : ` -l ${shellWord(host.user)}`;
  const identity = host.identity === null ? "" : ` -i ${shellWord(host.identity)}`;
  return `ssh -v -o BatchMode=yes${port}${user}${identity} -- ${shellWord(host.address)} true`;
}

function keyscan(name: string): string {
  const [, address, port] = /^\[(.*)\]:(\d+)$/.exec(name) ?? [];
  return address === undefined
    ? `ssh-keyscan ${shellWord(name)}`
    : `ssh-keyscan -p ${port} ${shellWord(address)}`;
}
