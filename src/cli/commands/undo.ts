import type { Wish } from "../../core/event.ts";
import { meaningOf } from "../answered-wish.ts";
import { whoAsks } from "../open-app.ts";
import { askAndCarryOn } from "../ask.ts";
import { command } from "../command.ts";
import type { LaterRollout } from "../later-rollouts.ts";
import {
  lookOptions,
  reasonOption,
  rolloutPositional,
  switchOption,
  textOption,
} from "../options.ts";

/** `handrail undo ROLLOUT`: a person takes a finished or halted rollout back. */
export const undo = command({
  usage: "undo <rollout>",
  describe: "Take a rollout back: every instance that it touched, newest first",
  options: (parser) =>
    lookOptions(reasonOption(rolloutPositional(parser)))
      .option(
        "approve",
        textOption("approve", "digest of the rollout, where nobody is at a terminal to confirm"),
      )
      .option(
        "replace-later-changes",
        switchOption("also replace what was changed after its steps; that is kept on the host"),
      ),
  run: (args, io) => {
    const over = args["replace-later-changes"];
    return askAndCarryOn(
      args,
      {
        said: "asked to take it back",
        async wish(found, app) {
          const wish: Wish = over ? { kind: "undo", over } : { kind: "undo" };
          // Before a person is asked to confirm what would mean nothing.
          meaningOf(found, { wish, by: whoAsks(io) });
          const { laterFirst, laterRollouts } = await import("../later-rollouts.ts");
          const mayBe = async (): Promise<readonly LaterRollout[]> => {
            const later = await laterRollouts(await app.journals(), found);
            if (later.length > 0 && !over) throw laterFirst(found.id, later);
            await app.mayReopen(found.state);
            return later;
          };
          const { proveUndo } = await import("../intent.ts");
          await proveUndo({ found, later: await mayBe(), over }, args, io);
          // Another rollout may have begun while the question stood there.
          await mayBe();
          return wish;
        },
      },
      io,
    );
  },
});
