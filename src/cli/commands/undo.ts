import { askAndCarryOn } from "../ask.ts";
import { command } from "../command.ts";
import { lookOptions, reasonOption, rolloutPositional } from "../options.ts";
import { UsageError } from "../refusal.ts";

/** `handrail undo ROLLOUT`: a person takes a finished or halted rollout back. */
export const undo = command({
  usage: "undo <rollout>",
  describe: "Take a rollout back: every instance that it touched, newest first",
  options: (parser) => lookOptions(reasonOption(rolloutPositional(parser))),
  run: (args, io) =>
    askAndCarryOn(
      args,
      {
        said: "asked to take it back",
        wish: ({ id, state }) => {
          if (state.closed !== "undone" && state.closed !== "refused") return { kind: "undo" };
          const why = state.closed === "undone" ? "is taken back already" : "touched nothing";
          throw new UsageError(`${id} ${why}`, `read: handrail report ${id}`);
        },
      },
      io,
    ),
});
