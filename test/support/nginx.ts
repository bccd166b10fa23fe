import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { portOf } from "../../fixtures/demo/fleet/loopback-port.ts";
import { programPath } from "./parts.ts";

/** A real nginx on loopback whose uploads need `<home>/tmp/body`. Closing it leaves nothing. */
export interface Nginx extends AsyncDisposable {
  /** Private folder: etc/nginx.conf, log/, run/, and tmp/ which is protected. */
  readonly home: string;
  readonly port: number;
  /** Path of the program. */
  readonly program: string;
  /** The status of an upload, and of the API. */
  upload(): Promise<number>;
  api(): Promise<number>;
  errorLog(): string;
}

export interface NginxOptions {
  /**
   * true: something on this machine reloads nginx soon after the folder vanished, as most servers
   * come back by themselves. false: it stays broken until somebody does.
   */
  readonly regenerates: boolean;
  /** A configuration in fixtures/nginx; default: the one of the incident. */
  readonly configuration?: string;
  /** What it names in double braces beside home, port and user. */
  readonly values?: Readonly<Record<string, string>>;
}

const CONFIGURATIONS = new URL("../../fixtures/nginx/", import.meta.url);
const READY_WITHIN_MS = 10_000;
const ANSWER_WITHIN_MS = 5_000;
const START_ATTEMPTS_MAX = 5;
const LOOK_EVERY_MS = 100;

/** Starts nginx and waits until it serves. */
export async function startNginx(options: NginxOptions): Promise<Nginx> {
  const program = programPath("nginx");
  if (program === null) throw new Error("nginx is not installed");
  const home = await mkdtemp(join(tmpdir(), "handrail-nginx-"));
  for (const folder of ["etc", "log", "run", "tmp"]) mkdirSync(join(home, folder));
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    configure(home, port, options);
    const child = spawn(program, argumentsFor(home), { stdio: ["ignore", "ignore", "ignore"] });
    if (await serves(child, port)) return running({ home, port, program, child, ...options });
    child.kill("SIGKILL");
    if (attempt < START_ATTEMPTS_MAX) continue;
    const log = errorLog(home);
    await rm(home, { recursive: true });
    throw new Error(`nginx did not start: ${log}`);
  }
}

interface Running extends NginxOptions {
  readonly home: string;
  readonly port: number;
  readonly program: string;
  readonly child: ChildProcess;
}

function running(parts: Running): Nginx {
  const { home, port, program, child } = parts;
  const leaving = new AbortController();
  const regenerator = parts.regenerates ? reloadWhenGone(parts, leaving.signal) : Promise.resolve();
  return {
    home,
    port,
    program,
    upload: () => statusOf(port, "/upload", { method: "POST", body: "x".repeat(100_000) }),
    api: () => statusOf(port, "/api"),
    errorLog: () => errorLog(home),
    async [Symbol.asyncDispose]() {
      leaving.abort();
      await regenerator;
      if (child.exitCode === null) {
        const ended = once(child, "exit");
        // The master ends its workers itself, which SIGKILL would not let it do.
        child.kill("SIGTERM");
        await ended;
      }
      await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    },
  };
}

/** Stands in for the server that "usually regenerates these files". */
async function reloadWhenGone(parts: Running, signal: AbortSignal): Promise<void> {
  const run = promisify(execFile);
  while (!signal.aborted) {
    if (!existsSync(join(parts.home, "tmp/body"))) {
      await run(parts.program, [...argumentsFor(parts.home), "-s", "reload"]);
    }
    await sleep(LOOK_EVERY_MS);
  }
}

function configure(home: string, port: number, options: NginxOptions): void {
  const user = process.getuid?.() === 0 ? "user root;" : "";
  const values = { home, port: String(port), user, ...options.values };
  const written = new URL(options.configuration ?? "nginx.conf", CONFIGURATIONS);
  const text = Object.entries(values).reduce(
    (filled, [name, value]) => filled.replaceAll(`{{${name}}}`, value),
    readFileSync(written, "utf8"),
  );
  writeFileSync(join(home, "etc/nginx.conf"), text);
}

function argumentsFor(home: string): readonly string[] {
  return ["-p", home, "-c", join(home, "etc/nginx.conf"), "-e", join(home, "log/error.log")];
}

async function serves(child: ChildProcess, port: number): Promise<boolean> {
  const until = performance.now() + READY_WITHIN_MS;
  while (performance.now() < until && child.exitCode === null) {
    if ((await statusOrNull(port)) === 200) return true;
    await sleep(20);
  }
  return false;
}

async function statusOrNull(port: number): Promise<number | null> {
  try {
    return await statusOf(port, "/api");
  } catch {
    // Nobody listens yet: the caller asks again, a bounded number of times.
    return null;
  }
}

async function statusOf(port: number, path: string, init?: RequestInit): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    headers: { connection: "close" },
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    ...init,
  });
  await response.arrayBuffer();
  return response.status;
}

function errorLog(home: string): string {
  const path = join(home, "log/error.log");
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = portOf(server);
  server.close();
  await once(server, "close");
  return port;
}
