import type { Variables } from "../variables.ts";
import { selectTargets } from "../targets.ts";
import { instanceVariables } from "./instance-variables.ts";
import type { Host, Instance, Region } from "./inventory.ts";
import type { Kinds } from "./kinds.ts";
import type { ReadInventory, ReadPlan } from "./parse.ts";

/** One host that the plan goes to, with everything that `${name}` says there but secrets. */
export interface Target {
  readonly region: Region;
  readonly instance: Instance;
  readonly host: Host;
  readonly variables: Variables;
}

/** What the reviews look at. Parts that could not be read are not in it; they are reported already. */
export interface Reviewed {
  readonly plan: ReadPlan;
  readonly inventory: ReadInventory;
  readonly kinds: Kinds;
  readonly targets: readonly Target[];
}

/** Every host of every targeted instance, in rollout order. */
export function targetsOf(plan: ReadPlan, inventory: ReadInventory): readonly Target[] {
  const read = plan.plan;
  if (read === null || inventory.inventory === null) return [];
  return selectTargets(read, inventory.inventory).flatMap((region) =>
    region.instances.flatMap((instance) =>
      instance.hosts.map((host): Target => {
        const { variables } = instanceVariables({ vars: read.vars, region, instance, host });
        return { region, instance, host, variables };
      }),
    ),
  );
}
