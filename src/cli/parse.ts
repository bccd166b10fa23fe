import yargs from "yargs";
import type { ChosenCommand, Command } from "./command.ts";
import { exitCodes, exitCodeTable } from "./exit-codes.ts";
import type { Io } from "./io.ts";
import { checkSwitches, stateDescription, textOption } from "./options.ts";
import { UsageError } from "./refusal.ts";
import { shownText } from "./shown-text.ts";
import { typedUsage, usageErrorOf, verbOf } from "./usage-error.ts";
import { toolVersion } from "../version.ts";

/** Wider lines than this are hard to read. */
const helpColumnsMax = 80;

/**
 * Reads the command line. Gives what to run; for `--help` and `--version` that is to print what
 * they ask for. Rejects with a UsageError where the line makes no sense.
 */
export async function parse(
  argv: readonly string[],
  commands: readonly Command[],
  io: Io,
): Promise<ChosenCommand> {
  const read = (words: readonly string[]) => readLine(words, commands, io);
  checkSwitches(argv);
  refuseStandardInput(argv);
  try {
    const { chosen, shown } = await read(argv);
    return chosen ?? ((where) => print(shown, where));
  } catch (error) {
    if (!(error instanceof YargsComplaint)) throw error;
    const usages = commands.map(({ usage }) => usage);
    const usage = typedUsage(argv, usages);
    const { shown } = await read(usage === null ? ["--help"] : [verbOf(usage), "--help"]);
    throw usageErrorOf({ message: error.message, argv, usages, help: shown });
  }
}

/** Tools that read plans from standard input have no files beside them; yargs makes an empty word of it. */
function refuseStandardInput(argv: readonly string[]): void {
  const words = argv.includes("--") ? argv.slice(0, argv.indexOf("--")) : argv;
  if (!words.includes("-")) return;
  throw new UsageError(
    'nothing is read from standard input ("-"): what a plan names lies beside its file',
    "give the name of the file",
  );
}

/** What yargs found wrong, before we found better words for it. */
class YargsComplaint extends Error {
  override readonly name = "YargsComplaint";
}

async function readLine(
  argv: readonly string[],
  commands: readonly Command[],
  io: Io,
): Promise<{ readonly chosen: ChosenCommand | null; readonly shown: string }> {
  const found: { chosen: ChosenCommand | null; shown: string } = { chosen: null, shown: "" };
  const parser = yargs()
    .scriptName("handrail")
    .locale("en")
    .usage(
      "$0 VERB\n\nWalks a code fix through a fleet, one region at a time, and never lets go of the rail.",
    )
    .parserConfiguration({
      "parse-numbers": false,
      "parse-positional-numbers": false,
      "dot-notation": false,
    })
    .exitProcess(false)
    .strict()
    .recommendCommands()
    .demandCommand(1, "no verb is given")
    .option("state", textOption("state", stateDescription))
    .option("color", { type: "boolean", describe: "--no-color: plain text" })
    .help("help", "Show this help")
    .version("version", "Show the version", toolVersion())
    .wrap(Math.min(helpColumnsMax, io.stdout.columns ?? helpColumnsMax))
    .epilogue(exitCodeTable)
    .showHelpOnFail(false)
    .fail((message, error) => {
      if (error instanceof UsageError) throw error;
      throw new YargsComplaint(message ?? error.message);
    });
  for (const command of commands) {
    command.add(parser, (chosen) => {
      found.chosen = chosen;
    });
  }
  await parser.parseAsync([...argv], {}, (_error, _args, output) => {
    found.shown = output;
  });
  return found;
}

function print(text: string, io: Io): Promise<number> {
  io.stdout.write(`${shownText(text, { output: io.stdout, env: io.env })}\n`);
  return Promise.resolve(exitCodes.done);
}
