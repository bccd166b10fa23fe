import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { plainEnv } from "./plain-env.ts";
import { program } from "./small-fleet.ts";

/** The program on a pseudo-terminal of its own, made by script(1). */
export interface Terminal extends Disposable {
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
/** Stops the job that has the terminal (SUSP). */
export const ctrlZ = "\u001A";
/** Stops what is written to the terminal, and lets it go on (XOFF, XON). */
export const ctrlS = "\u0013";
export const ctrlQ = "\u0011";

export function onTerminal(args: readonly string[], options: TerminalOptions): Terminal {
  return terminalOf(`exec ${programLine(args)}`, options);
}

/** A shell that keeps jobs, where lines are typed as by a person. Its prompt is "$ ". */
export function shellOnTerminal(options: TerminalOptions): Terminal {
  return terminalOf("PS1='$ ' exec sh -i", options);
}

/** What to type in a shell to run the program. */
export function programLine(args: readonly string[]): string {
  return [process.execPath, program, ...args].map(quoted).join(" ");
}

function terminalOf(line: string, { cwd, env }: TerminalOptions): Terminal {
  const child = spawn("script", ["-qec", line, "/dev/null"], {
    cwd,
    env: { ...plainEnv(), HOME: cwd, TERM: "xterm", LC_ALL: "C.UTF-8", ...env },
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
  const close = (): void => void child.kill("SIGKILL");
  return {
    screen: () => screen,
    type: (keys) => child.stdin.write(keys),
    async signal(name) {
      // proc_pid_task_children(5): script has one child, in whose place the program runs.
      const children = await readFile(`/proc/${child.pid}/task/${child.pid}/children`, "utf8");
      process.kill(Number(children.trim()), name);
    },
    close,
    // A job that is stopped would be there for ever: the shell goes with its terminal, and the job with its shell.
    [Symbol.dispose]: close,
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
