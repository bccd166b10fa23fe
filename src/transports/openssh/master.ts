import { access } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Answer } from "../../core/answer.ts";
import type { Failure } from "../../core/failure.ts";
import type { Host } from "../../core/plan/inventory.ts";
import type { Channel, Connection, ConnectOptions } from "../../ports/transport.ts";
import { connectionLost, givenUp, timedOut, withDetail } from "../connect-failure.ts";
import { expandHome, type SshSettings } from "../ssh-settings.ts";
import { beginningOf, endOfFile } from "./bounded-text.ts";
import { openChannel } from "./channel.ts";
import { clientConfig } from "./client-config.ts";
import { diagnose } from "./diagnosis.ts";
import { makePrivateFolder, type PrivateFolder } from "./private-folder.ts";
import { startProgram, type Program } from "./program.ts";

/** Between two looks whether the master has logged in. */
const lookEveryMs = 5;
/** How long a master may take to close before it is killed. */
const closeTimeoutMs = 2_000;

/**
 * Runs ssh for as long as somebody holds the other end of its standard input: were Handrail killed,
 * a bare `ssh -N` would keep the connection, its socket and its folder for ever. Prints ssh's status
 * when that has ended, and stays until its input ends: then nobody reads ssh's last words any more.
 * Without the trap, printing to a Handrail that is gone would end it before its last line.
 */
const watcher = `
folder=$1; shift
exec 3<&0
"$@" </dev/null >/dev/null 3<&- &
ssh=$!
(read -r _; kill "$ssh") <&3 >/dev/null 2>&1 &
wait "$ssh"
code=$?
kill "$!" 2>/dev/null
trap '' PIPE
echo "$code" 2>/dev/null
read -r _ <&3
rm -rf -- "$folder"`;

export interface MasterOrder {
  readonly settings: SshSettings;
  readonly host: Host;
  readonly options: ConnectOptions;
}

/** Logs in, and gives a connection when the master takes sessions. */
export async function startMaster(order: MasterOrder): Promise<Answer<Connection>> {
  const { settings, host, options } = order;
  const folder = await makePrivateFolder(settings, clientConfig(settings, options));
  const program = await startProgram(settings, masterCommand(order, folder));
  const master = new Master(order, folder, program);
  const failure = await master.loggedIn();
  if (failure === null) return { kind: "result", value: master };
  await master[Symbol.asyncDispose]();
  return { kind: "not-sent", failure: { ...failure, host: host.name } };
}

function masterCommand(order: MasterOrder, folder: PrivateFolder): [string, ...string[]] {
  const { host, settings } = order;
  const identity = host.identity === null ? null : expandHome(host.identity, settings.home);
  // ssh's own words go to a file, and never among those of the host.
  const log = ["-E", folder.masterLog, "-o", "LogLevel=VERBOSE"];
  const mux = ["-o", "ControlMaster=yes", "-o", `ControlPath=${folder.socket}`];
  const user = host.user === null ? [] : ["-l", host.user];
  const port = host.port === null ? [] : ["-p", String(host.port)];
  const key = identity === null ? [] : ["-i", identity, "-o", "IdentitiesOnly=yes"];
  const login = [...user, ...port, ...key, "--", host.address];
  const ssh = ["ssh", "-F", folder.config, "-N", "-T", ...log, ...mux, ...login];
  return ["/bin/sh", "-c", watcher, "sh", folder.path, ...ssh];
}

class Master implements Connection {
  readonly #order: MasterOrder;
  readonly #folder: PrivateFolder;
  readonly #program: Program;
  readonly #errors: () => string;
  readonly #channels = new Set<Channel>();
  #channelCount = 0;
  #gone = false;
  #closing: Promise<void> | null = null;

  constructor(order: MasterOrder, folder: PrivateFolder, program: Program) {
    this.#order = order;
    this.#folder = folder;
    this.#program = program;
    this.#errors = beginningOf(program.stderr);
    const gone = (): void => {
      this.#gone = true;
    };
    program.stdout.once("data", gone).once("end", gone);
  }

  /** Waits for the login; null when it is done. */
  async loggedIn(): Promise<Failure | null> {
    const { host, options } = this.#order;
    const deadline = performance.now() + options.timeoutMs;
    for (;;) {
      if (options.signal?.aborted === true) return givenUp(host);
      // The socket appears when ssh has logged in and listens for sessions.
      if (await isThere(this.#folder.socket)) return null;
      if (this.#gone) return diagnose(await this.#words(), host, options.timeoutMs);
      if (performance.now() >= deadline) {
        return withDetail(timedOut(host, options.timeoutMs), await this.#words());
      }
      await sleep(lookEveryMs);
    }
  }

  async open(command: string): Promise<Answer<Channel>> {
    const { host, settings, options } = this.#order;
    if (this.#gone || this.#closing !== null) {
      return { kind: "not-sent", failure: await this.#lost("it was closed") };
    }
    this.#channelCount += 1;
    const answer = await openChannel({
      settings,
      host,
      command,
      socket: this.#folder.socket,
      log: this.#folder.channelLog(this.#channelCount),
      timeoutMs: options.timeoutMs,
      explain: (reason) => this.#lost(reason),
    });
    if (answer.kind === "result") {
      const channel = answer.value;
      this.#channels.add(channel);
      void channel.ended.then(() => this.#channels.delete(channel));
    }
    return answer;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const channel of this.#channels) channel.destroy();
    this.#program.stdin.end();
    const late = new AbortController();
    const timer = sleep(closeTimeoutMs, "late" as const, { signal: late.signal });
    const first = await Promise.race([this.#program.ended, timer.catch(() => "ended" as const)]);
    late.abort();
    if (first === "late") killGroup(this.#program.pid);
    await this.#folder[Symbol.asyncDispose]();
  }

  /** CONNECT_LOST with the master's own words, where it left some. */
  async #lost(reason: string): Promise<Failure> {
    const { host } = this.#order;
    const words = await this.#words();
    const gaveUp = /^Timeout, server .* not responding/m.test(words);
    const why = gaveUp ? "it answered no keepalive" : reason;
    return withDetail(connectionLost(host, why), words);
  }

  async #words(): Promise<string> {
    return `${this.#errors()}${await endOfFile(this.#folder.masterLog)}`;
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** The watcher leads its group, in which ssh and the ssh of its jump hosts are. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    const alreadyGone = error instanceof Error && "code" in error && error.code === "ESRCH";
    if (!alreadyGone) throw error;
  }
}
