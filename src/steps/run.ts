import { z } from "zod";
import type { StepKind } from "../ports/step-kind.ts";

/** The longest command line taken: a longer one belongs into a file, for `script`. */
export const commandLengthMax = 64 * 1024;

/** Characters of the command that a summary shows. */
const shownMax = 80;

const args = z
  .string()
  .max(commandLengthMax, { error: `must not be longer than ${commandLengthMax} characters` })
  .refine((text) => text.trim() !== "", { error: "must not be empty" })
  .refine((text) => !text.includes("\0"), { error: "must not hold a zero byte" })
  .describe(
    'A command line for the POSIX shell on the host, under `set -eu`. Variables are environment variables there: write "${home}" in double quotes.',
  );

/**
 * `run: "command line"`. The text goes to the shell as it is written; every variable is an
 * environment variable, so that the shell expands it and a value never becomes syntax.
 */
export const run: StepKind<string> = {
  name: "run",
  args,
  substitutes: false,
  places: ["host", "controller"],
  refers: () => [],
  review: () => [],
  program: (command) => ({ text: command, interpreter: ["sh", "-eu"], args: [], file: null }),
  orders: (command, context) => ({
    do: "script",
    script: `${command}\n`,
    interpreter: ["sh", "-eu"],
    args: [],
    env: context.env,
    files: [],
    writes: [],
    needs: [],
    summary: `run ${oneLine(command)}`,
  }),
};

function oneLine(command: string): string {
  const lines = command.trim().split("\n");
  const first = lines[0] ?? "";
  const cut = first.length > shownMax ? `${first.slice(0, shownMax)}…` : first;
  return lines.length > 1 ? `${cut} (and ${lines.length - 1} more lines)` : cut;
}
