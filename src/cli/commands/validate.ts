import { breaking } from "../../core/static-review/finding.ts";
import { refuseBreaking } from "../../core/static-review/refuse-breaking.ts";
import { selectTargets } from "../../core/targets.ts";
import type { LoadedPlan } from "../../sources/load-plan.ts";
import { type CiFiles, withCiFiles } from "../ci-files.ts";
import { command } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import { pageFor } from "../onlookers.ts";
import { ciOptions, inventoryOption, planPositional, switchOption } from "../options.ts";
import type { PlanArgs } from "../plan-input.ts";
import { PlanRefused } from "../refusal.ts";
import { registries } from "../registries.ts";

/** `handrail validate PLAN`: everything that is wrong with a plan, without connecting anywhere. */
export const validate = command({
  usage: "validate <plan>",
  describe: "Say everything that is wrong with a plan, without connecting to any host",
  options: (parser) =>
    ciOptions(inventoryOption(planPositional(parser))).option(
      "json",
      switchOption("print the problems as JSON"),
    ),
  run: (args, io) => withCiFiles(args, io, (files) => check(args, io, files)),
});

async function check(
  { plan, inventory, json, color }: ValidateArgs,
  io: Io,
  files: CiFiles,
): Promise<number> {
  const { loadPlan } = await import("../../sources/load-plan.ts");
  const { targetsOf } = await import("../targets.ts");
  const checked = await loadPlan(plan, { ...(await registries()), inventory: inventory ?? null });
  const problems = "problems" in checked ? checked.problems : [];
  const findings = "ok" in checked ? checked.ok.findings : [];
  const valid = problems.length === 0 && breaking(findings).length === 0;
  const exit = valid ? exitCodes.done : exitCodes.refused;
  if (problems.length > 0) files.refuse(new PlanRefused(problems));
  else {
    const { validReport } = await import("../../views/preview-report.ts");
    files.tell(validReport(plan, findings, { exit, at: new Date().toISOString() }));
  }
  if (json) {
    const { safeDeep } = await import("../../views/event-facts.ts");
    io.stdout.write(`${JSON.stringify(safeDeep({ valid, problems, findings }), null, 2)}\n`);
    return exit;
  }
  if (!("ok" in checked)) throw new PlanRefused(problems);
  if (valid) io.stdout.write(`${plan} is valid: ${targetsOf(checked.ok)}\n`);
  await printReview(checked.ok, color, io);
  refuseBreaking(findings);
  return exit;
}

interface ValidateArgs extends PlanArgs {
  readonly json: boolean;
  readonly color: boolean | undefined;
}

async function printReview(loaded: LoadedPlan, color: boolean | undefined, io: Io): Promise<void> {
  if (loaded.findings.length === 0) return;
  const { layOut } = await import("../../views/page.ts");
  const { reviewBlocks } = await import("../../views/review-text.ts");
  const instances = selectTargets(loaded.plan, loaded.inventory).flatMap((it) => it.instances);
  const blocks = reviewBlocks(loaded.findings, { instances: instances.length });
  io.stdout.write(layOut(blocks, await pageFor({ color }, io)));
}
