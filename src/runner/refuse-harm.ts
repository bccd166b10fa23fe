import { harmOf } from "../core/did-harm.ts";
import { evolve } from "../core/evolve.ts";
import { HandrailError } from "../core/failure.ts";
import { openRollout, type RolloutState } from "../core/state.ts";
import type { JournalRecord, Journals } from "../ports/journal.ts";

/** A plan that did harm is refused until it changes, or somebody names the rollout all the same. */
export async function refuseHarm(
  log: Journals,
  digest: string,
  despite: string | null,
): Promise<void> {
  // Newest first; also those that were undone since, and those that are not over.
  const heads = (await log.list()).filter((it) => it.digest === digest && it.outcome !== "sealed");
  for (const head of heads) {
    const harm = harmOf(foldOf(await log.read(head.rollout, 0)));
    if (harm === null) continue;
    // Whoever names the newest knows of it; the older ones are no news.
    if (head.rollout === despite) return;
    throw new HandrailError({
      code: "PLAN_DID_HARM",
      message: `this very plan did harm in rollout "${head.rollout}": ${harm}`,
      hint: `correct the plan; to try it unchanged all the same, say so: --despite ${head.rollout}`,
    });
  }
}

/** The state that these records lead to, from the first one on. */
export function foldOf(records: readonly JournalRecord[]): RolloutState {
  const first = records[0]?.event;
  if (first?.kind !== "opened") throw new Error("a journal begins with its opening");
  return records.reduce(
    (state, record) => evolve(state, record.event),
    openRollout(first.itinerary),
  );
}
