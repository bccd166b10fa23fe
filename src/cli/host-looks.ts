import type { SnapshotPath } from "../core/effects.ts";
import type { Failure } from "../core/failure.ts";
import type { FingerprintPath } from "../core/fingerprint.ts";
import type { PathText } from "../core/path-text.ts";
import type { Host } from "../core/plan/inventory.ts";
import type { GuardDoor, HostFacts, HostLook } from "../ports/guard.ts";

export interface HostToLookAt {
  readonly host: Host;
  /** Trees that a rollout would snapshot there; none: only lock and spool are looked at. */
  readonly paths: readonly SnapshotPath[];
  /** What is fingerprinted there; absent: nothing. */
  readonly prints?: readonly FingerprintPath[];
  /** Protected paths that are described, with the host; absent: nothing is. */
  readonly described?: readonly PathText[];
}

/** What a read-only session found; or why there was none. */
export type LookedHost = HostToLookAt &
  (
    | { readonly is: "seen"; readonly facts: HostFacts; readonly look: HostLook }
    | { readonly is: "unseen"; readonly failure: Failure }
  );

export interface LooksOrder {
  readonly door: GuardDoor;
  /** Names the looks in messages of the guard: a folder of that name is never made. */
  readonly rollout: string;
  /** Sessions that are open at once. */
  readonly concurrency: number;
  /** Told of each host as soon as it has been looked at. */
  readonly tell?: (looked: LookedHost) => void;
}

/** Opens a guard on each host, looks, and leaves nothing. Gives the hosts in their order. */
export async function lookAtHosts(
  hosts: readonly HostToLookAt[],
  order: LooksOrder,
): Promise<readonly LookedHost[]> {
  const looked: LookedHost[] = [];
  const waiting = hosts.entries();
  const workers = Array.from({ length: Math.min(order.concurrency, hosts.length) }, async () => {
    for (const [at, it] of waiting) {
      const seen = await lookAt(it, order);
      looked[at] = seen;
      order.tell?.(seen);
    }
  });
  await Promise.all(workers);
  return looked;
}

async function lookAt(it: HostToLookAt, { door, rollout }: LooksOrder): Promise<LookedHost> {
  const opened = await door.open(it.host, { rollout });
  if (opened.kind !== "result") return { ...it, is: "unseen", failure: opened.failure };
  await using guard = opened.value;
  const { paths, prints, described } = it;
  const look = await guard.look({
    paths,
    ...(prints === undefined ? {} : { prints }),
    ...(described === undefined ? {} : { described }),
  });
  if (look.kind !== "result") return { ...it, is: "unseen", failure: look.failure };
  return { ...it, is: "seen", facts: guard.facts, look: look.value };
}
