import { spawn } from "node:child_process";

export interface WordsRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface WordsOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Longer than any command of an example takes. */
const maxMs = 80_000;

/** Runs a command to its end, with this environment and no other. */
export function runWords(
  [command = "", ...words]: readonly string[],
  { cwd, env }: WordsOptions,
): Promise<WordsRun> {
  const child = spawn(command, words, {
    cwd,
    env,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: maxMs,
    killSignal: "SIGKILL",
  });
  const said = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said.stderr += text));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? -1, ...said }));
  });
}
