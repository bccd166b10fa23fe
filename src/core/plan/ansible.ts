import { formatVersion } from "./plan-schema.ts";
import { isMapping, keysAt, listAt, valueAt } from "./raw.ts";
import { isUsableName } from "./variable-names.ts";

/**
 * An inventory in Handrail's shape from what `ansible-inventory --list` prints: top-level groups
 * become regions in the order printed, groups below them labels, `ansible_host` and its kin our
 * fields, and the other host variables that are plain values our vars. Hosts outside every group
 * come last, in the region `ungrouped`. null when the text is no such thing.
 */
export function fromAnsible(name: string, listing: unknown): object | null {
  if (!isMapping(listing) || !isMapping(listing["_meta"])) return null;
  const groups = listAt(listing["all"], "children").filter((one) => typeof one === "string");
  const grouped = groups.filter((group) => group !== "ungrouped");
  const regions = [...grouped, "ungrouped"].map((region) => ({
    name: region,
    instances: [...hostsBelow(listing, region, new Set())].map(([host, labels]) =>
      instance(host, labels, valueAt(listing, ["_meta", "hostvars", host])),
    ),
  }));
  return {
    handrail: formatVersion,
    name,
    regions: regions.filter((region) => region.instances.length > 0),
  };
}

/** Hosts of a group and of the groups below it, each with the names of those. */
function hostsBelow(
  listing: Readonly<Record<string, unknown>>,
  group: string,
  path: ReadonlySet<string>,
): Map<string, string[]> {
  const hosts = new Map<string, string[]>();
  // Ansible forbids circles among groups; what prints one is not Ansible, and ends here.
  if (path.has(group)) return hosts;
  const labels = path.size === 0 ? [] : [group];
  for (const host of listAt(listing[group], "hosts")) {
    if (typeof host === "string") hosts.set(host, [...(hosts.get(host) ?? []), ...labels]);
  }
  for (const child of listAt(listing[group], "children")) {
    if (typeof child !== "string") continue;
    for (const [host, below] of hostsBelow(listing, child, new Set([...path, group]))) {
      hosts.set(host, [...new Set([...(hosts.get(host) ?? []), ...labels, ...below])]);
    }
  }
  return hosts;
}

function instance(name: string, groups: readonly string[], hostvars: unknown): object {
  const read = (key: string): unknown => valueAt(hostvars, [key]);
  const becomes = read("ansible_become") === true || read("ansible_become") === "true";
  const fields = {
    address: read("ansible_host"),
    port: numberOf(read("ansible_port")),
    user: read("ansible_user"),
    identity: read("ansible_ssh_private_key_file"),
    via: read("ansible_connection") === "local" ? "local" : undefined,
    become: read("ansible_become_user") ?? (becomes ? "root" : undefined),
  };
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  const vars = keysAt({ hostvars }, "hostvars")
    .filter((key) => !key.startsWith("ansible_") && isUsableName(key))
    .map((key): [string, unknown] => [key, read(key)])
    .filter(([, value]) => ["string", "number", "boolean"].includes(typeof value))
    // Ansible's own templates would be filled in by Ansible only; ours look different.
    .map(([key, value]) => [key, String(value).replaceAll("${", () => "$${")]);
  const labels = groups.filter((group) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(group));
  return {
    name,
    ...Object.fromEntries(given),
    labels: Object.fromEntries(labels.map((group) => [group, "true"])),
    vars: Object.fromEntries(vars),
  };
}

function numberOf(value: unknown): unknown {
  return typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
}
