import type { Wish } from "../../core/event.ts";
import { meaningOf } from "../answered-wish.ts";
import { whoAsks } from "../open-app.ts";
import { askAndCarryOn } from "../ask.ts";
import { command } from "../command.ts";
import { lookOptions, reasonOption, rolloutPositional } from "../options.ts";

/** `handrail reconcile ROLLOUT`: ask the hosts what became of everything that is not known. */
export const reconcile = command({
  usage: "reconcile <rollout>",
  describe: "Ask the hosts again about what is unknown or unfinished, and finish what can be",
  options: (parser) => lookOptions(reasonOption(rolloutPositional(parser))),
  run: (args, io) =>
    askAndCarryOn(
      args,
      {
        said: "asked to look at the hosts again",
        async wish(found, app) {
          const wish: Wish = { kind: "reconcile" };
          meaningOf(found, { wish, by: whoAsks(io) });
          await app.mayReopen(found.state);
          return wish;
        },
      },
      io,
    ),
});
