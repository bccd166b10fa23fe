import { HandrailError } from "../core/failure.ts";
import { nearest } from "../core/plan/suggest.ts";
import type { RolloutState } from "../core/state.ts";
import type { Replayed } from "../views/replay.ts";
import type { Holder, JournalRecord, Journals } from "../ports/journal.ts";

export interface FoundRollout {
  readonly id: string;
  readonly state: RolloutState;
  readonly records: readonly JournalRecord[];
  /** Who runs it right now; null: nobody. */
  readonly holder: Holder | null;
}

/**
 * A rollout by its id, or by the end of one ("7f3a") where only one ends so. `follow` is shown each record
 * while they are folded.
 */
export async function findRollout(
  journals: Journals,
  typed: string,
  follow?: (told: Replayed) => void,
): Promise<FoundRollout> {
  const ids = (await journals.list()).map(({ rollout }) => rollout);
  const ending = ids.filter((id) => id.endsWith(`-${typed}`));
  const id = ids.includes(typed) ? typed : ending.length === 1 ? ending[0]! : null;
  if (id === null)
    throw new HandrailError(ending.length > 1 ? several(typed, ending) : unknown(typed, ids));
  return readRollout(journals, id, follow);
}

/** The rollout of this very id, folded from its journal. */
export async function readRollout(
  journals: Journals,
  id: string,
  follow?: (told: Replayed) => void,
): Promise<FoundRollout> {
  const { replay } = await import("../views/replay.ts");
  const records = await journals.read(id, 0);
  let state: RolloutState | null = null;
  for (const told of replay(records)) {
    state = told.after;
    follow?.(told);
  }
  if (state === null) throw new Error(`the journal of ${id} does not begin with its opening`);
  const holder = (await journals.holders()).find(({ rollout }) => rollout === id) ?? null;
  return { id, state, records, holder };
}

/** Ids that are named when an end fits several. */
const endingsMax = 5;

function several(typed: string, ids: readonly string[]) {
  const more = ids.length > endingsMax ? ` and ${ids.length - endingsMax} more` : "";
  return {
    code: "ROLLOUT_UNKNOWN",
    message: `"${typed}" is the end of ${ids.length} rollouts: ${ids.slice(0, endingsMax).join(", ")}${more}`,
    hint: "give the whole id of the one that is meant; `handrail status` lists them",
  } as const;
}

function unknown(typed: string, ids: readonly string[]) {
  const near = nearest(typed, ids);
  return {
    code: "ROLLOUT_UNKNOWN",
    message: `there is no rollout "${typed}" in this journal${near === null ? "" : `; ${near}`}`,
    hint: "`handrail status` lists the rollouts; --state DIR looks into another journal",
  } as const;
}
