import { ask } from "../ask.ts";
import { command } from "../command.ts";
import { reasonOption, rolloutPositional } from "../options.ts";

/** `handrail pause ROLLOUT`: no new work; what runs ends. */
export const pause = command({
  usage: "pause <rollout>",
  describe: "Let a rollout begin nothing new; steps that run come to their end",
  options: (parser) => reasonOption(rolloutPositional(parser)),
  run: (args, io) =>
    ask(
      args,
      {
        said: "asked to pause",
        wish: () => ({ kind: "pause" }),
      },
      io,
    ),
});
