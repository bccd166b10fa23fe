import { counted, size } from "../views/wording.ts";
import type { FoundRollout } from "./find-rollout.ts";

export interface KeptSnapshots {
  /** Until when, in words. */
  readonly until: string;
  /** One line for each instance. */
  readonly instances: readonly string[];
}

/** What the hosts keep of a rollout, as far as the journal knows; null: nothing. */
export function keptSnapshots(found: FoundRollout, now: Date): KeptSnapshots | null {
  const { state, records } = found;
  const until = keptUntil(found);
  if (until !== null && until <= now) return null;
  const taken = new Map<string, { snapshots: number; entries: number; bytes: number }>();
  for (const { event } of records) {
    if (event.kind !== "noted" || event.note.kind !== "snapshot.taken") continue;
    const { instance, entries, bytes } = event.note;
    const it = state.instances.get(instance);
    // Who was brought back whole keeps nothing once the lock is given back (perform-release).
    if (state.closed !== null && it?.phase === "rolled-back" && !it.freed) continue;
    const sum = taken.get(instance) ?? { snapshots: 0, entries: 0, bytes: 0 };
    taken.set(instance, {
      snapshots: sum.snapshots + 1,
      entries: sum.entries + entries,
      bytes: sum.bytes + bytes,
    });
  }
  if (taken.size === 0) return null;
  const words =
    until === null
      ? "kept until the rollout is over"
      : `can be undone until ${until.toISOString()}`;
  return {
    until: state.closed === "undone" ? `taken back; ${words}` : words,
    instances: [...taken].map(
      ([name, { snapshots, entries, bytes }]) =>
        `${name}: ${counted(snapshots, "snapshot")}, ${counted(entries, "entry", "entries")}, ${size(bytes)} before packing`,
    ),
  };
}

/** null: it is not over yet, or something of it is still in the hands of a person. */
function keptUntil({ state, records }: FoundRollout): Date | null {
  const last = records.at(-1);
  if (state.closed === null || last === undefined) return null;
  return new Date(Date.parse(last.at) + state.itinerary.plan.rollout.retentionMs);
}
