import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ReferredContent, StepOrders } from "../../src/ports/step-kind.ts";
import { spawnSync } from "../support/bounded-process.ts";
import { removeFolder } from "../support/remove-folder.ts";

type ScriptOrders = Extract<StepOrders, { do: "script" }>;

/** A userland to run steps in: what `sh` is, and where the tools are looked for. */
export interface StepShell {
  readonly name: string;
  /** null: it is here; else the sentence that a skipped test says. */
  readonly missing: string | null;
}

const dash = "/usr/bin/dash";
const busybox = "/usr/bin/busybox";

export const stepShells: readonly StepShell[] = [
  { name: "dash", missing: existsSync(dash) ? null : "dash is not installed" },
  { name: "busybox", missing: existsSync(busybox) ? null : "busybox is not installed" },
];

/** A folder for one test: `files` staged as the guard stages them, `work` for what the step does. */
export class StepHost implements AsyncDisposable {
  readonly work: string;
  readonly #base: string;
  readonly #path: string;
  #runs = 0;

  private constructor(base: string, path: string) {
    this.#base = base;
    this.#path = path;
    this.work = join(base, "work");
  }

  /** `tools`: programs of the test's own that hide those of the system, by name. */
  static async start(
    shell: StepShell,
    tools: Readonly<Record<string, string>> = {},
  ): Promise<StepHost> {
    const base = await mkdtemp(join(tmpdir(), "handrail-step-"));
    const bin = join(base, "bin");
    const own = join(base, "own");
    await mkdir(bin);
    await mkdir(own);
    await mkdir(join(base, "work"));
    for (const [name, text] of Object.entries(tools)) {
      await writeFile(join(own, name), text);
      await chmod(join(own, name), 0o755);
    }
    if (shell.name === "busybox") {
      // Nothing but BusyBox: a tool that it lacks is missing here too.
      for (const applet of (await output(busybox, ["--list"])).trim().split("\n")) {
        await symlink(busybox, join(bin, applet));
      }
    } else {
      await symlink(dash, join(bin, "sh"));
    }
    const system = shell.name === "busybox" ? "" : ":/usr/sbin:/usr/bin:/sbin:/bin";
    return new StepHost(base, `${own}:${bin}${system}`);
  }

  /** Runs the orders as the guard does: `interpreter… program args…`, staged files, bare environment. */
  async run(orders: StepOrders, options: { readonly timeoutMs?: number } = {}): Promise<Ran> {
    if (orders.do !== "script") throw new Error("only orders for a host can be run here");
    this.#runs += 1;
    const folder = join(this.#base, `receipt-${this.#runs}`);
    await mkdir(join(folder, "files"), { recursive: true });
    for (const file of orders.files) {
      await writeFile(join(folder, "files", file.name), file.content);
    }
    const program = join(folder, "program");
    await writeFile(program, orders.script);
    return run(orders, {
      program,
      cwd: this.work,
      env: { ...orders.env, PATH: this.#path, HANDRAIL_FILES: join(folder, "files") },
      timeoutMs: options.timeoutMs ?? 15_000,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await removeFolder(this.#base);
  }
}

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Files of a plan, for `context.files`. */
export function planFiles(
  files: readonly {
    readonly path: string;
    readonly mode?: string | undefined;
    readonly content: string | Uint8Array;
    /** The folder that the plan names; absent where it names the file. */
    readonly in?: string | undefined;
  }[],
): ReferredContent {
  return (path) =>
    files
      .filter((file) => (file.in ?? file.path) === path)
      .map((file) => ({
        path: file.in === undefined ? file.path.split("/").at(-1)! : file.path,
        mode: file.mode ?? "0644",
        content: typeof file.content === "string" ? Buffer.from(file.content) : file.content,
      }));
}

/** Every path below, so that a test sees what else appeared. Follows no link. */
export async function namesBelow(folder: string): Promise<readonly string[]> {
  const names: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    names.push(entry.name);
    if (!entry.isDirectory()) continue;
    const inside = await namesBelow(join(folder, entry.name));
    names.push(...inside.map((name) => `${entry.name}/${name}`));
  }
  return names.sort();
}

/** Why a test can't mount a file system here; null when it can. */
export const mountsMissing: string | null =
  process.getuid?.() === 0 && spawnSync("unshare", ["-m", "true"]).status === 0
    ? null
    : "a mount needs root";

/** A small file system of its own, in memory, that goes with the test. */
export function mountSmall(folder: string, size: string): Disposable & { folder: string } {
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder]);
  if (mounted.status !== 0) throw new Error(`mount failed: ${mounted.stderr.toString()}`);
  return { folder, [Symbol.dispose]: () => void spawnSync("umount", [folder]) };
}

function run(
  orders: ScriptOrders,
  at: {
    readonly program: string;
    readonly cwd: string;
    readonly env: Record<string, string>;
    readonly timeoutMs: number;
  },
): Promise<Ran> {
  const [command = "sh", ...leading] = orders.interpreter;
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...leading, at.program, ...orders.args], {
      cwd: at.cwd,
      env: at.env,
      timeout: at.timeoutMs,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

function output(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
    child.on("error", reject);
    child.on("close", () => resolve(text));
  });
}
