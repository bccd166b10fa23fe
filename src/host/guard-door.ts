import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import type { Answer } from "../core/answer.ts";
import type { Failure } from "../core/failure.ts";
import type { Host } from "../core/plan/inventory.ts";
import type { Clock } from "../ports/clock.ts";
import type { GuardOptions, HostFacts } from "../ports/guard.ts";
import type { HostDoor } from "../ports/rehearsal.ts";
import type { Connection, Transport } from "../ports/transport.ts";
import { type Frame, numberOf, ProtocolError, textsOf } from "./frames.ts";
import { GuardLine } from "./guard-line.ts";
import { guardText, loaderText } from "./guard-text.ts";
import { spellingFault } from "./host-paths.ts";
import { RemoteGuard } from "./remote-guard.ts";
import { misspoke, plainName } from "./session.ts";
import { shellBytes } from "./shell-text.ts";

export interface GuardDoorParts {
  readonly transports: ReadonlyMap<string, Transport>;
  readonly clock: Clock;
  /** Milliseconds for connecting and logging in. */
  readonly connectTimeoutMs?: number;
  /** Milliseconds after which a peer that answers no keepalive counts as gone. */
  readonly keepaliveMs?: number;
  /** Milliseconds from login to the guard's hello. */
  readonly helloTimeoutMs?: number;
  /** Milliseconds that a request waits for a switch that fires, before it is refused. */
  readonly firingMaxMs?: number;
  /** Where guards look for tools first, and steps too. */
  readonly path?: string;
}

const connectTimeoutMs = 30_000;
const keepaliveMs = 30_000;
const helloTimeoutMs = 30_000;
/** An undo and the recoveries may take their time, and the restore of a large tree too. */
const firingMaxMs = 30 * 60_000;

/** Steps see what a root login would; what the login itself had comes after. */
const usualPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** What steps and probes may want to know about; facts name those that are there. */
const toolsAsked = [
  "bash",
  "base64",
  "curl",
  "getfacl",
  "getfattr",
  "openssl",
  "patch",
  "python3",
  "service",
  "setfacl",
  "setfattr",
  "setsid",
  "sha256sum",
  "strace",
  "sudo",
  "systemctl",
  "tar",
  "timeout",
  "unshare",
  "wget",
] as const;

/** Opens guards over the transport that each host names. */
export function openGuardDoor(parts: GuardDoorParts): HostDoor {
  return { open: (host, options) => open(parts, host, options) };
}

async function open(
  parts: GuardDoorParts,
  host: Host,
  options: GuardOptions,
): Promise<Answer<RemoteGuard>> {
  const fault = spoolFault(host);
  if (fault !== null) return { kind: "not-sent", failure: fault };
  const transport = parts.transports.get(host.via);
  if (transport === undefined) return { kind: "not-sent", failure: noTransport(host, parts) };
  const connected = await transport.connect(host, {
    timeoutMs: parts.connectTimeoutMs ?? connectTimeoutMs,
    keepaliveMs: parts.keepaliveMs ?? keepaliveMs,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  if (connected.kind !== "result") return connected;
  const connection = connected.value;
  const guard = await bringUp(parts, { host, options, connection }).catch((error: unknown) =>
    strangeHello(host, error),
  );
  if (guard.kind !== "result") await connection[Symbol.asyncDispose]();
  return guard;
}

/** What greets us may be anybody's; an error that is no answer would end the whole rollout as a bug. */
function strangeHello(host: Host, error: unknown): Answer<never> {
  if (!(error instanceof ProtocolError)) throw error;
  return { kind: "not-sent", failure: misspoke(host.name, error) };
}

interface Opening {
  readonly host: Host;
  readonly options: GuardOptions;
  readonly connection: Connection;
}

async function bringUp(parts: GuardDoorParts, opening: Opening): Promise<Answer<RemoteGuard>> {
  const { host, options, connection } = opening;
  const become = options.become === undefined ? host.become : options.become;
  const nonce = randomBytes(8).toString("hex");
  const rollout = plainName(options.rollout);
  const text = shellBytes(
    guardText({
      nonce,
      spool: host.spool,
      rollout,
      epoch: options.epoch ?? null,
      path: parts.path ?? usualPath,
      tools: toolsAsked,
      firingMaxMs: parts.firingMaxMs ?? firingMaxMs,
    }),
  );
  const loader = shellBytes(loaderText(text.length));
  const opened = await connection.open(remoteCommand(loader.length, become));
  // Whatever became of the command: without its text it does nothing.
  if (opened.kind !== "result") return { kind: "not-sent", failure: opened.failure };
  const line = new GuardLine(opened.value, { nonce, host: host.name });
  const over = new AbortController();
  const patience = parts.clock
    .sleep(parts.helloTimeoutMs ?? helloTimeoutMs, AbortSignal.any(signals(over, options)))
    .then(
      () => "late" as const,
      () => "given up" as const,
    );
  const hello = await Promise.race([
    line.send(Buffer.concat([loader, text])).then(() => line.hello),
    patience,
  ]);
  over.abort();
  if (hello === "late" || hello === "given up") {
    opened.value.destroy();
    return { kind: "not-sent", failure: silent(host, hello) };
  }
  if (hello?.kind === "HELLO") {
    const home = `${host.spool}/${rollout}`;
    const facts = factsOf(hello);
    const value = new RemoteGuard({
      facts,
      line,
      connection,
      host: host.name,
      nonce,
      home,
      clock: parts.clock,
      epoch: options.epoch ?? null,
      leaseMs: options.leaseMs ?? null,
    });
    return { kind: "result", value };
  }
  if (hello !== null) return { kind: "not-sent", failure: unfit(host, textsOf(hello, 1)[0]!, "") };
  const end = await line.ended();
  if (line.fault?.code === "GUARD_PROTOCOL") return { kind: "not-sent", failure: line.fault };
  if (end.kind === "lost") return { kind: "not-sent", failure: end.failure };
  const said = line.errorOutput;
  return {
    kind: "not-sent",
    failure:
      become !== null && /^sudo: |sudo: not found|sudo: command not found/m.test(said)
        ? noBecome(host, become, said)
        : unfit(host, "the remote shell ended before it spoke", said),
  };
}

function signals(over: AbortController, options: GuardOptions): AbortSignal[] {
  return options.signal === undefined ? [over.signal] : [over.signal, options.signal];
}

/**
 * What loads the guard's text is read byte by byte before it is run: a shell that reads its program
 * from the channel would take requests, and the content of files, for more of the program.
 */
function remoteCommand(length: number, become: string | null): string {
  const load = `eval "$(dd bs=1 count=${length} 2>/dev/null)"`;
  if (become === null) return `exec sh -c '${load}'`;
  if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(become)) throw new Error(`"${become}" is no user name`);
  // Who logs in as that user already needs no sudo, and may not have it.
  const choose = `[ "$(id -un)" = ${become} ] && exec sh -c "$1"; exec sudo -n -u ${become} -- sh -c "$1"`;
  return `exec sh -c '${choose}' handrail '${load}'`;
}

function factsOf(hello: Frame): HostFacts {
  const [uid, kernel, userland, bootId, time, tools, losses, ...faults] = textsOf(hello, 9);
  const [preventionFault, logoutFault] = faults;
  return {
    uid: numberOf(uid),
    kernel: kernel ?? "",
    userland: userland ?? "",
    bootId: bootId ?? "",
    time: numberOf(time),
    tools: (tools ?? "").split(" ").filter((tool) => tool !== ""),
    losses: (losses ?? "").split("\n").filter((loss) => loss !== ""),
    preventionFault: preventionFault ?? "",
    logoutFault: logoutFault ?? "",
  };
}

function spoolFault(host: Host): Failure | null {
  const fault = /[\n\\]/.test(host.spool)
    ? "it has a newline or a backslash"
    : spellingFault(host.spool);
  if (fault === null) return null;
  return {
    code: "SPOOL_UNUSABLE",
    message: `the spool "${host.spool}" of ${host.name} can't be used: ${fault}`,
    hint: "give `spool` in the inventory as an absolute path, such as /var/lib/handrail",
    host: host.name,
  };
}

function noTransport(host: Host, parts: GuardDoorParts): Failure {
  return {
    code: "TRANSPORT_UNSUPPORTED",
    message: `${host.name} is to be reached via "${host.via}", which is no transport`,
    hint: `one of: ${[...parts.transports.keys()].join(", ")}`,
    host: host.name,
  };
}

function silent(host: Host, how: "late" | "given up"): Failure {
  return {
    code: "CONNECT_TIMEOUT",
    message:
      how === "late"
        ? `${host.name} let us in, but its shell did not speak in time`
        : `${host.name} was given up before its shell spoke`,
    hint: "log in by hand: does the login shell wait for something, or is the host overloaded?",
    host: host.name,
  };
}

function unfit(host: Host, why: string, said: string): Failure {
  return {
    code: "GUARD_HOST_UNFIT",
    message: `${host.name} can't run the guard: ${why}`,
    hint: "a host needs a POSIX shell and the usual tools (GNU or BusyBox), with setsid",
    host: host.name,
    ...(said === "" ? {} : { detail: said }),
  };
}

function noBecome(host: Host, become: string, said: string): Failure {
  return {
    code: "BECOME_FAILED",
    message: `${host.name} does not let the login user become "${become}" by sudo -n`,
    hint: /not found/.test(said)
      ? "install sudo on the host, or leave `become` out and log in as that user"
      : `allow it without a password in the host's sudoers, or leave \`become\` out; try on the host, as the login user: sudo -n -u ${become} true`,
    host: host.name,
    detail: said,
  };
}
