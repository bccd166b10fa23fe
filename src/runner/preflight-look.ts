import { factsOf, type Written } from "../core/host-portrait.ts";
import type { Host } from "../core/plan/inventory.ts";
import type { Itinerary } from "../core/itinerary.ts";
import { membersMin } from "../core/outliers.ts";
import type { PathText } from "../core/path-text.ts";
import type { StepSpec } from "../core/plan/plan.ts";
import { serviceUnits } from "../core/plan/service-units.ts";
import { preflightTrouble } from "../core/preflight-trouble.ts";
import { snapshotNeeds } from "../core/verdict/snapshot-needs.ts";
import { snapshotPaths } from "../core/verdict/snapshot-paths.ts";
import { substitute } from "../core/variables.ts";
import { treePath } from "../core/verdict/tree-path.ts";
import type { Guard } from "../ports/guard.ts";
import { failed, valueOf } from "./action-ended.ts";
import { environmentOf, treesOf, type Work } from "./work.ts";

export interface HostWork {
  readonly host: Host;
  readonly guard: Guard;
  /** Those that run there. */
  readonly steps: readonly StepSpec[];
}

/**
 * What would stop the rollout at its first claim or snapshot here: another rollout's lock, a spool
 * that can't be used, a tree that can't be snapshotted, no space. Gives what can't be kept, in words.
 */
export async function lookBefore(work: Work, it: HostWork): Promise<readonly string[]> {
  const { host, guard, steps } = it;
  const trees = steps.map((step) => treesOf(work, step, host));
  const paths = snapshotPaths({
    protect: trees[0]?.protect ?? [],
    writes: trees.flatMap(({ writes }) => writes),
  });
  const described = work.instance.hosts.includes(host) ? describedPaths(work, host) : null;
  const look = valueOf(
    await guard.look({
      paths,
      ...(described === null ? {} : { described: described.paths, units: described.units }),
    }),
  );
  if (described !== null && look.portrait !== undefined) {
    const facts = factsOf(guard.facts, look.portrait, described.written);
    await work.note({ kind: "host.facts", host: host.name, facts });
  }
  const needs = snapshotNeeds(look.trees, { paths, copies: guard.facts.userland !== "gnu" });
  const { rollout } = work.parts.itinerary;
  const { name, spool } = host;
  const [trouble] = preflightTrouble(look, { host: name, spool, rollout, needs });
  if (trouble !== undefined) throw failed(trouble);
  return look.trees.flatMap(({ path, losses }) => losses.map((loss) => `${loss} in ${path}`));
}

/** Are the hosts of this rollout held against each other? */
export function comparesHosts({ plan, instances }: Itinerary): boolean {
  const hosts = Object.values(instances).flatMap((it) => it.hosts);
  return plan.rollout.onOutlier !== undefined && hosts.length >= membersMin;
}

/** What is described of a host, so that it can be held against the others; null: nobody asks. */
function describedPaths(
  work: Work,
  host: Host,
): {
  readonly paths: readonly PathText[];
  readonly units: readonly string[];
  readonly written: Written;
} | null {
  const { plan } = work.parts.itinerary;
  if (!comparesHosts(work.parts.itinerary)) return null;
  const env = environmentOf(work, host);
  const written = { paths: plan.protect.map(({ path }) => path), units: serviceUnits(plan) };
  return {
    paths: written.paths.map((path) => treePath(substitute(path, env))),
    units: written.units.map((unit) => substitute(unit, env)),
    written,
  };
}
