import type { RolloutState } from "../core/state.ts";
import type { AskedWish, Holder, JournalRecord } from "../ports/journal.ts";

/** A rollout as the live page sees it now. */
export interface SeenRollout {
  readonly id: string;
  readonly state: RolloutState;
  readonly records: readonly JournalRecord[];
  /** Who runs it right now; null: nobody. */
  readonly holder: Holder | null;
  /** Left for whoever runs it, and not heard yet. */
  readonly waiting: readonly AskedWish[];
}
