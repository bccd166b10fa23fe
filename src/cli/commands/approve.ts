import { approveWish, emergencyWish } from "../approve-wish.ts";
import { ask, type AskArgs } from "../ask.ts";
import { command } from "../command.ts";
import { quoted } from "../../core/plan/quoted.ts";
import type { Io } from "../io.ts";
import {
  reasonOption,
  rolloutPositional,
  switchOption,
  textOption,
  wordPositional,
} from "../options.ts";
import { UsageError } from "../refusal.ts";

/** `handrail approve ROLLOUT REGION`, or `--emergency`: a person lets a region, or an emergency, begin. */
export const approve = command({
  usage: "approve <rollout> [region]",
  describe: "Let a region begin that waits for a person, or a rollout that is an emergency",
  options: (parser) =>
    reasonOption(rolloutPositional(parser))
      .positional("region", {
        ...wordPositional("region", "name of the region"),
        demandOption: false,
      })
      .option("emergency", switchOption("let it go on with the shorter bakes of an emergency"))
      .option("digest", textOption("digest", "refuse unless this is the digest of the rollout")),
  run: (args, io) => {
    const { region } = args;
    if (args.emergency) return approveEmergency(args, io);
    if (region === undefined)
      throw new UsageError(
        "approve needs the name of a region, or --emergency",
        `see what waits: handrail status ${args.rollout}`,
      );
    return ask(
      args,
      {
        said: `your approval of ${region} is recorded`,
        wish: (found) => approveWish(found, { ...args, region }),
      },
      io,
    );
  },
});

interface EmergencyArgs extends AskArgs {
  readonly region?: string | undefined;
  readonly digest?: string | undefined;
}

/** A shorter bake is somebody's word against the plan's usual one, so that person says why. */
function approveEmergency(args: EmergencyArgs, io: Io): Promise<number> {
  if (args.region !== undefined)
    throw new UsageError(
      `--emergency is about the whole rollout, and region ${quoted(args.region)} is named`,
      "approve one after the other: a region waits for its own approval",
    );
  if (args.reason === undefined)
    throw new UsageError(
      "who approves an emergency says why, for the journal and the report",
      'say it with --reason "…"',
    );
  return ask(
    args,
    {
      said: "your approval of the emergency is recorded",
      wish: (found) => emergencyWish(found, args),
    },
    io,
  );
}
