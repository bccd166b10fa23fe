import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { EventLine } from "./demo-fleet-handrail.ts";

/** One call of the real program, as a process group of its own, that can be killed whole. */
export interface Controller {
  readonly pid: number;
  readonly ended: Promise<ControllerEnd>;
  /** The events of `--json` that it has printed so far. */
  events(): readonly EventLine[];
  /** Resolves at the event of this number, counted from 1; false when it ended before. */
  reached(events: number): Promise<boolean>;
  /** SIGKILL: `program` leaves the ssh clients that it started to find out; `group` takes them too. */
  kill(what: "program" | "group"): void;
  /** SIGSTOP for the whole group, and SIGCONT after so long: a laptop that sleeps. */
  sleep(ms: number): Promise<void>;
}

export interface ControllerEnd {
  /** null: killed. */
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly events: readonly EventLine[];
  readonly tookMs: number;
}

export interface ControllerOptions {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

const program = fileURLToPath(new URL("../../bin/handrail.js", import.meta.url));
const runMaxMs = 180_000;

export function startController({ args, cwd, env }: ControllerOptions): Controller {
  const startedMs = performance.now();
  const { SSH_AUTH_SOCK: _agent, ...inherited } = process.env;
  const child = spawn(process.execPath, [program, ...args], {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...inherited, ...env, NO_COLOR: "1" },
    detached: true,
    timeout: runMaxMs,
    killSignal: "SIGKILL",
  });
  let stdout = "";
  let stderr = "";
  let events: readonly EventLine[] = [];
  let over = false;
  const waiting = new Set<() => void>();
  const look = (): void => {
    events = eventsIn(stdout);
    for (const wake of waiting) wake();
  };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    look();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = new Promise<ControllerEnd>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (exit) => {
      // A program that ended by itself closes its pipes, and all that it wrote is read first. One
      // that was killed may leave a client behind which holds them for a while.
      const drained = new Promise((read) => child.once("close", read));
      const maxMs = exit === null ? killedDrainMs : drainMaxMs;
      void Promise.race([drained, sleep(maxMs, undefined, { ref: false })]).then(() => {
        over = true;
        look();
        child.stdout.destroy();
        child.stderr.destroy();
        resolve({ exit, stdout, stderr, events, tookMs: performance.now() - startedMs });
      });
    });
  });
  return {
    pid: child.pid ?? 0,
    ended,
    events: () => events,
    reached: (number) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (events.length < number && !over) return;
          waiting.delete(check);
          resolve(events.length >= number);
        };
        waiting.add(check);
        check();
      }),
    kill(what) {
      if (over || child.pid === undefined || child.exitCode !== null) return;
      if (what === "program") child.kill("SIGKILL");
      else signalGroup(child.pid, "SIGKILL");
    },
    async sleep(ms) {
      if (over || child.pid === undefined || child.exitCode !== null) return;
      signalGroup(child.pid, "SIGSTOP");
      await sleep(ms);
      signalGroup(child.pid, "SIGCONT");
    },
  };
}

/** What the program wrote last is in the pipe when it ends; a busy machine reads it late. */
const drainMaxMs = 5_000;
const killedDrainMs = 50;

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    const gone = error instanceof Error && "code" in error && error.code === "ESRCH";
    if (!gone) throw error;
  }
}

/** The complete lines that are events; a line that was torn by a kill is none. */
function eventsIn(stdout: string): readonly EventLine[] {
  return stdout
    .slice(0, stdout.lastIndexOf("\n") + 1)
    .split("\n")
    .filter((line) => line.startsWith(`{"`))
    .map((line) => JSON.parse(line));
}
