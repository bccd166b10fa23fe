import { batchesOf, resolveCount } from "./batches.ts";
import { emergencyBake, emergencyRule } from "./emergency.ts";
import type { Itinerary, ItineraryInstance, ItineraryRegion, ReferencedFile } from "./itinerary.ts";
import { instanceVariables } from "./plan/instance-variables.ts";
import type { Host, Instance, Inventory, Region } from "./plan/inventory.ts";
import { parseWindow } from "./plan/maintenance.ts";
import type { Plan } from "./plan/plan.ts";
import { selectTargets } from "./targets.ts";

/** What a rollout is frozen from: a plan and an inventory that were read without a problem. */
export interface FreezeOrder {
  readonly plan: Plan;
  readonly inventory: Inventory;
  /** Files that the plan refers to. Only what `ReferencedFile` names is kept. */
  readonly files: Readonly<Record<string, readonly ReferencedFile[]>>;
  /** The rollout's id. */
  readonly rollout: string;
  readonly digest: string;
  /**
   * Why it is an emergency; absent and null: it is none. The plan must declare one. The digest is the same
   * either way: it names the plan, and what that declares for an emergency is in it.
   */
  readonly emergency?: string | null | undefined;
}

/**
 * The itinerary: every region, batch and instance in the order in which the rollout will visit
 * them, every percentage resolved, every variable but the secrets filled in.
 */
export function freeze(order: FreezeOrder): Itinerary {
  const { plan, inventory } = order;
  const reason = order.emergency ?? null;
  const emergency = reason === null ? undefined : plan.rollout.emergency;
  if (reason !== null && emergency === undefined)
    throw new Error("an emergency was asked for, and the plan declares none");
  const regions = selectTargets(plan, inventory);
  const all = regions.flatMap((region) =>
    region.instances.map((instance) => frozenInstance(plan, region, instance)),
  );
  return {
    rollout: order.rollout,
    digest: order.digest,
    plan,
    inventory: { name: inventory.name, production: inventory.production },
    regions: regions.map((region, at) => {
      const frozen = frozenRegion(plan, region, at === 0);
      if (emergency === undefined) return frozen;
      return { ...frozen, bake: emergencyBake(frozen.bake, emergency) };
    }),
    instances: Object.fromEntries(all.map((instance) => [instance.name, instance])),
    maxBad: { rollout: resolveCount(plan.rollout.maxBad, all.length) },
    receipted: plan.steps.map((step) => step.work.kind !== "http"),
    ...(reason === null || emergency === undefined
      ? {}
      : { emergency: { reason, rule: emergencyRule(emergency) } }),
    ...(plan.steps.some((step) => step.required) ? { requires: true as const } : {}),
    files: onlyReferences(order.files),
  };
}

/**
 * The text whose sha256 is the plan's digest: what will be done, where, with which content, by
 * which Handrail. The same change always gives the same text, on whichever machine: where the plan
 * and the inventory lie, and the key that opens the login, are no part of it.
 */
export function digestInput(parts: {
  readonly plan: Plan;
  readonly inventory: Inventory;
  readonly files: Readonly<Record<string, readonly ReferencedFile[]>>;
  /** Version of Handrail. */
  readonly tool: string;
}): string {
  const frozen = freeze({ ...parts, rollout: "", digest: "" });
  const instances = Object.values(frozen.instances).map(withoutKeys);
  const plan = { ...frozen.plan, inventory: null };
  return canonicalJson({ ...frozen, plan, instances, tool: parts.tool });
}

/** The same without what opens its logins: whose key it is does not change what is done. */
export function withoutKeys({ hosts, ...instance }: ItineraryInstance): object {
  return { ...instance, hosts: hosts.map(({ identity: _key, ...host }) => host) };
}

/** JSON with sorted keys and no spaces: equal data, equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    const entries = Object.entries(inner);
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  });
}

function frozenRegion(plan: Plan, region: Region, first: boolean): ItineraryRegion {
  const { rollout } = plan;
  const names = region.instances.map((instance) => instance.name);
  const approval = rollout.approvals?.[region.name];
  const windows = region.maintenance.flatMap((text) => parseWindow(text) ?? []);
  return {
    name: region.name,
    timezone: region.timezone,
    approve: rollout.approve.includes(region.name),
    ...(approval === undefined ? {} : { approval }),
    ...(windows.length === 0 ? {} : { windows }),
    batches: batchesOf(names, rollout.batches).map((instances) => ({
      instances,
      maxBad: resolveCount(rollout.maxBad, instances.length),
    })),
    maxBad: resolveCount(rollout.maxBad, names.length),
    bake: first ? rollout.bakeFirst : rollout.bake,
  };
}

function frozenInstance(plan: Plan, region: Region, instance: Instance): ItineraryInstance {
  const { name, hosts } = instance;
  const variablesOn = (host: Host) =>
    instanceVariables({ vars: plan.vars, region, instance, host }).variables;
  const [first, ...others] = hosts;
  if (first === undefined) throw new Error(`instance "${name}" has no host`);
  const frozen = { name, region: region.name, hosts, variables: variablesOn(first) };
  if (others.length === 0) return frozen;
  return {
    ...frozen,
    byHost: Object.fromEntries(others.map((host) => [host.name, variablesOn(host)])),
  };
}

function onlyReferences(files: FreezeOrder["files"]): FreezeOrder["files"] {
  const entries = Object.entries(files).map(([path, list]): [string, readonly ReferencedFile[]] => [
    path,
    list.map(({ path: below, mode, sha256, size }) => ({ path: below, mode, sha256, size })),
  ]);
  return Object.fromEntries(entries);
}
