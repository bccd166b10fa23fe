import { fill, type Variables } from "../variables.ts";
import type { Host, Instance, Inventory, Region } from "./inventory.ts";
import type { InstanceText, InventoryText, RegionText } from "./inventory-schema.ts";
import type { DocumentPath } from "./problem.ts";
import { quoted } from "./quoted.ts";
import { expandRange, type RangeEntry } from "./ranges.ts";
import { resolveVars } from "./resolve-vars.ts";
import { nearestOrAll } from "./suggest.ts";

/** More instances than this in one inventory are refused. */
export const instancesMax = 20_000;

export const spoolDefault = "/var/lib/handrail";
const transportDefault = "openssh";

/** Reports a problem at a path of the inventory's value. */
export type ReportAt = (path: DocumentPath, message: string, suggestion?: string | null) => void;

/** An inventory with ranges expanded and defaults merged in, and where each instance was written. */
export interface SpelledOut {
  readonly inventory: Inventory;
  /** Path of the entry that an instance came from. */
  readonly written: ReadonlyMap<Instance, DocumentPath>;
}

interface Login {
  readonly via?: string | undefined;
  readonly user?: string | undefined;
  readonly port?: number | undefined;
  readonly identity?: string | undefined;
  readonly become?: string | undefined;
  readonly spool?: string | undefined;
}

/** Fills defaults in: the inventory's are the weakest, then region, instance and host. */
export function spellOutInventory(text: InventoryText, report: ReportAt): SpelledOut {
  const written = new Map<Instance, DocumentPath>();
  const regions = text.regions.map((region, regionAt): Region => {
    const instances: Instance[] = [];
    region.instances.forEach((entry, at) => {
      const path = ["regions", regionAt, "instances", at];
      const range = expandRange(entry.name);
      if ("wrong" in range) {
        report([...path, "name"], range.wrong, range.instead);
        return;
      }
      const tell = tellOnce(path, report);
      for (const one of range.ok) {
        if (written.size >= instancesMax) {
          tell([], `the inventory has more than ${instancesMax} instances`);
          return;
        }
        const instance = spellOutInstance({ text, region, entry, one, tell });
        instances.push(instance);
        written.set(instance, path);
      }
    });
    return {
      name: region.name,
      timezone: region.timezone ?? null,
      maintenance: region.maintenance ?? [],
      instances,
    };
  });
  const { name, production = true, spool = text.defaults?.spool ?? spoolDefault } = text;
  return { inventory: { name, production, spool, regions }, written };
}

/** Thousands of instances of one range have the same trouble: it is told once per field. */
function tellOnce(path: DocumentPath, report: ReportAt): ReportAt {
  const told = new Set<string>();
  return (below, message, suggestion) => {
    const key = below.join("/");
    if (told.has(key)) return;
    told.add(key);
    report([...path, ...below], message, suggestion);
  };
}

function spellOutInstance(parts: {
  readonly text: InventoryText;
  readonly region: RegionText;
  readonly entry: InstanceText;
  readonly one: RangeEntry;
  readonly tell: ReportAt;
}): Instance {
  const { text, region, entry, one, tell } = parts;
  const vars = { ...text.defaults?.vars, ...region.vars, ...entry.vars };
  const given: Record<string, string> = { name: one.name, region: region.name };
  if (one.index !== null) given["index"] = one.index;
  if (region.timezone !== undefined) given["timezone"] = region.timezone;

  const filler = (names: Variables) => {
    const { variables } = resolveVars(vars, names);
    return (value: string, path: DocumentPath): string => {
      const { text: filled, unknown } = fill(value, (name) =>
        Object.hasOwn(variables, name) ? (variables[name] ?? null) : null,
      );
      const [name] = unknown;
      if (name !== undefined) {
        const message = `${quoted(`\${${name}}`)} says nothing here on ${quoted(one.name)}`;
        const hint = name === "index" ? "only a range such as ap[01:40] gives an index" : null;
        tell(path, message, hint ?? nearestOrAll(name, Object.keys(variables)));
      }
      return filled;
    };
  };
  const fillHere = filler(given);
  const logins: readonly Login[] = [
    { via: transportDefault, spool: text.spool ?? spoolDefault },
    text.defaults ?? {},
    region,
    entry,
  ];
  const labels = Object.entries(entry.labels ?? {}).map(([label, value]): [string, string] => [
    label,
    fillHere(value, ["labels", label]),
  ]);
  const hosts = entry.hosts?.map((host, at): Host => {
    const fillHost = filler({ ...given, host: fillHere(host.name, ["hosts", at, "name"]) });
    return spellOutHost({
      name: fillHere(host.name, ["hosts", at, "name"]),
      address: host.address,
      logins: [...logins, host],
      fill: (value, field) => fillHost(value, ["hosts", at, field]),
    });
  });
  const self = { name: one.name, address: entry.address, logins };
  return {
    name: one.name,
    region: region.name,
    index: one.index,
    labels: Object.fromEntries(labels),
    hosts: hosts ?? [spellOutHost({ ...self, fill: (value, field) => fillHere(value, [field]) })],
    vars,
  };
}

function spellOutHost(parts: {
  readonly name: string;
  readonly address: string | undefined;
  /** Weakest first. */
  readonly logins: readonly Login[];
  readonly fill: (value: string, field: string) => string;
}): Host {
  const last = <K extends keyof Login>(key: K): Login[K] =>
    parts.logins.findLast((login) => login[key] !== undefined)?.[key];
  const filled = (key: "user" | "identity" | "spool" | "become"): string | null => {
    const value = last(key);
    return value === undefined ? null : parts.fill(value, key);
  };
  return {
    name: parts.name,
    address: parts.address === undefined ? parts.name : parts.fill(parts.address, "address"),
    via: last("via") ?? transportDefault,
    user: filled("user"),
    port: last("port") ?? null,
    identity: filled("identity"),
    // "" is the word for nobody else, which overrides a weaker default.
    become: filled("become") || null,
    spool: (filled("spool") ?? spoolDefault).replace(/(?<=.)\/+$/, ""),
  };
}
