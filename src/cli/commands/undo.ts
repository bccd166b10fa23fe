import { askAndCarryOn } from "../ask.ts";
import { command } from "../command.ts";
import type { FoundRollout } from "../find-rollout.ts";
import {
  lookOptions,
  reasonOption,
  rolloutPositional,
  switchOption,
  textOption,
} from "../options.ts";
import { UsageError } from "../refusal.ts";

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
          refuseMeaningless(found);
          const { laterFirst, laterRollouts } = await import("../later-rollouts.ts");
          const later = await laterRollouts(await app.journals(), found);
          if (later.length > 0 && !over) throw laterFirst(found.id, later);
          await app.mayReopen(found.state);
          const { proveUndo } = await import("../intent.ts");
          await proveUndo({ found, later, over }, args, io);
          return over ? { kind: "undo", over } : { kind: "undo" };
        },
      },
      io,
    );
  },
});

function refuseMeaningless({ id, state }: FoundRollout): void {
  if (state.closed !== "undone" && state.closed !== "refused") return;
  const why = state.closed === "undone" ? "is taken back already" : "touched nothing";
  throw new UsageError(`${id} ${why}`, `read: handrail report ${id}`);
}
