import { askAndCarryOn } from "../ask.ts";
import { command } from "../command.ts";
import { lookOptions, reasonOption, rolloutPositional, stayOption } from "../options.ts";

/** `handrail resume ROLLOUT`: go on after a pause, a decision, an interruption or a crash. */
export const resume = command({
  usage: "resume <rollout>",
  describe: "Go on with a rollout that paused, was interrupted, or whose process died",
  options: (parser) => stayOption(lookOptions(reasonOption(rolloutPositional(parser)))),
  run: (args, io) =>
    askAndCarryOn(
      args,
      {
        said: "asked to go on",
        needsSecrets: true,
        wish: () => ({ kind: "resume" }),
      },
      io,
    ),
});
