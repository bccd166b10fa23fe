import { ask } from "../ask.ts";
import { command } from "../command.ts";
import { needsApproval } from "../../core/odd-ones.ts";
import { beginsWork } from "../../core/wish.ts";
import { nearestOrAll } from "../../core/plan/suggest.ts";
import { reasonOption, rolloutPositional, wordPositional } from "../options.ts";
import { UsageError } from "../refusal.ts";

/** `handrail approve ROLLOUT REGION`: a person lets a region begin. */
export const approve = command({
  usage: "approve <rollout> <region>",
  describe: "Let a region begin that waits for a person",
  options: (parser) =>
    reasonOption(rolloutPositional(parser)).positional(
      "region",
      wordPositional("region", "name of the region"),
    ),
  run: (args, io) =>
    ask(
      args,
      {
        said: `region ${args.region} is approved`,
        wish: ({ id, state }) => {
          const waiting = state.itinerary.regions.filter(({ name }) => needsApproval(state, name));
          const names = waiting.map(({ name }) => name);
          if (!beginsWork(state) || names.includes(args.region)) {
            return { kind: "approve", region: args.region };
          }
          const suggestion = nearestOrAll(args.region, names);
          const why = `no region "${args.region}" of ${id} waits for approval`;
          throw new UsageError(
            suggestion === null ? why : `${why}; ${suggestion}`,
            `see where it stands: handrail status ${id}`,
          );
        },
      },
      io,
    ),
});
