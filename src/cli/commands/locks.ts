import { command } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { readRollout } from "../find-rollout.ts";
import { heldInstances } from "../held-instances.ts";
import { openExisting } from "../open-app.ts";
import { programWords, stateNearby } from "../state-folder.ts";

/** Rollouts that are looked through, newest first. */
const rolloutsMax = 100;

/** `handrail locks`: who holds which inventory, and which instances keep their locks, and why. */
export const locks = command({
  usage: "locks",
  describe: "Show who holds what, and how to clear what was kept on purpose",
  options: (parser) => parser,
  run: async (args, io) => {
    const folder = stateNearby(args, io);
    await using app = await openExisting(folder, io);
    const journals = await app.journals();
    const lines = (await journals.holders()).map(
      (it) => `inventory ${it.inventory}: ${it.holder}, for ${it.rollout}, since ${it.since}`,
    );
    for (const { rollout } of (await journals.list()).slice(0, rolloutsMax)) {
      const found = await readRollout(journals, rollout);
      for (const { name, why } of heldInstances(found)) {
        lines.push(`instance ${name}: kept by ${rollout}: ${why}`);
        const verb = found.state.closed === null ? "resume" : "reconcile";
        lines.push(`  to clear it: ${programWords(folder, io)} ${verb} ${rollout}`);
      }
    }
    io.stdout.write(lines.length === 0 ? "Nothing is locked.\n" : `${lines.join("\n")}\n`);
    return exitCodes.done;
  },
});
