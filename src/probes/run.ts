import { z } from "zod";
import { duration } from "../core/plan/durations.ts";
import type { ProbeKind } from "../ports/probe-kind.ts";
import { lastWords, lookOnHost } from "./host-look.ts";
import { error, fail, type Found, pass, timed } from "./probe-answers.ts";

/** Bytes kept of each stream of the command. */
const outputBytesMax = 4096;

const timeoutDefault = "10s";

const command = z
  .string()
  .max(64 * 1024, { error: "must not be longer than 65536 characters" })
  .refine((text) => text.trim() !== "", { error: "must not be empty" })
  .refine((text) => !text.includes("\0"), { error: "must not hold a zero byte" });

const timeout = duration
  .prefault(timeoutDefault)
  .describe("How long the command may take; later, nobody can tell. Default: 10s.");

const args = z
  .union([
    command.transform((text) => ({ command: text, timeout: 10_000 })),
    z.strictObject({ command: command.describe("The command line."), timeout }),
  ])
  .describe(
    "A command line for the POSIX shell, under `set -eu`, that changes nothing. Exit code 0 passes, another fails; 125, 126, 127 and a signal mean that nobody can tell.",
  );

export type RunProbeArgs = z.output<typeof args>;

/** `run: "command line"`. Variables are environment variables, so a value never becomes syntax. */
export const run: ProbeKind<RunProbeArgs> = {
  name: "run",
  args,
  substitutes: false,
  place: "host",
  places: ["host", "controller"],
  unproved: () => null,
  unmeasured: () => null,
  ask: (given, context) =>
    timed(async () => {
      const looked = await lookOnHost(context, {
        script: `${given.command}\n`,
        env: context.env,
        timeoutMs: given.timeout,
        outputMax: outputBytesMax,
      });
      if ("found" in looked) return looked.found;
      const { exitCode, stdout } = looked.result;
      return { ...judgeExit(exitCode, lastWords(looked.result)), ...numberIn(stdout) };
    }),
};

/** One number, and nothing else but white space. */
function numberIn(stdout: Uint8Array): { readonly value?: number } {
  const text = new TextDecoder().decode(stdout).trim();
  return /^-?\d{1,15}(?:\.\d{1,12})?(?:[eE][+-]?\d{1,2})?$/.test(text)
    ? { value: Number(text) }
    : {};
}

/** The highest signal number on Linux (signal(7)): 128 + n is what a shell gives for it. */
const signalMax = 64;

function judgeExit(code: number, words: string): Found {
  if (code === 0) return pass("exit code 0");
  // env, nohup, timeout and docker give 125 for trouble of their own (POSIX, env; timeout(1)).
  if (code === 125) return error(`exit code 125, the command could not do its work${words}`);
  if (code === 126) return error(`exit code 126, the command can't be run${words}`);
  if (code === 127) return error(`exit code 127, there is no such command${words}`);
  if (code > 128 && code <= 128 + signalMax) {
    return error(`ended by signal ${code - 128}${words}`);
  }
  return fail(`exit code ${code}${words}`);
}
