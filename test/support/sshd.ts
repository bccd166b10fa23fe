import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { spawnSync } from "./bounded-process.ts";
import { programPath } from "./parts.ts";
import { removeFolder } from "./remove-folder.ts";

/** A real OpenSSH sshd on loopback, with keys and known_hosts of its own. Closing it leaves nothing. */
export interface Sshd extends AsyncDisposable {
  readonly port: number;
  /** The first of `addresses`. */
  readonly address: string;
  /** The account that logs in: the one that runs the tests. */
  readonly user: string;
  /** Private folder of this server. */
  readonly folder: string;
  /** File with the private key that is let in. */
  readonly identity: string;
  /** File with `[address]:port key` for each address and host key. */
  readonly knownHosts: string;
  /** The server's public host keys, `type base64`, in the order of `hostKeyTypes`. */
  readonly hostKeys: readonly string[];
  readonly pid: number;
  /** What the server has logged so far. */
  log(): string;
  /** The sshd processes that serve connections now (not the listening one). */
  sessionPids(): Promise<readonly number[]>;
  /** Ends the listener and every session with SIGKILL, as a machine that loses its power. */
  kill(): Promise<void>;
}

export interface SshdOptions {
  /** Default: 127.0.0.1 only. All of 127.0.0.0/8 is loopback on Linux. */
  readonly addresses?: readonly string[];
  /** Environment of the sessions. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Further lines of sshd_config(5). The first value of a key wins, and these come first. */
  readonly lines?: readonly string[];
  /** Default: ed25519 only. */
  readonly hostKeyTypes?: readonly ("ed25519" | "ecdsa" | "rsa")[];
  /** Public keys that are let in beside `identity`, as lines of authorized_keys. */
  readonly authorizedKeys?: readonly string[];
  /** null or absent: a free one. */
  readonly port?: number | null;
  /** Words before sshd that run it somewhere else, in a network of its own; `port` is needed then. */
  readonly within?: readonly string[];
}

const startsMax = 5;
const readyTimeoutMs = 10_000;
/** Sessions carry this variable, so that whatever they started can be found when the server is closed. */
const mark = "HANDRAIL_TEST_SSHD";

/** Starts a server and waits until it listens on every address. */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const folder = await mkdtemp(join(tmpdir(), "handrail-sshd-"));
  const addresses = options.addresses ?? ["127.0.0.1"];
  const types = options.hostKeyTypes ?? ["ed25519"];
  const hostKeys: string[] = [];
  for (const type of types) hostKeys.push(await newKey(join(folder, `host_${type}`), type));
  const userKey = await newKey(join(folder, "user_key"), "ed25519");
  const authorized = [userKey, ...(options.authorizedKeys ?? [])];
  await writeFile(join(folder, "authorized_keys"), `${authorized.join("\n")}\n`);
  ensurePrivilegeFolder();
  for (let start = 1; ; start++) {
    const port = options.port ?? (await freePort(addresses[0] ?? "127.0.0.1"));
    await writeFile(join(folder, "sshd_config"), serverConfig(folder, port, types, options));
    const running = await listen(folder, addresses.length, options.within ?? []);
    if (running.kind === "failed") {
      if (start < startsMax && running.log.includes("in use")) continue;
      await rm(folder, { recursive: true });
      throw new Error(`sshd did not start: ${running.log}`);
    }
    const lines = addresses.flatMap((each) => hostKeys.map((key) => `[${each}]:${port} ${key}`));
    await writeFile(join(folder, "known_hosts"), `${lines.join("\n")}\n`);
    return server({
      folder,
      port,
      addresses,
      hostKeys,
      process: running.process,
      log: running.log,
    });
  }
}

/** Makes a key pair without a passphrase at `file` and `file.pub`; gives `type base64`. */
export async function newKey(file: string, type: "ed25519" | "ecdsa" | "rsa"): Promise<string> {
  const bits = type === "rsa" ? ["-b", "2048"] : [];
  run("ssh-keygen", ["-q", "-t", type, ...bits, "-N", "", "-C", "handrail-test", "-f", file]);
  const [kind, blob] = (await readFile(`${file}.pub`, "utf8")).split(" ");
  return `${kind} ${blob}`;
}

interface Started {
  readonly folder: string;
  readonly port: number;
  readonly addresses: readonly string[];
  readonly hostKeys: readonly string[];
  readonly process: ChildProcess;
  readonly log: () => string;
}

function server(started: Started): Sshd {
  const { folder, port, process: child } = started;
  const pid = child.pid ?? 0;
  const exited = once(child, "exit");
  const reaper = startReaper(pid, folder);
  let ended = false;
  const end = async (): Promise<void> => {
    if (ended) return;
    ended = true;
    reaper.kill("SIGKILL");
    const sessions = await childrenOf(pid);
    for (const each of [pid, ...sessions]) endProcess(each);
    await exited;
  };
  return {
    port,
    address: started.addresses[0] ?? "127.0.0.1",
    user: userInfo().username,
    folder,
    identity: join(folder, "user_key"),
    knownHosts: join(folder, "known_hosts"),
    hostKeys: started.hostKeys,
    pid,
    log: started.log,
    sessionPids: () => childrenOf(pid),
    kill: end,
    async [Symbol.asyncDispose]() {
      await end();
      for (const each of await processesMarked(folder)) endProcess(each);
      await removeFolder(folder);
    },
  };
}

/** Ends the server when the tests' own process is killed, which no `await using` survives. */
function startReaper(pid: number, folder: string): ChildProcess {
  const script = 'read -r _; kill "$1"; rm -rf -- "$2"';
  const reaper = spawn("/bin/sh", ["-c", script, "sh", String(pid), folder], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  reaper.unref();
  return reaper;
}

function serverConfig(
  folder: string,
  port: number,
  types: readonly string[],
  options: SshdOptions,
): string {
  // From the second level on, bash reads no ~/.bashrc for a command over the network: the account
  // that runs the tests must not change them, nor slow them down.
  const environment = { SHLVL: "1", ...options.environment, [mark]: folder };
  const words = Object.entries(environment).map(([name, value]) => `"${name}=${value}"`);
  return [
    ...(options.lines ?? []),
    ...(options.addresses ?? ["127.0.0.1"]).map((each) => `ListenAddress ${each}:${port}`),
    ...types.map((type) => `HostKey ${join(folder, `host_${type}`)}`),
    `AuthorizedKeysFile ${join(folder, "authorized_keys")}`,
    `PidFile ${join(folder, "sshd.pid")}`,
    `SetEnv ${words.join(" ")}`,
    "UsePAM no",
    "StrictModes no",
    "UseDNS no",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "PrintMotd no",
    "MaxStartups 1000:30:2000",
    "LogLevel VERBOSE",
    "",
  ].join("\n");
}

type Listening =
  | { readonly kind: "listening"; readonly process: ChildProcess; readonly log: () => string }
  | { readonly kind: "failed"; readonly log: string };

async function listen(
  folder: string,
  addressCount: number,
  within: readonly string[],
): Promise<Listening> {
  // sshd re-executes itself for each connection and therefore insists on an absolute path.
  const sshd = programPath("sshd") ?? "sshd";
  const words = [...within, sshd, "-D", "-e", "-f", join(folder, "sshd_config")];
  const child = spawn(words[0] ?? sshd, words.slice(1), {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    log += text;
  });
  const deadline = Date.now() + readyTimeoutMs;
  while (Date.now() < deadline && child.exitCode === null) {
    if (log.split("Server listening on").length - 1 >= addressCount) {
      return { kind: "listening", process: child, log: () => log };
    }
    await sleep(5);
  }
  child.kill("SIGKILL");
  return { kind: "failed", log };
}

/** Debian's sshd wants this folder when it runs as root; its service unit makes it at boot. */
function ensurePrivilegeFolder(): void {
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
}

async function freePort(address: string): Promise<number> {
  const probe = createServer().listen(0, address);
  await once(probe, "listening");
  const bound = probe.address();
  probe.close();
  await once(probe, "close");
  if (bound === null || typeof bound === "string") throw new Error("no port was given");
  return bound.port;
}

/** Direct and further sshd children of `pid`, by /proc (Linux). */
async function childrenOf(pid: number): Promise<number[]> {
  const parents = new Map<number, number>();
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readOrEmpty(`/proc/${name}/stat`);
    // "pid (name) state parent …": the name may hold spaces and brackets.
    const [, command, parent] = /^\d+ \((.*)\) \S (\d+)/s.exec(stat) ?? [];
    if (command?.startsWith("sshd")) parents.set(Number(name), Number(parent));
  }
  const found = [pid];
  for (const each of found) {
    for (const [child, parent] of parents) if (parent === each) found.push(child);
  }
  return found.slice(1);
}

async function processesMarked(folder: string): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    const environment = await readOrEmpty(`/proc/${name}/environ`);
    if (environment.split("\0").includes(`${mark}=${folder}`)) found.push(Number(name));
  }
  return found;
}

async function readOrEmpty(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    // A process that ended meanwhile, or somebody else's: it is none of ours.
    return "";
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    const alreadyGone = error instanceof Error && "code" in error && error.code === "ESRCH";
    if (!alreadyGone) throw error;
  }
}

function run(program: string, args: readonly string[]): void {
  const result = spawnSync(program, args, { encoding: "utf8" });
  if (result.status !== 0) throw new Error(`${program} ${args.join(" ")}: ${result.stderr}`);
}
