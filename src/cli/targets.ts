import type { LoadedPlan } from "../sources/load-plan.ts";
import { selectTargets } from "../core/targets.ts";

/** What a plan goes to, counted: "4 steps on 12 instances in apac, emea and cn". */
export function targetsOf({ plan, inventory }: LoadedPlan): string {
  const regions = selectTargets(plan, inventory);
  const instances = regions.reduce((sum, region) => sum + region.instances.length, 0);
  const names = new Intl.ListFormat("en").format(regions.map(({ name }) => name));
  return `${counted(plan.steps.length, "step")} on ${counted(instances, "instance")} in ${names}`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
