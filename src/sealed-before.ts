import { evolve } from "./core/evolve.ts";
import { HandrailError } from "./core/failure.ts";
import type { Itinerary } from "./core/itinerary.ts";
import { sealedIn, type SealedBefore } from "./core/sealed-before.ts";
import { openRollout } from "./core/state.ts";
import type { Journals } from "./ports/journal.ts";

/** So many rollouts are looked through, newest first, and so many of their records in all. */
const rolloutsMax = 10;
const recordsMax = 200_000;

/**
 * The newest rollouts of this inventory that are sealed on instances of the itinerary, as this journal
 * knows. It is read until every instance is found, or a bound is reached: then, and where a rollout
 * can't be read, nothing is known (null), so that nobody is told to be unlike the others for that.
 */
export async function sealedBefore(
  journals: Pick<Journals, "list" | "read">,
  { inventory, instances }: Pick<Itinerary, "inventory" | "instances">,
): Promise<SealedBefore | null> {
  const open = new Set(Object.keys(instances));
  const found: { rollout: string; instances: readonly string[] }[] = [];
  const heads = (await journals.list()).filter((it) => it.inventory === inventory.name);
  let records = 0;
  for (const [at, { rollout, records: count }] of heads.entries()) {
    records += count;
    if (open.size === 0) break;
    if (at >= rolloutsMax || records > recordsMax) return null;
    const sealed = await readSealed(journals, rollout);
    if (sealed === null) return null;
    const here = sealed.filter((name) => open.delete(name));
    if (here.length > 0) found.push({ rollout, instances: here });
  }
  return found;
}

async function readSealed(
  journals: Pick<Journals, "read">,
  rollout: string,
): Promise<readonly string[] | null> {
  try {
    const records = await journals.read(rollout, 0);
    const first = records[0]?.event;
    if (first?.kind !== "opened") return null;
    const state = records.reduce(
      (before, { event }) => evolve(before, event),
      openRollout(first.itinerary),
    );
    return sealedIn(state);
  } catch (error) {
    if (error instanceof HandrailError) return null;
    throw error;
  }
}
