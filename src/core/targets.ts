import type { Instance, Inventory, Region } from "./plan/inventory.ts";
import type { Plan } from "./plan/plan.ts";

/**
 * The regions and instances that the plan goes to, in the inventory's order, whatever order the
 * plan names them in. A region that is left without an instance is left out.
 */
export function selectTargets(plan: Plan, inventory: Inventory): readonly Region[] {
  const { regions } = plan.targets;
  return inventory.regions
    .filter((region) => regions === null || regions.includes(region.name))
    .map((region) => ({
      ...region,
      instances: region.instances.filter((instance) => isTarget(plan, instance)),
    }))
    .filter((region) => region.instances.length > 0);
}

function isTarget(plan: Plan, instance: Instance): boolean {
  const { labels, exclude } = plan.targets;
  if (exclude.includes(instance.name)) return false;
  return Object.entries(labels).every(
    ([label, value]) => Object.hasOwn(instance.labels, label) && instance.labels[label] === value,
  );
}
