import type { StopReason } from "./stop-reason.ts";

/** A wait for a lock was ended by a signal before it was over. Nothing was touched. */
export class WaitInterrupted extends Error {
  override readonly name = "WaitInterrupted";
  readonly why: StopReason;
  constructor(why: StopReason) {
    super(`stopped waiting (${why.signal})`);
    this.why = why;
  }
}
