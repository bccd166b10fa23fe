import type { Variables } from "../variables.ts";
import type { Host, Instance, Region } from "./inventory.ts";
import { resolveVars, type VariableTrouble } from "./resolve-vars.ts";

/**
 * What `${name}` can say on one host of an instance. From weak to strong, as Ansible orders the
 * same things: the inventory's defaults, the region, the instance, and then the plan's own `vars`
 * (Ansible's play vars win over host vars too): whoever reads the plan reads the value that is
 * used. Above all of them stand the names that Handrail gives: name, region, index (from a range),
 * timezone, host, address, user, port and label_NAME. Those that have no value, such as the user
 * where ssh decides it, are not there at all.
 */
export function instanceVariables(parts: {
  readonly vars: Variables;
  readonly region: Region;
  readonly instance: Instance;
  readonly host: Host;
}): { readonly variables: Variables; readonly troubles: readonly VariableTrouble[] } {
  const { vars, region, instance, host } = parts;
  const fixed: Record<string, string> = { name: instance.name, region: region.name };
  if (instance.index !== null) fixed["index"] = instance.index;
  if (region.timezone !== null) fixed["timezone"] = region.timezone;
  fixed["host"] = host.name;
  fixed["address"] = host.address;
  if (host.user !== null) fixed["user"] = host.user;
  if (host.port !== null) fixed["port"] = String(host.port);
  for (const [label, value] of Object.entries(instance.labels)) fixed[`label_${label}`] = value;
  return resolveVars({ ...instance.vars, ...vars }, fixed);
}

/**
 * What `${name}` can say where no host is meant, in a notice say: the plan's own vars, as far as
 * they name nothing of a host. Secrets are added by whoever is about to use them.
 */
export function planVariables(vars: Variables): Variables {
  return resolveVars(vars, {}).variables;
}
