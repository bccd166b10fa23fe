import { ask } from "../ask.ts";
import { command } from "../command.ts";
import { nearestOrAll } from "../../core/plan/suggest.ts";
import { hasWindows } from "../../core/told-time.ts";
import { beginsWork } from "../../core/wish.ts";
import { rolloutPositional, textOption, wordPositional } from "../options.ts";
import { UsageError } from "../refusal.ts";

/** `handrail override ROLLOUT REGION --reason WHY`: a region goes on outside its maintenance windows. */
export const override = command({
  usage: "override <rollout> <region>",
  describe: "Let a region go on outside its maintenance windows",
  options: (parser) =>
    rolloutPositional(parser)
      .positional("region", wordPositional("region", "name of the region"))
      .option("reason", { ...textOption("reason", "why, for the journal"), demandOption: true }),
  run: ({ region, ...args }, io) =>
    ask(
      args,
      {
        said: `region ${region} need not wait for its maintenance window`,
        wish: ({ id, state }) => {
          const names = state.itinerary.regions.filter(hasWindows).map(({ name }) => name);
          if (!beginsWork(state) || names.includes(region))
            return { kind: "override-window", region };
          const suggestion = nearestOrAll(region, names);
          const why = `no region "${region}" of ${id} has a maintenance window`;
          throw new UsageError(
            suggestion === null ? why : `${why}; ${suggestion}`,
            `see where it stands: handrail status ${id}`,
          );
        },
      },
      io,
    ),
});
