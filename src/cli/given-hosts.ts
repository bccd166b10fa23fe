import type { Host, Region } from "../core/plan/inventory.ts";
import { selectTargets } from "../core/targets.ts";
import type { LoadedPlan } from "../sources/load-plan.ts";
import type { Io } from "./io.ts";
import { loadOrRefuse } from "./plan-input.ts";
import { PlanRefused } from "./refusal.ts";
import { registries } from "./registries.ts";
import { pathWord, stateBeside, type StateArgs } from "./state-folder.ts";

export interface HostsArgs extends StateArgs {
  readonly plan?: string | undefined;
  readonly inventory?: string | undefined;
}

/** Hosts that the command line names by a plan, an inventory, or both. */
export interface GivenHosts {
  readonly regions: readonly Region[];
  /** How to name the same hosts on another command line. */
  readonly words: string;
  /** Folder of the journal that belongs to them. */
  readonly state: string;
  readonly retentionMs: number;
  readonly concurrency: number;
}

/** What a plan keeps, and how many hosts it works on, where there is no plan to say so. */
const withoutPlan = { retentionMs: 7 * 24 * 3_600_000, concurrency: 20 };

/** null where neither is named. With a plan only the instances that it goes to. */
export async function givenHosts(args: HostsArgs, io: Io): Promise<GivenHosts | null> {
  const { plan, inventory } = args;
  if (plan !== undefined) {
    const loaded = await loadOrRefuse({ plan, inventory });
    return hostsOfPlan(loaded, { ...args, plan }, io);
  }
  if (inventory === undefined) return null;
  const { loadInventory } = await import("../sources/load-inventory.ts");
  const checked = await loadInventory(inventory, await registries());
  if ("problems" in checked) throw new PlanRefused(checked.problems);
  return {
    ...withoutPlan,
    regions: checked.ok.regions,
    words: `--inventory ${pathWord(inventory, io)}`,
    state: stateBeside(args, io, inventory),
  };
}

function hostsOfPlan(
  loaded: LoadedPlan,
  args: HostsArgs & { readonly plan: string },
  io: Io,
): GivenHosts {
  const { plan, inventory } = args;
  const { rollout } = loaded.plan;
  const given = inventory === undefined ? "" : ` --inventory ${pathWord(inventory, io)}`;
  return {
    regions: selectTargets(loaded.plan, loaded.inventory),
    words: `${pathWord(plan, io)}${given}`,
    state: stateBeside(args, io, loaded.inventoryFile ?? plan),
    retentionMs: rollout.retentionMs,
    concurrency: rollout.concurrency,
  };
}

/** Every host once, in order: instances that share a machine and a spool share its lock too. */
export function eachHost(regions: readonly Region[]): readonly Host[] {
  const hosts = regions.flatMap(({ instances }) => instances.flatMap((it) => it.hosts));
  const seen = new Set<string>();
  return hosts.filter(({ name, address, spool }) => {
    const key = JSON.stringify([name, address, spool]);
    const first = !seen.has(key);
    seen.add(key);
    return first;
  });
}
