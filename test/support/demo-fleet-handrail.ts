import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { codeCache } from "./plain-env.ts";

/** What one call of the real command line came to. */
export interface HandrailOutcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One line of `--json`. */
export type EventLine = Readonly<Record<string, unknown>> & { readonly type: string };

const CHECKOUT = fileURLToPath(new URL("../..", import.meta.url));
const RUN_MAX_MS = 60_000;
const LAST_WORDS_MAX = 2_000;

/** Runs `bin/handrail.js` as a process of its own, without a terminal. */
export async function runHandrail(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<HandrailOutcome> {
  const { SSH_AUTH_SOCK: _agent, ...inherited } = process.env;
  const child = spawn(process.execPath, ["bin/handrail.js", ...args], {
    cwd: CHECKOUT,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...inherited, ...codeCache, ...environment },
    timeout: RUN_MAX_MS,
    killSignal: "SIGKILL",
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (exitCode === null) {
    const last = stdout.slice(-LAST_WORDS_MAX) + stderr.slice(-LAST_WORDS_MAX);
    throw new Error(`handrail did not end within ${RUN_MAX_MS / 1_000} s; it last said: ${last}`);
  }
  return { exitCode, stdout, stderr };
}

/** The events of `--json`, in order. A line that is no event fails the test that asked. */
export function eventsOf(outcome: HandrailOutcome): readonly EventLine[] {
  return outcome.stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const value: unknown = JSON.parse(line);
      if (!isEvent(value)) throw new Error(`not an event: ${line.slice(0, 200)}`);
      return value;
    });
}

function isEvent(value: unknown): value is EventLine {
  return (
    typeof value === "object" && value !== null && "type" in value && typeof value.type === "string"
  );
}
