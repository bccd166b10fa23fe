import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { plainEnv } from "./plain-env.ts";
import { program } from "./small-fleet.ts";

/** The program on a pseudo-terminal of its own, made by script(1). */
export interface Terminal {
  /** Everything that was written to the screen so far, escapes and all. */
  screen(): string;
  type(keys: string): void;
  /** Sends a signal to the program itself, not through the terminal. */
  signal(name: NodeJS.Signals): Promise<void>;
  /** Closes the other end of the terminal, as a window that is closed or a lost login does. */
  close(): void;
  /** Resolves when the screen shows this; rejects when the program ends without it. */
  shows(text: string): Promise<void>;
  /** The exit code. */
  readonly ended: Promise<number | null>;
}

export interface TerminalOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Longer than any rollout here takes. */
const runMaxMs = 60_000;

export const ctrlC = "\u0003";
/** Stops what is written to the terminal, and lets it go on (XOFF, XON). */
export const ctrlS = "\u0013";
export const ctrlQ = "\u0011";

export function onTerminal(args: readonly string[], { cwd, env }: TerminalOptions): Terminal {
  const line = ["exec", process.execPath, program, ...args].map(quoted).join(" ");
  const child = spawn("script", ["-qec", line.replace("'exec'", "exec"), "/dev/null"], {
    cwd,
    env: { ...plainEnv(), HOME: cwd, TERM: "xterm", ...env },
    stdio: ["pipe", "pipe", "inherit"],
    timeout: runMaxMs,
    killSignal: "SIGKILL",
  });
  let screen = "";
  const waiting = new Set<() => void>();
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    screen += text;
    for (const look of waiting) look();
  });
  // Keys that are typed when nobody reads any more.
  child.stdin.on("error", () => undefined);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return {
    screen: () => screen,
    type: (keys) => child.stdin.write(keys),
    async signal(name) {
      // proc_pid_task_children(5): script has one child, in whose place the program runs.
      const children = await readFile(`/proc/${child.pid}/task/${child.pid}/children`, "utf8");
      process.kill(Number(children.trim()), name);
    },
    close: () => child.kill("SIGKILL"),
    ended,
    shows: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!screen.includes(text)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
        const missed = (): void =>
          reject(new Error(`ended without "${text}": ${screen.slice(-1_000)}`));
        ended.then(missed, reject);
      }),
  };
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
