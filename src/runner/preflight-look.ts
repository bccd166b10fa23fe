import type { Host } from "../core/plan/inventory.ts";
import type { StepSpec } from "../core/plan/plan.ts";
import { preflightTrouble } from "../core/preflight-trouble.ts";
import { snapshotNeeds } from "../core/verdict/snapshot-needs.ts";
import { snapshotPaths } from "../core/verdict/snapshot-paths.ts";
import type { Guard } from "../ports/guard.ts";
import { failed, valueOf } from "./action-ended.ts";
import { treesOf, type Work } from "./work.ts";

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
  const look = valueOf(await guard.look({ paths }));
  const needs = snapshotNeeds(look.trees, { paths, copies: guard.facts.userland !== "gnu" });
  const { rollout } = work.parts.itinerary;
  const { name, spool } = host;
  const [trouble] = preflightTrouble(look, { host: name, spool, rollout, needs });
  if (trouble !== undefined) throw failed(trouble);
  return look.trees.flatMap(({ path, losses }) => losses.map((loss) => `${loss} in ${path}`));
}
