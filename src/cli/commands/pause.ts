import { ask } from "../ask.ts";
import { command } from "../command.ts";
import { reasonOption, rolloutPositional } from "../options.ts";
import { UsageError } from "../refusal.ts";

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
        wish: ({ id, holder }) => {
          if (holder !== null) return { kind: "pause" };
          throw new UsageError(
            `nobody runs ${id} now`,
            `see where it stands: handrail status ${id}`,
          );
        },
      },
      io,
    ),
});
