import { command } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { findRollout } from "../find-rollout.ts";
import { atJournal } from "../open-app.ts";
import { rolloutPositional } from "../options.ts";

/** `handrail report ROLLOUT`: what happened, from the journal alone. */
export const report = command({
  usage: "report <rollout>",
  describe: "Tell what happened: outcome, verdicts, decisions, timeline",
  options: (parser) => rolloutPositional(parser),
  run: (args, io) =>
    atJournal(args, io, async ({ app, program }) => {
      const { state, records, holder } = await findRollout(await app.journals(), args.rollout);
      const { reportText } = await import("../../views/report-text.ts");
      io.stdout.write(reportText(state, records, { program, attended: holder !== null }));
      return exitCodes.done;
    }),
});
