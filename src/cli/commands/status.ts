import { command } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { findRollout, type FoundRollout } from "../find-rollout.ts";
import type { Io } from "../io.ts";
import { pageFor } from "../onlookers.ts";
import { atJournal } from "../open-app.ts";
import { switchOption } from "../options.ts";
import { planWords } from "../plan-words.ts";
import { watch } from "../watch.ts";

/** `handrail status [ROLLOUT]`: the rollouts there are, or where one stands. */
export const status = command({
  usage: "status [rollout]",
  describe: "List the rollouts and show the newest, or show where one stands",
  options: (parser) =>
    parser
      .positional("rollout", { type: "string", describe: "id of the rollout, or the end of it" })
      .option("watch", switchOption("follow it until it is over or waits for a person"))
      .option("json", switchOption("print where it stands as JSON")),
  run: (args, io) =>
    atJournal(args, io, async ({ app, program }) => {
      const journals = await app.journals();
      const heads = await journals.list();
      const typed = args.rollout ?? heads[0]?.rollout;
      if (args.rollout === undefined && !args.json && !args.watch) {
        const { rolloutList } = await import("../../views/rollout-list.ts");
        io.stdout.write(rolloutList(heads));
      }
      if (typed === undefined) return exitCodes.done;
      const found = await findRollout(journals, typed);
      if (args.json) return printSummary(found, program, io);
      if (args.watch) return watch({ journals, found, args, program }, io);
      const { statusText } = await import("../../views/status-text.ts");
      const page = await pageFor(args, io);
      const words = { program, nowMs: Date.now(), ...standing(found, io) };
      io.stdout.write(statusText(found.state, found.records, { ...words, ...page }));
      return exitCodes.done;
    }),
});

async function printSummary(found: FoundRollout, program: string, io: Io): Promise<number> {
  const { summarise } = await import("../../views/summary.ts");
  const { summaryEvent } = await import("../../views/summary-event.ts");
  const { state, records } = found;
  const words = { program, nowMs: Date.now(), ...standing(found, io) };
  const summary = summarise(state, records, words);
  const event = summaryEvent(summary, state.halt?.sentence ?? null, new Date().toISOString());
  io.stdout.write(`${JSON.stringify(event)}\n`);
  return exitCodes.done;
}

/** Does anybody run it, and what is its plan? */
function standing({ holder, records }: FoundRollout, io: Io) {
  return { attended: holder !== null, ...planWords(records, io) };
}
