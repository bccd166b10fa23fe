import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { EventLine } from "./demo-fleet-handrail.ts";
import { plainEnv } from "./plain-env.ts";
import { removeFolder } from "./remove-folder.ts";

/** A few instances as folders on this machine, and the real program to roll out to them. */
export interface SmallFleet extends AsyncDisposable {
  readonly folder: string;
  readonly names: readonly string[];
  home(name: string): string;
  readonly spool: string;
  readonly state: string;
  /** Every path below, with type, mode, owner, size, times and content: equal texts, equal trees. */
  listing(folder: string): Promise<string>;
  writePlan(text: string): Promise<string>;
  /** Runs the program to its end, with `--json` for verbs that carry a rollout. */
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ran>;
  start(args: readonly string[], env?: Readonly<Record<string, string>>, by?: Launcher): Started;
  /** The same as another controller would: with a journal of its own, in a folder of this name. */
  startIn(state: string, args: readonly string[]): Started;
}

/** Words that start the program, other than the Node of the tests with the path of the program. */
export type Launcher = readonly [command: string, ...words: string[]];

export interface Ran {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly events: readonly EventLine[];
}

export interface Started {
  readonly pid: number;
  readonly ended: Promise<Ran>;
  /** Resolves with the first event that fits. */
  event(fits: (event: EventLine) => boolean): Promise<EventLine>;
  /** Resolves with the first match in what it has printed. */
  line(wanted: RegExp): Promise<string>;
  kill(signal: NodeJS.Signals): void;
  /** Nobody reads its standard output from now on. */
  deafen(): void;
}

export interface SmallFleetOptions {
  /** Default: a1, a2. */
  readonly names?: readonly string[];
  /** Lines of YAML for the inventory's `defaults` beside `via`. */
  readonly defaults?: string;
  /** The address of each instance; default 127.0.0.1, 127.0.0.2 … */
  readonly address?: (index: number) => string;
  readonly env?: Readonly<Record<string, string>>;
}

export const program = fileURLToPath(new URL("../../bin/handrail.js", import.meta.url));
const runMaxMs = 80_000;

export async function smallFleet(options: SmallFleetOptions = {}): Promise<SmallFleet> {
  const folder = await mkdtemp(join(tmpdir(), "handrail-fleet-"));
  const names = options.names ?? ["a1", "a2"];
  const home = (name: string): string => join(folder, name);
  for (const name of names) await makeHome(home(name));
  const spool = join(folder, "spool");
  const state = join(folder, "state");
  const address = options.address ?? ((index: number) => `127.0.0.${index + 1}`);
  await writeFile(
    join(folder, "inventory.yaml"),
    [
      "handrail: 1",
      "name: small",
      "production: false",
      `spool: ${spool}`,
      `defaults: { ${options.defaults ?? "via: local"} }`,
      "regions:",
      "  - name: one",
      "    instances:",
      ...names.map(
        (name, index) =>
          `      - { name: ${name}, address: ${address(index)}, vars: { home: "${home(name)}" } }`,
      ),
      "",
    ].join("\n"),
  );
  const env = options.env ?? {};

  function start(
    args: readonly string[],
    more: Readonly<Record<string, string>> = {},
    [command, ...words]: Launcher = [process.execPath, program],
    at: string = state,
  ): Started {
    const child = spawn(command, [...words, ...args, "--state", at], {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...plainEnv(), ...env, ...more, NO_COLOR: "1" },
      timeout: runMaxMs,
      killSignal: "SIGKILL",
    });
    let stdout = "";
    let stderr = "";
    const waiting = new Set<() => void>();
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      for (const look of waiting) look();
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    const ended = new Promise<Ran>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (exit) => resolve({ exit, stdout, stderr, events: eventsIn(stdout) }));
    });
    /** What `find` finds in the output, as soon as it does. */
    const once = <T>(find: () => T | undefined): Promise<T> =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = find();
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
        ended.then(() => reject(new Error(`ended without it: ${stderr.slice(-500)}`)), reject);
      });
    return {
      pid: child.pid ?? 0,
      ended,
      kill: (signal) => child.kill(signal),
      deafen: () => void child.stdout.destroy(),
      event: (fits) => once(() => eventsIn(stdout).find(fits)),
      line: (wanted) => once(() => wanted.exec(stdout)?.[0]),
    };
  }

  return {
    folder,
    names,
    home,
    spool,
    state,
    listing,
    async writePlan(text) {
      const path = join(folder, "plan.yaml");
      await writeFile(path, text);
      return path;
    },
    run: (args, more) => start(args, more).ended,
    start: (args, more, by) => start(args, more, by),
    startIn: (at, args) => start(args, {}, [process.execPath, program], join(folder, at)),
    [Symbol.asyncDispose]: () => removeFolder(folder),
  };
}

async function makeHome(home: string): Promise<void> {
  await mkdir(join(home, "tmp", "work", "empty"), { recursive: true });
  await mkdir(join(home, "etc"));
  await writeFile(join(home, "tmp", "a"), "temp a\n");
  await writeFile(join(home, "tmp", "b"), "temp b\n");
  await writeFile(join(home, "tmp", "work", "odd name\n$(touch pwned) ü"), "odd\n");
  await writeFile(join(home, "etc", "conf"), "old\n", { mode: 0o640 });
  await writeFile(join(home, "etc", "other"), "other\n");
}

async function listing(folder: string): Promise<string> {
  const script =
    'find . -printf "%P %y %m %U %G %s %T@ %l\\n" | grep -v "^ " | LC_ALL=C sort; find . -type f -exec sha256sum {} + | LC_ALL=C sort';
  const { stdout } = await promisify(execFile)("sh", ["-c", script], { cwd: folder });
  return stdout;
}

function eventsIn(stdout: string): readonly EventLine[] {
  return stdout
    .split("\n")
    .filter((line) => line.startsWith("{") && line.endsWith("}"))
    .map((line) => JSON.parse(line));
}

/** A plan for this fleet: one instance at a time, quick bakes, and whatever the test adds. */
export function planText(body: string, rollout = ""): string {
  return [
    "handrail: 1",
    "name: fix",
    "inventory: inventory.yaml",
    "rollout:",
    "  batches: [1]",
    ...(rollout.includes("bake:") ? [] : ["  bake: { settle: 0s, stable: 200ms, retry: 1s }"]),
    ...(rollout.includes("guard:") ? [] : ["  guard: { observe: 400ms }"]),
    "  retention: 0s",
    ...rollout
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => `  ${line}`),
    body,
    "",
  ].join("\n");
}

/**
 * The listing without the times of folders: a folder that lies around what a step declared, but was
 * not declared or protected itself, has the time of the last change in it.
 */
export function withoutFolderTimes(text: string): string {
  return text.replace(/^(\S* d .*) [\d.]+ $/gm, "$1");
}
