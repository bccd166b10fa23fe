import type { Failure } from "./failure.ts";
import type { HostLock } from "./host-lock.ts";
import { hostLocked } from "./host-locked.ts";
import { size } from "./size.ts";
import type { SnapshotNeeds } from "./verdict/snapshot-needs.ts";

/** What a look says of a host, as far as it can stop a rollout. */
export interface LookedAt {
  readonly lock: HostLock | null;
  readonly spool: {
    readonly fault: string;
    readonly freeBytes: number | null;
    readonly freeInodes: number | null;
  };
  readonly trees: readonly { readonly fault?: Failure }[];
}

export interface PreflightOrder {
  /** Name of the host. */
  readonly host: string;
  readonly spool: string;
  /** The rollout that is to begin: its own lock is none of its troubles. */
  readonly rollout: string;
  readonly needs: SnapshotNeeds;
}

/** Bytes that snapshots must leave free on a host. */
export const reserveBytes = 64 * 1024 * 1024;

/** Everything that would stop the rollout at its first claim or snapshot on this host. */
export function preflightTrouble(look: LookedAt, order: PreflightOrder): readonly Failure[] {
  const { host, spool, rollout } = order;
  const troubles: Failure[] = [];
  if (look.lock !== null && look.lock.rollout !== rollout)
    troubles.push(hostLocked(host, look.lock));
  if (look.spool.fault !== "") {
    troubles.push({
      code: "SPOOL_UNUSABLE",
      message: `the spool "${spool}" on ${host} can't be used: ${look.spool.fault}`,
      hint: "give `spool` a folder that only the user of the steps may enter, or let Handrail make it",
      host,
      path: spool,
    });
  }
  for (const { fault } of look.trees) if (fault !== undefined) troubles.push(fault);
  return [...troubles, ...shortages(look, order)];
}

function shortages({ spool: free }: LookedAt, order: PreflightOrder): readonly Failure[] {
  const { host, spool, needs } = order;
  const where = `where the spool "${spool}" of ${host} is`;
  const about = { code: "SNAPSHOT_NO_SPACE", host, path: spool } as const;
  const troubles: Failure[] = [];
  if (free.freeBytes !== null && free.freeBytes - needs.spoolBytes < reserveBytes) {
    const asked = `about ${size(needs.spoolBytes)}, with ${size(reserveBytes)} to stay free`;
    troubles.push({
      ...about,
      message: `the snapshots need ${asked}, and ${size(free.freeBytes)} is free ${where}`,
      hint: "free space there, or put the spool on a larger file system",
    });
  }
  if (free.freeInodes !== null && free.freeInodes < needs.inodes) {
    troubles.push({
      ...about,
      message: `the snapshots need ${needs.inodes} inodes, and ${free.freeInodes} are free ${where}`,
      hint: "remove small files there, or put the spool on another file system",
    });
  }
  return troubles;
}

/** A program that a step needs and the host has not. */
export function missingTool(
  host: string,
  missing: { readonly tool: string; readonly step: string },
): Failure {
  return {
    code: "GUARD_HOST_UNFIT",
    message: `${host} has no "${missing.tool}", which step "${missing.step}" needs`,
    hint: `install ${missing.tool} there, or write the step another way`,
    host,
  };
}
