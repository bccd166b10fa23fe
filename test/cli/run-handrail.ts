import { spawn } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { plainEnv } from "../support/plain-env.ts";
import { removeFolder } from "../support/remove-folder.ts";

export const program = fileURLToPath(new URL("../../bin/handrail.js", import.meta.url));

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Another Node than the one of the tests. */
  readonly node?: string;
  /** Nobody reads what it prints. */
  readonly deaf?: boolean;
}

/** Longer than any command here takes, shorter than a test may. */
const timeoutMs = 80_000;

/** Runs the real program without a terminal, with nothing on standard input. */
export function handrail(args: readonly string[], options: RunOptions): Promise<Ran> {
  return start(args, options).ended;
}

/** The same with a program that runs until it is interrupted: as soon as it has said this on standard error. */
export function handrailUntil(
  said: string,
  args: readonly string[],
  options: RunOptions,
): Promise<Ran> {
  const { child, output, ended } = start(args, options);
  // Once: a second one, while it ends, would end it as any program.
  const look = (): void => {
    if (!output.stderr.includes(said)) return;
    child.stderr.off("data", look);
    child.kill("SIGINT");
  };
  child.stderr.on("data", look);
  return ended;
}

function start(args: readonly string[], options: RunOptions) {
  const { NO_COLOR: _no, FORCE_COLOR: _force, HANDRAIL_STATE: _state, ...inherited } = plainEnv();
  const child = spawn(options.node ?? process.execPath, [program, ...args], {
    cwd: options.cwd,
    env: { ...inherited, HOME: options.cwd, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: timeoutMs,
  });
  if (options.deaf === true) child.stdout.destroy();
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  const ended = new Promise<Ran>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, ...output }));
  });
  return { child, output, ended };
}

export interface TempFolder extends AsyncDisposable {
  readonly path: string;
  write(name: string, text: string): Promise<void>;
}

export async function tempFolder(): Promise<TempFolder> {
  const path = await mkdtemp(join(tmpdir(), "handrail-cli-"));
  return {
    path,
    write: (name, text) => writeFile(join(path, name), text),
    [Symbol.asyncDispose]: () => removeFolder(path),
  };
}

/** The folder of the repository. */
export const checkout = dirname(dirname(program));
