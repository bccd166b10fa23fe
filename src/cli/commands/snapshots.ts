import { command } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { readRollout } from "../find-rollout.ts";
import { atJournal } from "../open-app.ts";
import { keptSnapshots } from "../kept-snapshots.ts";

/** Rollouts that are looked through, newest first. */
const rolloutsMax = 100;

/** `handrail snapshots`: what can still be taken back, and until when. Asks the journal only. */
export const snapshots = command({
  usage: "snapshots",
  describe: "Show which snapshots the hosts still keep, of what, and until when",
  options: (parser) => parser,
  run: (args, io) =>
    atJournal(args, io, async ({ app }) => {
      const journals = await app.journals();
      const lines: string[] = [];
      for (const { rollout } of (await journals.list()).slice(0, rolloutsMax)) {
        const kept = keptSnapshots(await readRollout(journals, rollout), new Date());
        if (kept === null) continue;
        lines.push(`${rollout}: ${kept.until}`);
        for (const it of kept.instances) lines.push(`  ${it}`);
      }
      io.stdout.write(lines.length === 0 ? "No snapshot is kept.\n" : `${lines.join("\n")}\n`);
      return exitCodes.done;
    }),
});
