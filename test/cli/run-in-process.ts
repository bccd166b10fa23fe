import { PassThrough } from "node:stream";
import type { Io } from "../../src/cli/io.ts";
import { main } from "../../src/cli/main.ts";
import { withoutCommands } from "../../src/cli/workflow-commands.ts";
import type { Ran } from "./run-handrail.ts";

export interface InProcessOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Nobody reads what it prints any more, from the beginning. */
  readonly deaf?: boolean;
}

/**
 * The program in this process, without a terminal: tables of command lines must not take minutes. One
 * at a time, because the working folder is the process's own.
 */
export async function handrailHere(
  args: readonly string[],
  { cwd, env = {}, deaf = false }: InProcessOptions,
): Promise<Ran> {
  const said = { stdout: "", stderr: "" };
  const stdout = { write: (text: string) => (said.stdout += text) };
  const stderr = { write: (text: string) => (said.stderr += text) };
  const inWorkflow = env["GITHUB_ACTIONS"] === "true";
  const io: Io = {
    stdout: inWorkflow ? withoutCommands(stdout) : stdout,
    stderr: inWorkflow ? withoutCommands(stderr) : stderr,
    stdin: new PassThrough(),
    env: { PATH: process.env["PATH"], HOME: cwd, ...env },
    cwd,
    called: "handrail",
    unread: deaf
      ? AbortSignal.abort(Object.assign(new Error("closed"), { code: "EPIPE" }))
      : new AbortController().signal,
    ...(inWorkflow ? { workflow: stdout } : {}),
  };
  const before = process.cwd();
  process.chdir(cwd);
  try {
    return { code: await main(args, io), ...said };
  } finally {
    process.chdir(before);
  }
}
