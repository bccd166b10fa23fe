import { HandrailError } from "../../core/failure.ts";
import { command } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { shownText } from "../shown-text.ts";
import { findRollout } from "../find-rollout.ts";
import { atJournal } from "../open-app.ts";
import { rolloutPositional, switchOption } from "../options.ts";

/** For whoever has just verified it. */
const damagedHint =
  "keep a copy of the state folder before anything else; put an older copy of it back that verifies, if there is one";

/** `handrail journal ROLLOUT [verify]`: the record itself, and whether it is what was written. */
export const journal = command({
  usage: "journal <rollout> [action]",
  describe: "Print the journal of a rollout, or verify that nobody changed it",
  options: (parser) =>
    rolloutPositional(parser)
      .positional("action", {
        choices: ["verify"] as const,
        describe: "verify: walk the chain of hashes",
      })
      .option("json", switchOption("print a line of JSON per record")),
  run: (args, io) =>
    atJournal(args, io, async ({ app }) => {
      const journals = await app.journals();
      const { id, records } = await findRollout(journals, args.rollout);
      if (args.action === "verify") {
        const check = await journals.verify(id);
        if (check.kind === "damaged")
          throw new HandrailError({ ...check.failure, hint: damagedHint });
        io.stdout.write(
          `${id}: ${check.records} records, sound; the last one's hash: ${check.head}\n`,
        );
      } else if (args.json) {
        for (const record of records) io.stdout.write(`${JSON.stringify(record)}\n`);
      } else {
        const { journalText } = await import("../../views/journal-text.ts");
        io.stdout.write(shownText(journalText(records), { output: io.stdout, env: io.env }));
      }
      return exitCodes.done;
    }),
});
