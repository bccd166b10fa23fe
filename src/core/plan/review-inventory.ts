import { pathTrouble } from "./host-paths.ts";
import type { Instance } from "./inventory.ts";
import { name } from "./fields.ts";
import { parseWindow } from "./maintenance.ts";
import type { ReadInventory } from "./parse.ts";
import type { DocumentPath } from "./problem.ts";
import { quoted } from "./quoted.ts";
import { isMapping, listAt } from "./raw.ts";
import { reviewNames, reviewScalars } from "./review-vars.ts";

/** ssh's own, where nothing else is said. */
const portDefault = 22;

/** What is wrong with an inventory by itself, whatever a plan does with it. */
export function reviewInventory(read: ReadInventory): void {
  if (read.inventory === null || read.spelledOut === null) return;
  reviewRegions(read);
  reviewInstances(read);
  reviewOverlap(read);
  for (const path of varsPaths(read)) {
    reviewNames(read, path);
    reviewScalars(read, path);
  }
}

function reviewRegions(read: ReadInventory): void {
  const { inventory, report } = read;
  const written = listAt(read.source.value, "regions");
  if (written.length === 0 && isMapping(read.source.value) && "regions" in read.source.value) {
    if (Array.isArray(read.source.value["regions"])) {
      report(["regions"], "the inventory has no regions", null, "key");
    }
  }
  const first = new Map<string, number>();
  inventory?.regions.forEach((region, at) => {
    const path = ["regions", at];
    if (first.has(region.name)) {
      report([...path, "name"], `the region ${quoted(region.name)} is there twice`);
    }
    first.set(region.name, at);
    if (region.timezone !== null && !isTimeZone(region.timezone)) {
      const message = `${quoted(region.timezone)} is no time zone`;
      report([...path, "timezone"], message, "write an IANA name, such as Asia/Singapore or UTC");
    }
    region.maintenance.forEach((window, index) => {
      if (parseWindow(window) !== null) return;
      const message = `${quoted(window)} is no maintenance window`;
      report([...path, "maintenance", index], message, 'write "Mon-Thu 02:00-05:00"');
    });
    if (
      Array.isArray(read.raw([...path, "instances"])) &&
      listAt(read.raw(path), "instances").length === 0
    ) {
      report(
        [...path, "instances"],
        `the region ${quoted(region.name)} has no instances`,
        null,
        "key",
      );
    }
  });
}

function reviewInstances(read: ReadInventory): void {
  const { spelledOut, report } = read;
  const first = new Map<string, DocumentPath>();
  const told = new Set<string>();
  for (const [instance, path] of spelledOut?.written ?? []) {
    const tell = (below: DocumentPath, message: string, suggestion: string | null = null): void => {
      const where = [...path, ...below];
      // Once for each place, however many instances a range makes.
      if (told.has(where.join("/"))) return;
      told.add(where.join("/"));
      report(where, message, suggestion);
    };
    const before = first.get(instance.name);
    if (before !== undefined) {
      const { line } = read.at([...before, "name"]);
      const message = `the instance ${quoted(instance.name)} is there twice`;
      tell(["name"], message, before === path ? null : `the first is on line ${line}`);
    }
    first.set(instance.name, before ?? path);
    if (!name.safeParse(instance.name).success) {
      tell(["name"], `${quoted(instance.name)} can't be the name of an instance`);
    }
    const hosts = new Set<string>();
    instance.hosts.forEach((host, at) => {
      const field =
        instance.hosts.length > 1 || read.raw([...path, "hosts"]) !== undefined
          ? ["hosts", at]
          : [];
      if (hosts.has(host.name))
        tell([...field, "name"], `the host ${quoted(host.name)} is there twice`);
      hosts.add(host.name);
      if (!name.safeParse(host.name).success) {
        tell([...field, "name"], `${quoted(host.name)} can't be the name of a host`);
      }
      const trouble = pathTrouble(host.spool);
      if (trouble !== null) {
        tell(
          [...field, "spool"],
          `the spool ${quoted(host.spool)} of ${quoted(host.name)} ${trouble}`,
        );
      }
      if (/^-|\s|^$/.test(host.address)) {
        tell([...field, "address"], `${quoted(host.address)} is no address`);
      }
    });
  }
}

/**
 * Two instances on one host would be snapshotted and restored over each other. Those that share a
 * host on purpose say so by a spool of their own.
 */
function reviewOverlap(read: ReadInventory): void {
  const first = new Map<string, Instance>();
  const told = new Set<string>();
  for (const [instance, path] of read.spelledOut?.written ?? []) {
    for (const host of instance.hosts) {
      const key = JSON.stringify([host.address, host.port ?? portDefault, host.spool]);
      const other = first.get(key);
      first.set(key, other ?? instance);
      if (other === undefined || other.name === instance.name || told.has(path.join("/"))) continue;
      told.add(path.join("/"));
      const message = `${quoted(instance.name)} and ${quoted(other.name)} are on the same host, ${quoted(host.address)}`;
      read.report(
        path,
        message,
        "give each its own address, or its own spool if they share the host on purpose",
      );
    }
  }
}

/** Everywhere that an inventory gives variables or labels. */
function varsPaths(read: ReadInventory): readonly DocumentPath[] {
  const paths: DocumentPath[] = [["defaults", "vars"]];
  listAt(read.source.value, "regions").forEach((region, regionAt) => {
    paths.push(["regions", regionAt, "vars"]);
    listAt(region, "instances").forEach((_, at) => {
      paths.push(["regions", regionAt, "instances", at, "vars"]);
      paths.push(["regions", regionAt, "instances", at, "labels"]);
    });
  });
  return paths;
}

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
