import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { PassThrough } from "node:stream";
import { openGuardDoor } from "../src/host/guard-door.ts";
import type { Answer } from "../src/core/answer.ts";
import type { Guard } from "../src/ports/guard.ts";
import type { Channel, Transport } from "../src/ports/transport.ts";
import { local } from "../src/transports/local.ts";

/** What something cost: seconds of CPU with all child processes, seconds by the clock, bytes over the channel. */
export interface Cost {
  readonly cpu: number;
  readonly wall: number;
  readonly bytes: number;
}

/** A guard on this machine, over the `local` transport, whose requests can be measured. */
export interface MeasuredGuard extends AsyncDisposable {
  readonly guard: Guard;
  /** Asks once; the answer must be a result, and no refusal. */
  ask<T>(
    request: (guard: Guard) => Promise<Answer<T>>,
  ): Promise<{ readonly value: T; readonly cost: Cost }>;
}

/** Kernel ticks a second in /proc (proc(5), USER_HZ). */
const ticks = Number(execFileSync("getconf", ["CLK_TCK"]).toString());

/** Opens a guard whose spool is `spool`, and claims this machine for the rollout of this name. */
export async function openMeasured(spool: string, rollout: string): Promise<MeasuredGuard> {
  const traffic = { bytes: 0 };
  const before = new Set(childProcesses());
  const door = openGuardDoor({
    transports: new Map([["local", counting(traffic)]]),
    clock: {
      now: () => performance.now(),
      wall: () => new Date().toISOString(),
      sleep: (ms) => new Promise((resolve) => void setTimeout(resolve, ms).unref()),
    },
  });
  const host = {
    name: "bench",
    address: "localhost",
    via: "local",
    user: null,
    port: null,
    identity: null,
    become: null,
    spool,
  };
  const guard = valueOf(await door.open(host, { rollout, epoch: 1 }));
  const pid = childProcesses().find((each) => !before.has(each));
  if (pid === undefined) throw new Error("the guard's process was not found");
  valueOf(await guard.claim({ holder: "bench", epoch: 1 }));
  return {
    guard,
    async ask(request) {
      const cpu = cpuOf(pid);
      const bytes = traffic.bytes;
      const began = performance.now();
      const value = valueOf(await request(guard));
      const wall = (performance.now() - began) / 1000;
      return { value, cost: { cpu: cpuOf(pid) - cpu, wall, bytes: traffic.bytes - bytes } };
    },
    [Symbol.asyncDispose]: () => guard[Symbol.asyncDispose](),
  };
}

/** What a script of a POSIX shell costs. */
export function costOf(script: string, cwd: string): Cost {
  const began = performance.now();
  const told = execFileSync("/bin/sh", ["-euc", `${script}\ntimes`], {
    cwd,
    env: { ...process.env, LC_ALL: "C", TZ: "UTC0" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const wall = (performance.now() - began) / 1000;
  const children = told.toString().trim().split("\n").at(-1) ?? "";
  const cpu = [...children.matchAll(/([0-9]+)m([0-9.]+)s/g)]
    .map(([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds))
    .reduce((sum, each) => sum + each, 0);
  return { cpu, wall, bytes: 0 };
}

function counting(traffic: { bytes: number }): Transport {
  const transport = local({ shell: ["/bin/sh"], environment: process.env });
  return {
    name: transport.name,
    async connect(host, options) {
      const answer = await transport.connect(host, options);
      if (answer.kind !== "result") return answer;
      const connection = answer.value;
      return {
        kind: "result",
        value: {
          async open(command) {
            const opened = await connection.open(command);
            if (opened.kind !== "result") return opened;
            return { kind: "result", value: counted(opened.value, traffic) };
          },
          [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
        },
      };
    },
  };
}

function counted(channel: Channel, traffic: { bytes: number }): Channel {
  const stdin = new PassThrough();
  stdin.on("data", (chunk: Buffer) => (traffic.bytes += chunk.length));
  stdin.pipe(channel.stdin);
  const stdout = new PassThrough();
  stdout.on("data", (chunk: Buffer) => (traffic.bytes += chunk.length));
  return {
    ...channel,
    stdin,
    stdout: channel.stdout.pipe(stdout),
    destroy: () => channel.destroy(),
  };
}

function childProcesses(): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number)
    .filter((pid) => Number(statOf(pid)?.[1]) === process.pid);
}

/** Of the process and of all its children that have ended. */
function cpuOf(pid: number): number {
  const fields = statOf(pid);
  if (fields === null) throw new Error("the guard has ended");
  return fields.slice(11, 15).reduce((sum, each) => sum + Number(each), 0) / ticks;
}

/** The fields of /proc/PID/stat from the state on; null when there is no such process any more. */
function statOf(pid: number): readonly string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch (error) {
    if (error instanceof Error && "code" in error) return null;
    throw error;
  }
}

function valueOf<T>(answer: Answer<T>): T {
  if (answer.kind === "result") return answer.value;
  throw new Error(`${answer.kind}: ${JSON.stringify(answer.failure)}`);
}
