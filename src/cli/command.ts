import type { ArgumentsCamelCase, Argv } from "yargs";
import { examples } from "./examples.ts";
import { exitCodeTable } from "./exit-codes.ts";
import type { Io } from "./io.ts";

/** What every verb takes, before or after its name. */
export interface GlobalArgs {
  readonly state: string | undefined;
  readonly color: boolean | undefined;
}

/** One verb. Its module is light: whatever takes time to load is imported inside `run`. */
export interface Command {
  /** The verb and its positionals, as yargs writes them: "approve <rollout> <region>". */
  readonly usage: string;
  readonly describe: string;
  readonly options: (parser: Argv<GlobalArgs>) => Argv<unknown>;
  readonly add: (parser: Argv<GlobalArgs>, choose: (chosen: ChosenCommand) => void) => void;
}

/** A verb with arguments that have been checked; gives the exit code. */
export type ChosenCommand = (io: Io) => Promise<number>;

export interface CommandParts<Args> {
  readonly usage: string;
  readonly describe: string;
  /** Positionals and options, with a description each. */
  readonly options: (parser: Argv<GlobalArgs>) => Argv<Args>;
  readonly run: (args: ArgumentsCamelCase<Args>, io: Io) => Promise<number>;
}

/**
 * A verb from its parts. Nothing runs while the command line is still being read, so no verb ever
 * starts on a line that turns out to be wrong.
 */
export function command<Args>(parts: CommandParts<Args>): Command {
  return {
    usage: parts.usage,
    describe: parts.describe,
    options: parts.options,
    add: (parser, choose) => {
      const options = (at: Argv<GlobalArgs>) =>
        parts.options(at).epilogue(`${exampleText(parts.usage)}${exitCodeTable}`);
      parser.command(parts.usage, parts.describe, options, (args) => {
        choose((io) => parts.run(args, io));
      });
    },
  };
}

/** Each on a line of its own, whole, so that it can be copied. */
function exampleText(usage: string): string {
  const lines = examples[usage.split(" ")[0]!] ?? [];
  if (lines.length === 0) return "";
  return `Examples:\n${lines.map(([line, says]) => `  ${line}\n      ${says}\n`).join("")}\n`;
}
