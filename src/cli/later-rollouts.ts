import { changedIn } from "../core/changed-in.ts";
import { HandrailError } from "../core/failure.ts";
import type { ItineraryInstance } from "../core/itinerary.ts";
import type { InstanceState, RolloutState } from "../core/state.ts";
import type { Journals } from "../ports/journal.ts";
import { listed } from "../views/wording.ts";
import { type FoundRollout, readRollout } from "./find-rollout.ts";

/** A rollout that began after another one, and changed some of the same instances. */
export interface LaterRollout {
  readonly id: string;
  readonly state: RolloutState;
  /** Names in the earlier rollout, in its order: what an undo of that would tear out of this one. */
  readonly instances: readonly string[];
}

/**
 * Rollouts after this one whose changes stand on instances that an undo of it would take back,
 * newest first: the order in which they can be undone. Looks through this journal only.
 */
export async function laterRollouts(
  journals: Journals,
  { id, state }: FoundRollout,
): Promise<readonly LaterRollout[]> {
  const ids = (await journals.list()).map(({ rollout }) => rollout);
  const later: LaterRollout[] = [];
  for (const newer of ids.slice(0, ids.indexOf(id))) {
    const other = (await readRollout(journals, newer)).state;
    const instances = changedIn(state)
      .filter((mine) => changedIn(other).some((its) => isSame(state, mine, [other, its])))
      .map(({ name }) => name);
    if (instances.length > 0) later.push({ id: newer, state: other, instances });
  }
  return later;
}

/** Why this rollout can't be undone before those that came after it, and what to type first. */
export function laterFirst(id: string, later: readonly LaterRollout[]): HandrailError {
  const newest = later[0]!;
  const others = later.length === 1 ? "" : ` (and ${later.length - 1} more before it)`;
  const first =
    newest.state.closed === null
      ? `handrail abort --rollback ${newest.id}`
      : newest.state.closed === "undone"
        ? `handrail reconcile ${newest.id}`
        : `handrail undo ${newest.id}`;
  return new HandrailError({
    code: "LATER_CHANGES",
    message: `rollout "${newest.id}"${others} changed ${listed(newest.instances)} after ${id}, and an undo of ${id} would destroy that`,
    hint: `take that back first: ${first}; to replace it without taking it back: handrail undo ${id} --replace-later-changes`,
  });
}

/** The same name in the same inventory, or a host of the same name at the same address. */
function isSame(
  state: RolloutState,
  mine: InstanceState,
  [other, its]: readonly [RolloutState, InstanceState],
): boolean {
  const a = state.itinerary;
  const b = other.itinerary;
  if (a.inventory.name === b.inventory.name && mine.name === its.name) return true;
  const theirs = hostsOf(b.instances[its.name]);
  return hostsOf(a.instances[mine.name]).some((host) => theirs.includes(host));
}

function hostsOf(instance: ItineraryInstance | undefined): readonly string[] {
  return (instance?.hosts ?? []).map((host) => `${host.name} ${host.address} ${host.port ?? ""}`);
}
