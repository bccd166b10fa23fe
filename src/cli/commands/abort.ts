import { askAndCarryOn } from "../ask.ts";
import { command } from "../command.ts";
import { lookOptions, reasonOption, rolloutPositional, switchOption } from "../options.ts";

/** `handrail abort ROLLOUT`: end it here, from whatever state it is in. */
export const abort = command({
  usage: "abort <rollout>",
  describe:
    "End a rollout here: what is under way goes back, what is sealed stays, unless --rollback",
  options: (parser) =>
    lookOptions(reasonOption(rolloutPositional(parser))).option(
      "rollback",
      switchOption("take back every instance that was touched"),
    ),
  run: (args, io) =>
    askAndCarryOn(
      args,
      {
        said: args.rollback ? "asked to end, and to take all of it back" : "asked to end",
        wish: () => ({ kind: "abort", rollback: args.rollback }),
      },
      io,
    ),
});
