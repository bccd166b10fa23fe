import type { ItineraryInstance } from "../core/itinerary.ts";
import type { StepSpec } from "../core/plan/plan.ts";
import { hostVariables, secretStandIns, substitute } from "../core/variables.ts";
import type { LoadedPlan } from "../sources/load-plan.ts";

/** What a step does on an instance (its first host), in one line, in the words of the plan. */
export async function stepSummary(
  loaded: LoadedPlan,
): Promise<(step: StepSpec, instance: ItineraryInstance) => string> {
  const { stepKind } = await import("../steps/registry.ts");
  const { fileContent } = await import("../sources/load-plan.ts");
  const files = fileContent(loaded.files);
  const secrets = secretStandIns(Object.keys(loaded.plan.secrets));
  return ({ work }, instance) => {
    const kind = stepKind(work.kind);
    const host = instance.hosts[0];
    if (kind === null || host === undefined) return work.kind;
    const env = { ...hostVariables(instance, host), ...secrets };
    const args = kind.substitutes ? substitute(work.args, env) : work.args;
    return kind.orders(args, { env, files }).summary;
  };
}
