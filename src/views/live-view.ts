import type { JournalRecord } from "../ports/journal.ts";
import type { RolloutState } from "../core/state.ts";

/**
 * Something that looks on while a rollout goes. It is told every record after it became durable,
 * with the state before (null for the first one) and after it, keeps almost nothing, and never asks
 * an engine. Told of a rollout that is half-way through, it begins there.
 */
export interface LiveView {
  record(record: JournalRecord, before: RolloutState | null, after: RolloutState): void;
  /** Draws what is left to draw, and gives the terminal back. May be called once. */
  end(): Promise<void>;
}

/** Where a view writes: the part of a stream that is used. */
export interface Output {
  write(text: string): unknown;
}

export interface ViewOptions {
  readonly output: Output;
  readonly color: boolean;
  /** Only signs of ASCII; default: any. */
  readonly ascii?: boolean;
}
