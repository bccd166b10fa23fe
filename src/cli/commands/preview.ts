import { planOrPreview } from "../bound-run.ts";
import { withCiFiles } from "../ci-files.ts";
import { command } from "../command.ts";
import {
  ciOptions,
  emergencyOption,
  inventoryOption,
  planPositional,
  switchOption,
  textOption,
} from "../options.ts";
import { showPreview } from "../show-preview.ts";

/** `handrail preview PLAN`: what a rollout would do, in the order in which it would. */
export const preview = command({
  usage: "preview <plan>",
  describe: "Show what a rollout would do, region by region, and what could not be taken back",
  options: (parser) =>
    ciOptions(emergencyOption(inventoryOption(planPositional(parser))))
      .option("json", switchOption("print the preview as JSON"))
      .option(
        "hosts",
        switchOption(
          "look at the hosts too, read-only: what files would become, locks, losses, space",
        ),
      )
      .option(
        "out",
        textOption("out", "look at the hosts, and write it to a file that apply takes"),
      )
      .option("detailed-exitcode", switchOption("end with 2 when something would change, else 0")),
  run: (given, io) =>
    withCiFiles(given, io, async (files) => {
      const { args, bound } = await planOrPreview(given, io);
      const emergency = args.emergency || bound?.file.emergency === true;
      return await showPreview(
        { ...args, emergency, detailed: args["detailed-exitcode"] },
        io,
        files,
      );
    }),
});
