import type { Instance } from "./inventory.ts";
import { quoted, quotedList } from "./quoted.ts";
import { isMapping, listAt, valueAt } from "./raw.ts";
import type { Reviewed } from "./reviewed.ts";
import { nearest, nearestOrAll } from "./suggest.ts";

/** Everything that the plan's targets and approvals name must be there, and something must be left. */
export function reviewTargets(reviewed: Reviewed): void {
  const { plan: read, inventory } = reviewed;
  const fleet = inventory.inventory;
  if (read.plan === null || fleet === null) return;
  const before = read.problems.length;
  const { targets, rollout } = read.plan;
  const instances = fleet.regions.flatMap((region) => region.instances);
  const regions = regionNames(inventory.source.value);

  const regionsKnown = targets.regions?.every((name) => regions.includes(name)) ?? true;

  targets.regions?.forEach((name, at) => {
    const path = ["targets", "regions", at];
    if (!regions.includes(name)) {
      read.report(path, `no region is named ${quoted(name)}`, nearestOrAll(name, regions));
    } else if (targets.regions?.indexOf(name) !== at) {
      read.report(path, `the region ${quoted(name)} is there twice`);
    }
  });
  reviewLabels(reviewed, instances);
  targets.exclude.forEach((name, at) => {
    const path = ["targets", "exclude", at];
    const excluded = instances.find((instance) => instance.name === name);
    if (excluded === undefined) {
      const near = nearest(
        name,
        instances.map((instance) => instance.name),
      );
      read.report(path, `no instance is named ${quoted(name)}`, near);
    } else if (targets.regions?.includes(excluded.region) === false) {
      const message = `${quoted(name)} is in ${quoted(excluded.region)}, which is no target: there is nothing to exclude`;
      read.report(path, message);
    }
  });
  rollout.approve.forEach((name, at) => {
    const rich = isMapping(read.raw(["rollout", "approve", at]));
    const path = ["rollout", "approve", at, ...(rich ? ["region"] : [])];
    const rule = rich ? rollout.approvals?.[name] : undefined;
    if (rollout.approve.indexOf(name) !== at) {
      read.report(path, `the region ${quoted(name)} is there twice`);
    } else if (rule !== undefined && rule.from !== null && new Set(rule.from).size < rule.by) {
      const people = peopleText(rule.from);
      const message = `it takes ${rule.by} to let ${quoted(name)} begin, and \`from\` names ${people}`;
      read.report(["rollout", "approve", at, "by"], message, `name ${rule.by} or more in \`from\``);
    } else if (!regions.includes(name)) {
      read.report(path, `no region is named ${quoted(name)}`, nearestOrAll(name, regions));
    } else if (regionsKnown && targets.regions?.includes(name) === false) {
      read.report(path, `the region ${quoted(name)} is no target, so nobody would be asked`);
    }
  });
  // Zero targets are told only when nothing above, and nothing in the inventory, explains them.
  if (reviewed.targets.length > 0 || read.problems.length > before) return;
  if (inventory.problems.length > 0) return;
  read.report(["targets"], "nothing is left to roll out to: no instance fits all of `targets`");
}

function peopleText(names: readonly string[]): string {
  const count = new Set(names).size;
  return count === 1 ? "1 person" : `${count} people`;
}

function reviewLabels({ plan: read }: Reviewed, instances: readonly Instance[]): void {
  const { labels } = read.plan!.targets;
  for (const [label, value] of Object.entries(labels)) {
    const path = ["targets", "labels", label];
    const values = new Set(
      instances
        .filter(({ labels: has }) => Object.hasOwn(has, label))
        .map(({ labels: has }) => has[label]!),
    );
    if (values.size === 0) {
      const names = new Set(instances.flatMap(({ labels: has }) => Object.keys(has)));
      read.report(
        path,
        `no instance has the label ${quoted(label)}`,
        nearestOrAll(label, names),
        "key",
      );
    } else if (!values.has(value)) {
      const message = `no instance has the label ${quoted(label)} with ${quoted(value)}`;
      read.report(
        path,
        message,
        nearest(value, values) ?? `it is ${quotedList([...values])} there`,
      );
    }
  }
}

/** Also those of regions that are wrong otherwise. */
function regionNames(document: unknown): readonly string[] {
  return listAt(document, "regions")
    .filter((region) => isMapping(region))
    .map((region) => valueAt(region, ["name"]))
    .filter((name) => typeof name === "string");
}
