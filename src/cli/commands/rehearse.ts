import { dirname, resolve } from "node:path";
import type { RehearsalOutcome } from "../../core/rehearsal/rehearsal.ts";
import { type CiArgs, type CiFiles, withCiFiles } from "../ci-files.ts";
import { command } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { pageFor } from "../onlookers.ts";
import { openApp } from "../open-app.ts";
import type { PlanArgs } from "../plan-input.ts";
import type { StateArgs } from "../state-folder.ts";
import type { Io } from "../io.ts";
import {
  ciOptions,
  inventoryOption,
  planPositional,
  switchOption,
  textsOption,
} from "../options.ts";
import { loadOrRefuse } from "../plan-input.ts";
import { UsageError } from "../refusal.ts";
import { keepRehearsal } from "../rehearsals-known.ts";
import { previewOf } from "../show-preview.ts";
import { pathWord, stateBeside } from "../state-folder.ts";

/** `handrail rehearse PLAN`: runs the steps in a copy of chosen instances, which is thrown away. */
export const rehearse = command({
  usage: "rehearse <plan>",
  describe:
    "Run the steps in a throw-away copy of some instances, and say what each would do to their files",
  options: (parser) =>
    ciOptions(inventoryOption(planPositional(parser)))
      .option(
        "instance",
        textsOption(
          "instance",
          "rehearse here; may be repeated [default: the first of each region]",
        ),
      )
      .option("json", switchOption("print what was found as JSON"))
      .option(
        "detailed-exitcode",
        switchOption("end with 2 where there are effects, all within policy"),
      )
      .option("network", switchOption("let the steps reach the network, with what listens there"))
      .option(
        "trace",
        switchOption("name the command that deletes each path, where strace is there"),
      ),
  run: (args, io) => withCiFiles(args, io, (files) => rehearsed(args, io, files)),
});

interface RehearseArgs extends PlanArgs, StateArgs, CiArgs {
  readonly instance?: readonly string[] | undefined;
  readonly json: boolean;
  readonly color?: boolean | undefined;
  readonly network: boolean;
  readonly trace: boolean;
  readonly detailedExitcode: boolean;
}

async function rehearsed(args: RehearseArgs, io: Io, files: CiFiles): Promise<number> {
  const loaded = await loadOrRefuse(args);
  const itinerary = await previewOf(loaded);
  const { chooseInstances } = await import("../../core/rehearsal/choose-instances.ts");
  const asked = args.instance ?? [];
  const choice = chooseInstances(itinerary, asked);
  if ("unknown" in choice)
    throw new UsageError(
      `--instance "${choice.unknown}" is no target of this plan${choice.meant === null ? "" : `; did you mean "${choice.meant}"?`}`,
      `see which there are: handrail preview ${pathWord(resolve(io.cwd, args.plan), io)}`,
    );
  const { secretsOf } = await import("../../usable-secrets.ts");
  const secrets = await secretsOf(itinerary, dirname(resolve(io.cwd, args.plan)), io.env);
  const { rehearsedInstances } = await import("../rehearsed-instances.ts");
  const state = stateBeside(args, io, loaded.inventoryFile ?? args.plan);
  await using app = await openApp(state, io);
  const { network, trace } = args;
  const { chosen, left } = choice;
  const order = { door: app.door, loaded, itinerary, chosen, secrets, network, trace };
  const at = new Date().toISOString();
  const instances = await rehearsedInstances(order);
  await keepRehearsal(state, instances, { digest: itinerary.digest, at, network, io });
  const { outcomeOf } = await import("../../core/rehearsal/rehearsal.ts");
  const outcome = outcomeOf(instances);
  const exit = exitOf(outcome, args.detailedExitcode);
  const view = {
    plan: loaded.plan.name,
    instances,
    left,
    byDefault: asked.length === 0,
    network,
    outcome,
  };
  const { rehearsalReport } = await import("../../views/preview-report.ts");
  files.tell(rehearsalReport(view, { exit, at }));
  if (args.json) {
    const { rehearsalJson } = await import("../../views/rehearsal-json.ts");
    io.stdout.write(`${JSON.stringify(rehearsalJson(view, exit), null, 2)}\n`);
  } else {
    const { rehearsalText } = await import("../../views/rehearsal-text.ts");
    io.stdout.write(rehearsalText(view, await pageFor(args, io)));
  }
  return exit;
}

function exitOf(outcome: RehearsalOutcome, detailed: boolean): number {
  switch (outcome) {
    case "would-break":
      return exitCodes.wouldBreak;
    case "not-rehearsable":
      return exitCodes.refused;
    case "inconclusive":
      return exitCodes.paused;
    case "effects":
      return detailed ? exitCodes.effects : exitCodes.done;
    case "no-effects":
      return exitCodes.done;
  }
}
