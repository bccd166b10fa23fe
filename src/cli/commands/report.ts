import { command } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { findRollout } from "../find-rollout.ts";
import { openExisting } from "../open-app.ts";
import { rolloutPositional } from "../options.ts";
import { programWords, stateNearby } from "../state-folder.ts";

/** `handrail report ROLLOUT`: what happened, from the journal alone. */
export const report = command({
  usage: "report <rollout>",
  describe: "Tell what happened: outcome, verdicts, decisions, timeline",
  options: (parser) => rolloutPositional(parser),
  run: async (args, io) => {
    const folder = stateNearby(args, io);
    await using app = await openExisting(folder, io);
    const { state, records } = await findRollout(await app.journals(), args.rollout);
    const { reportText } = await import("../../views/report-text.ts");
    io.stdout.write(reportText(state, records, { program: programWords(folder, io) }));
    return exitCodes.done;
  },
});
