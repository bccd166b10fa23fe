import { command } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { shownText } from "../shown-text.ts";
import { findRollout } from "../find-rollout.ts";
import { atJournal } from "../open-app.ts";
import { rolloutPositional, textOption } from "../options.ts";

/** `handrail report ROLLOUT`: what happened, from the journal alone, without a network. */
export const report = command({
  usage: "report <rollout>",
  describe: "Tell what happened: outcome, verdicts, decisions, timeline",
  options: (parser) =>
    rolloutPositional(parser)
      .option("html", textOption("html", "write it to this file, as one page for a browser"))
      .option(
        "incident",
        textOption("incident", "write drafts of all that follows an incident into this new folder"),
      ),
  run: (args, io) =>
    atJournal(args, io, async ({ app, folder, program }) => {
      const { html, incident } = args;
      if (html !== undefined) {
        const { writeHtmlReport } = await import("../write-html-report.ts");
        const order = { file: html, io, program, folder };
        await writeHtmlReport(await app.journals(), args.rollout, order);
        if (incident === undefined) return exitCodes.done;
      }
      const found = await findRollout(await app.journals(), args.rollout);
      const { state, records, holder } = found;
      if (incident !== undefined) {
        const { writeIncident } = await import("../write-incident.ts");
        return writeIncident(found, { folder: incident, program, journal: folder, io });
      }
      const { reportText } = await import("../../views/report-text.ts");
      const text = reportText(state, records, { program, attended: holder !== null });
      io.stdout.write(shownText(text, { output: io.stdout, env: io.env }));
      return exitCodes.done;
    }),
});
