import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Answer } from "../../src/core/answer.ts";
import type { AskOrder } from "../../src/ports/guard.ts";
import type { CommandResult } from "../../src/ports/guard-command.ts";
import type { ProbeAnswer, ProbeContext } from "../../src/ports/probe-kind.ts";
import { removeFolder } from "../support/remove-folder.ts";

const busybox = "/usr/bin/busybox";
const dash = "/usr/bin/dash";

export interface ProbeShell {
  readonly name: string;
  readonly command: readonly string[];
  readonly missing: string | null;
}

/** BusyBox's shell uses its own tools before those of the system. */
export const probeShells: readonly ProbeShell[] = [
  {
    name: "dash and GNU tools",
    command: [dash],
    missing: existsSync(dash) ? null : "dash is not installed",
  },
  {
    name: "busybox",
    command: [busybox, "sh"],
    missing: existsSync(busybox) ? null : "busybox is not installed",
  },
];

/** A context whose commands really run, as the guard's `ask` runs them. */
export function realContext(shell: ProbeShell, more: Partial<ProbeContext> = {}): ProbeContext {
  return {
    place: "host",
    env: {},
    mark: null,
    signal: new AbortController().signal,
    run: (order) => ask(shell, order),
    ...more,
  };
}

/** A context for a probe that asks from the controller and never runs anything. */
export function controllerContext(signal = new AbortController().signal): ProbeContext {
  return {
    place: "controller",
    env: {},
    mark: null,
    signal,
    run: () => Promise.reject(new Error("this probe runs no command")),
  };
}

/** A context whose every command ends as the test says. */
export function answeringContext(answer: Answer<CommandResult>): ProbeContext {
  return { ...controllerContext(), run: () => Promise.resolve(answer) };
}

/** The answer without its time, which no test can know; the time is looked at here. */
export function withoutTime(answer: ProbeAnswer): Omit<ProbeAnswer, "tookMs"> {
  const { tookMs, ...rest } = answer;
  if (!Number.isInteger(tookMs) || tookMs < 0) throw new Error(`${tookMs} is no time`);
  return rest;
}

export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "handrail-probe-"));
  return {
    path,
    [Symbol.asyncDispose]: () => removeFolder(path),
  };
}

function ask(shell: ProbeShell, order: AskOrder): Promise<Answer<CommandResult>> {
  const [program = "sh", ...leading] = shell.command;
  const startedMs = performance.now();
  return new Promise((resolve, reject) => {
    const args = [...leading, "-euc", order.script, "sh", ...(order.args ?? [])];
    const child = spawn(program, args, {
      env: { PATH: process.env["PATH"], ...order.env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    }, order.timeoutMs);
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve({
        kind: "result",
        value: {
          exitCode: code ?? 128 + (signal === "SIGKILL" ? 9 : 15),
          timedOut,
          stdout: Buffer.concat(stdout).subarray(0, order.outputMax),
          stderr: Buffer.concat(stderr).subarray(0, order.outputMax),
          dropped: 0,
          durationMs: Math.round(performance.now() - startedMs),
        },
      });
    });
  });
}
