import type { SnapshotPath } from "../core/effects.ts";
import type { Failure } from "../core/failure.ts";
import type { FileToSee } from "../core/file-seen.ts";
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
  /** Files of which it is told what stands there; absent: none. */
  readonly files?: readonly FileToSee[];
  /** systemd units that are described with them; absent: none. */
  readonly units?: readonly string[];
}

/** What a read-only session found; or why there was none. */
export type LookedHost = HostToLookAt &
  (
    | { readonly is: "seen"; readonly facts: HostFacts; readonly look: HostLook }
    | { readonly is: "unseen"; readonly failure: Failure }
  );

export interface LooksOrder<Told> {
  readonly door: GuardDoor;
  /** Names the looks in messages of the guard: a folder of that name is never made. */
  readonly rollout: string;
  /** Sessions that are open at once. */
  readonly concurrency: number;
  /** Asked for each host as soon as it has been looked at: only what it says is kept. */
  readonly tell: (looked: LookedHost) => Told;
}

/** Opens a guard on each host, looks, and leaves nothing. Gives what was told, in the hosts' order. */
export async function lookAtHosts<Told>(
  hosts: readonly HostToLookAt[],
  order: LooksOrder<Told>,
): Promise<readonly Told[]> {
  const told: Told[] = [];
  const waiting = hosts.entries();
  const workers = Array.from({ length: Math.min(order.concurrency, hosts.length) }, async () => {
    for (const [at, it] of waiting) {
      told[at] = order.tell(await lookAt(it, order));
    }
  });
  await Promise.all(workers);
  return told;
}

async function lookAt(
  it: HostToLookAt,
  { door, rollout }: Pick<LooksOrder<unknown>, "door" | "rollout">,
): Promise<LookedHost> {
  const opened = await door.open(it.host, { rollout });
  if (opened.kind !== "result") return { ...it, is: "unseen", failure: opened.failure };
  await using guard = opened.value;
  const { paths, prints, described, units, files } = it;
  const look = await guard.look({
    paths,
    ...(prints === undefined ? {} : { prints }),
    ...(described === undefined ? {} : { described }),
    ...(files === undefined ? {} : { files }),
    ...(units === undefined ? {} : { units }),
  });
  if (look.kind !== "result") return { ...it, is: "unseen", failure: look.failure };
  return { ...it, is: "seen", facts: guard.facts, look: look.value };
}
