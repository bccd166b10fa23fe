import { setTimeout as sleep } from "node:timers/promises";
import { rm } from "node:fs/promises";
import type { Answer } from "../../core/answer.ts";
import type { Failure } from "../../core/failure.ts";
import type { Host } from "../../core/plan/inventory.ts";
import type { Channel, ChannelEnd } from "../../ports/transport.ts";
import { newEnding } from "../channel-parts.ts";
import { connectionLost, refused, unsupported, withDetail } from "../connect-failure.ts";
import type { SshSettings } from "../ssh-settings.ts";
import { endOfFile } from "./bounded-text.ts";
import { startProgram, type Program, type ProgramEnd } from "./program.ts";

/** Between two looks whether the session is open. */
const lookEveryMs = 5;
/** ssh's status for its own errors, which a command may give as well. */
const ambiguousStatus = 255;

export interface ChannelOrder {
  readonly settings: SshSettings;
  readonly host: Host;
  readonly command: string;
  /** The master's. */
  readonly socket: string;
  /** A file of this channel's own, for ssh's own words. */
  readonly log: string;
  /** Milliseconds until the master must have answered. */
  readonly timeoutMs: number;
  /** CONNECT_LOST for a reason, with the master's words. */
  readonly explain: (reason: string) => Promise<Failure>;
}

/** Asks the master for a session that runs the command; answers when the host has said yes or no. */
export async function openChannel(order: ChannelOrder): Promise<Answer<Channel>> {
  const program = await startProgram(order.settings, channelCommand(order));
  let end: ProgramEnd | null = null;
  void program.ended.then((value) => (end = value));
  const deadline = performance.now() + order.timeoutMs;
  for (;;) {
    // Looked at before the log, so that the last look sees all that ssh wrote.
    const ended = end !== null;
    const log = await endOfFile(order.log);
    if (sessionOpened.test(log)) return { kind: "result", value: channelOf(order, program) };
    if (ended || performance.now() >= deadline) {
      program.kill("SIGKILL");
      return notOpened(order, log, await program.ended);
    }
    await sleep(lookEveryMs);
  }
}

/** The socket is gone or dead, or the greeting that comes before any request failed. */
const masterNotReached =
  /Control socket ".*" does not exist|Control socket connect\(|^mux_client_hello_exchange: /m;

/** The master says so when the host has confirmed the session and the command is on its way. */
const sessionOpened = /master session id: \d/;

function channelCommand(order: ChannelOrder): [string, ...string[]] {
  const log = ["-E", order.log, "-o", "LogLevel=DEBUG1"];
  const master = ["-o", "ControlMaster=no", "-o", `ControlPath=${order.socket}`];
  // Without a master, ssh would connect anew and run the command there: perhaps a second time.
  // `false` is a connection that never comes about, and no key is known for it either.
  const nothingElse = ["ProxyCommand=false", "BatchMode=yes", "StrictHostKeyChecking=yes"];
  const noKeys = ["UserKnownHostsFile=/dev/null", "GlobalKnownHostsFile=/dev/null"];
  const never = [...nothingElse, ...noKeys].flatMap((option) => ["-o", option]);
  const bare = ["-F", "/dev/null", "-T", "-a", "-x", "-e", "none"];
  return ["ssh", ...bare, ...log, ...master, ...never, "--", order.host.address, order.command];
}

function channelOf(order: ChannelOrder, program: Program): Channel {
  const ending = newEnding();
  void program.ended.then(async (end) => {
    ending.tell(await endOf(order, end));
    await rm(order.log, { force: true });
  });
  return {
    stdin: program.stdin,
    stdout: program.stdout,
    stderr: program.stderr,
    ended: ending.ended,
    destroy() {
      const failure = connectionLost(order.host, "the channel was dropped here");
      ending.tell({ kind: "lost", failure });
      program.close();
      program.kill("SIGKILL");
    },
  };
}

async function endOf(order: ChannelOrder, end: ProgramEnd): Promise<ChannelEnd> {
  if (end.kind === "exit" && end.code !== ambiguousStatus) return end;
  const reason =
    end.kind === "exit"
      ? "ssh ended with 255: its own error, a killed command, or a command's own 255"
      : "ssh itself was killed";
  return { kind: "lost", failure: await order.explain(reason) };
}

/**
 * Says whether the host can have got the command. It can't where ssh did not reach the master, or
 * where master or host refused the session; ssh then tried the connection that never comes about.
 */
async function notOpened(
  order: ChannelOrder,
  log: string,
  end: ProgramEnd,
): Promise<Answer<Channel>> {
  if (end.kind === "not-started") {
    const failure = unsupported(order.host, "ssh could not be started", "ssh -V");
    return { kind: "not-sent", failure: withDetail(failure, end.reason) };
  }
  const refusal = /session request failed: (.*)|Master refused session request: (.*)/.exec(log);
  if (refusal !== null) {
    const said = (refusal[1] ?? refusal[2] ?? "").trim();
    const failure = refused(
      order.host,
      `no further session (${said}); see MaxSessions in sshd_config`,
    );
    return { kind: "not-sent", failure: withDetail(failure, refusal[0]) };
  }
  if (masterNotReached.test(log)) {
    const failure = await order.explain("its master has ended");
    return { kind: "not-sent", failure };
  }
  const failure = await order.explain("it ended while the command was being handed over");
  return { kind: "unknown", failure };
}
