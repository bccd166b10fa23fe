import { command } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { inventoryOption, planPositional, switchOption } from "../options.ts";
import { PlanRefused } from "../refusal.ts";
import { registries } from "../registries.ts";

/** `handrail validate PLAN`: everything that is wrong with a plan, without connecting anywhere. */
export const validate = command({
  usage: "validate <plan>",
  describe: "Say everything that is wrong with a plan, without connecting to any host",
  options: (parser) =>
    inventoryOption(planPositional(parser)).option(
      "json",
      switchOption("print the problems as JSON"),
    ),
  run: async ({ plan, inventory, json }, io) => {
    const { loadPlan } = await import("../../sources/load-plan.ts");
    const { targetsOf } = await import("../targets.ts");
    const checked = await loadPlan(plan, { ...(await registries()), inventory: inventory ?? null });
    const problems = "problems" in checked ? checked.problems : [];
    if (json) io.stdout.write(`${JSON.stringify({ valid: "ok" in checked, problems }, null, 2)}\n`);
    else if (problems.length > 0) throw new PlanRefused(problems);
    if (!("ok" in checked)) return exitCodes.refused;
    if (!json) io.stdout.write(`${plan} is valid: ${targetsOf(checked.ok)}\n`);
    return exitCodes.done;
  },
});
