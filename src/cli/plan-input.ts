import type { LoadedPlan } from "../sources/load-plan.ts";
import { PlanRefused } from "./refusal.ts";
import { registries } from "./registries.ts";

export interface PlanArgs {
  readonly plan: string;
  readonly inventory?: string | undefined;
}

/** Reads and reviews a plan; rejects with everything that is wrong with it. */
export async function loadOrRefuse({ plan, inventory }: PlanArgs): Promise<LoadedPlan> {
  const { loadPlan } = await import("../sources/load-plan.ts");
  const checked = await loadPlan(plan, { ...(await registries()), inventory: inventory ?? null });
  if ("problems" in checked) throw new PlanRefused(checked.problems);
  return checked.ok;
}
