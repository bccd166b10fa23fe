import { evolve } from "../core/evolve.ts";
import { openRollout, type RolloutState } from "../core/state.ts";
import type { JournalRecord } from "../ports/journal.ts";

/** One record with the states around it, as a live view is told. */
export interface Replayed {
  readonly record: JournalRecord;
  readonly before: RolloutState | null;
  readonly after: RolloutState;
}

/** Folds a journal again, record by record. Nothing where it does not begin with `opened`. */
export function* replay(records: readonly JournalRecord[]): Iterable<Replayed> {
  let state: RolloutState | null = null;
  for (const record of records) {
    const before: RolloutState | null = state;
    if (before === null && record.event.kind !== "opened") return;
    const from: RolloutState =
      record.event.kind === "opened" ? openRollout(record.event.itinerary) : before!;
    state = evolve(from, record.event);
    yield { record, before, after: state };
  }
}
