import type { Failure } from "../core/failure.ts";
import { hostLocked } from "../core/host-locked.ts";
import type { Host } from "../core/plan/inventory.ts";
import type { StepSpec } from "../core/plan/plan.ts";
import { snapshotNeeds } from "../core/verdict/snapshot-needs.ts";
import { snapshotPaths } from "../core/verdict/snapshot-paths.ts";
import { size } from "../core/size.ts";
import type { Guard, HostLook } from "../ports/guard.ts";
import { failed, valueOf } from "./action-ended.ts";
import { snapshotReserveBytes } from "./parts.ts";
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
  const { rollout } = work.parts.itinerary;
  if (look.lock !== null && look.lock.rollout !== rollout)
    throw failed(hostLocked(host.name, look.lock));
  if (look.spool.fault !== "") throw failed(unusable(host, look.spool.fault));
  for (const { fault } of look.trees) if (fault !== undefined) throw failed(fault);
  const needs = snapshotNeeds(look.trees, { paths, copies: guard.facts.userland !== "gnu" });
  const trouble = shortOf(host, look, needs);
  if (trouble !== null) throw failed(trouble);
  return look.trees.flatMap(({ path, losses }) => losses.map((loss) => `${loss} in ${path}`));
}

function unusable(host: Host, fault: string): Failure {
  return {
    code: "SPOOL_UNUSABLE",
    message: `the spool "${host.spool}" on ${host.name} can't be used: ${fault}`,
    hint: "give `spool` a folder that only the user of the steps may enter, or let Handrail make it",
    host: host.name,
    path: host.spool,
  };
}

function shortOf(
  host: Host,
  { spool: { freeBytes, freeInodes } }: HostLook,
  needs: { readonly spoolBytes: number; readonly inodes: number },
): Failure | null {
  const where = `where the spool "${host.spool}" of ${host.name} is`;
  const about = { code: "SNAPSHOT_NO_SPACE", host: host.name, path: host.spool } as const;
  if (freeBytes !== null && freeBytes - needs.spoolBytes < snapshotReserveBytes) {
    const asked = `about ${size(needs.spoolBytes)}, with ${size(snapshotReserveBytes)} to stay free`;
    return {
      ...about,
      message: `the snapshots need ${asked}, and ${size(freeBytes)} is free ${where}`,
      hint: "free space there, or put the spool on a larger file system",
    };
  }
  if (freeInodes !== null && freeInodes < needs.inodes) {
    return {
      ...about,
      message: `the snapshots need ${needs.inodes} inodes, and ${freeInodes} are free ${where}`,
      hint: "remove small files there, or put the spool on another file system",
    };
  }
  return null;
}
