import type { Failure } from "../core/failure.ts";
import type { Clock } from "../ports/clock.ts";

/** How long somebody is ready to wait for what another rollout holds. */
export interface LockWait {
  /** By the clock of whoever waits: milliseconds that `now()` gives when the time is over. */
  readonly untilMs: number;
  /** Ends the wait at once. */
  readonly signal: AbortSignal;
  /** Told whenever it is found to be held, also again and again by the same one. */
  readonly onWait: (failure: Failure, leftMs: number) => void;
}

/** Between two looks at something that is held, in milliseconds. */
const lockPollMs = 500;

export interface WhileHeld<T> {
  readonly ask: () => Promise<T>;
  /** Why it can't be had now, because another holds it; null: it is an answer. */
  readonly heldBy: (answer: T) => Failure | null;
  readonly clock: Pick<Clock, "now" | "sleep">;
  readonly wait: LockWait;
}

/** Asks again until nobody else holds it, or the wait is over; gives the last answer. */
export async function whileHeld<T>(it: WhileHeld<T>): Promise<T> {
  const { wait, clock } = it;
  for (;;) {
    const answer = await it.ask();
    const failure = it.heldBy(answer);
    if (failure === null) return answer;
    const leftMs = wait.untilMs - clock.now();
    if (leftMs <= 0 || wait.signal.aborted) return answer;
    wait.onWait(failure, leftMs);
    await pauseInWait(wait, clock, Math.min(lockPollMs, leftMs));
  }
}

/** Sleeps for so long, or until the wait is ended. */
export async function pauseInWait(
  { signal }: LockWait,
  clock: Pick<Clock, "sleep">,
  ms: number,
): Promise<void> {
  await clock.sleep(ms, signal).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
