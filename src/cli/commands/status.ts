import { command } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { findRollout, type FoundRollout } from "../find-rollout.ts";
import type { Io } from "../io.ts";
import { pageFor } from "../onlookers.ts";
import { openExisting } from "../open-app.ts";
import { switchOption } from "../options.ts";
import { programWords, stateNearby } from "../state-folder.ts";
import { abandonedWords, watch } from "../watch.ts";

/** `handrail status [ROLLOUT]`: the rollouts there are, or where one stands. */
export const status = command({
  usage: "status [rollout]",
  describe: "List the rollouts and show the newest, or show where one stands",
  options: (parser) =>
    parser
      .positional("rollout", { type: "string", describe: "id of the rollout, or the end of it" })
      .option("watch", switchOption("follow it until it is over or waits for a person"))
      .option("json", switchOption("print where it stands as JSON")),
  run: async (args, io) => {
    const folder = stateNearby(args, io);
    await using app = await openExisting(folder, io);
    const program = programWords(folder, io);
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
    io.stdout.write(statusText(found.state, found.records, { program, ...page }));
    if (isAbandoned(found)) io.stdout.write(abandonedWords(found.id, program));
    return exitCodes.done;
  },
});

/** Half-way through, and no process holds it: it ended by a crash or a second signal. */
function isAbandoned({ state, holder }: FoundRollout): boolean {
  return holder === null && state.closed === null && state.parked === null;
}

async function printSummary(found: FoundRollout, program: string, io: Io): Promise<number> {
  const { summarise } = await import("../../views/summary.ts");
  const { summaryEvent } = await import("../../views/summary-event.ts");
  const { state, records } = found;
  const summary = summarise(state, records, { program });
  const event = summaryEvent(summary, state.halt?.sentence ?? null, new Date().toISOString());
  io.stdout.write(`${JSON.stringify(event)}\n`);
  return exitCodes.done;
}
