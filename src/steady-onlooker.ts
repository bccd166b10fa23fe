import type { RolloutState } from "./core/state.ts";
import type { JournalRecord } from "./ports/journal.ts";

/** Told of each record once it is durable; `before` is null at the first. */
export type OnRecord = (
  record: JournalRecord,
  before: RolloutState | null,
  after: RolloutState,
) => void;

/** An onlooker that can't be told any more (its disk is full, say) must not stop a rollout. */
export function steady(onRecord: OnRecord, onTrouble: (sentence: string) => void): OnRecord {
  let works = true;
  return (record, before, after) => {
    if (!works) return;
    try {
      onRecord(record, before, after);
    } catch (error) {
      works = false;
      const why = error instanceof Error ? error.message : String(error);
      onTrouble(`what happens can't be shown any more (${why}); the rollout goes on`);
    }
  };
}
