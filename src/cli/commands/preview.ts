import { command } from "../command.ts";
import {
  ciOptions,
  emergencyOption,
  inventoryOption,
  planPositional,
  previewOptions,
  switchOption,
} from "../options.ts";
import { previewAsAsked } from "../preview-as-asked.ts";

/** `handrail preview PLAN`: what a rollout would do, in the order in which it would. */
export const preview = command({
  usage: "preview <plan>",
  describe: "Show what a rollout would do, region by region, and what could not be taken back",
  options: (parser) =>
    previewOptions(
      ciOptions(emergencyOption(inventoryOption(planPositional(parser)))).option(
        "json",
        switchOption("print the preview as JSON"),
      ),
    ),
  run: (given, io) => previewAsAsked(given, io),
});
