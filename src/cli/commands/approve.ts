import { ask } from "../ask.ts";
import { command } from "../command.ts";
import { needsApproval } from "../../core/odd-ones.ts";
import { beginsWork } from "../../core/wish.ts";
import { quoted } from "../../core/plan/quoted.ts";
import { nearestOrAll } from "../../core/plan/suggest.ts";
import { reasonOption, rolloutPositional, textOption, wordPositional } from "../options.ts";
import { UsageError } from "../refusal.ts";

/** `handrail approve ROLLOUT REGION`: a person lets a region begin. */
export const approve = command({
  usage: "approve <rollout> <region>",
  describe: "Let a region begin that waits for a person",
  options: (parser) =>
    reasonOption(rolloutPositional(parser))
      .positional("region", wordPositional("region", "name of the region"))
      .option("digest", textOption("digest", "refuse unless this is the digest of the rollout")),
  run: (args, io) =>
    ask(
      args,
      {
        said: `your approval of ${args.region} is recorded`,
        wish: ({ id, state }) => {
          const waiting = state.itinerary.regions.filter(({ name }) => needsApproval(state, name));
          const names = waiting.map(({ name }) => name);
          if (!beginsWork(state) || names.includes(args.region)) {
            const { digest } = state.itinerary;
            refuseOther(args.digest, { id, digest });
            // What was approved, and when, goes with it: an approval may expire.
            return { kind: "approve", region: args.region, at: new Date().toISOString(), digest };
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

/** Whoever read a preview approves what that preview showed, or nothing. */
function refuseOther(
  given: string | undefined,
  { id, digest }: { readonly id: string; readonly digest: string },
): void {
  if (given === undefined || given.toLowerCase() === digest) return;
  throw new UsageError(
    `--digest is ${quoted(given)}, and ${id} has the digest ${digest}`,
    `look at what it does: handrail report ${id}`,
  );
}
