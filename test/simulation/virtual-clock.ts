import type { Clock } from "../../src/ports/clock.ts";

/** A clock that moves only when nothing else can: time in a simulated run costs no real time. */
export class VirtualClock {
  nowMs = 0;
  /** How wrong the controller's wall clock is. */
  wallOffMs = 0;
  #timers: Timer[] = [];
  #order = 0;

  /** Calls `wake` after `ms`; for what goes on in the world whoever is watching. */
  after(ms: number, wake: () => void): Timer {
    const timer: Timer = { at: this.nowMs + ms, order: this.#order++, wake };
    this.#timers.push(timer);
    return timer;
  }

  drop(timer: Timer): void {
    const index = this.#timers.indexOf(timer);
    if (index >= 0) this.#timers.splice(index, 1);
  }

  /** The clock as one runner sees it: after its death nothing wakes it any more. */
  seenBy(life: Life): Clock {
    return {
      now: () => this.nowMs,
      wall: () => new Date(Date.UTC(2026, 0, 1) + this.nowMs + this.wallOffMs).toISOString(),
      sleep: (ms, signal) =>
        new Promise((wake, reject) => {
          if (signal?.aborted === true) return reject(reasonOf(signal));
          const over = (): void => {
            // A process that is stopped hears of its timers when it goes on.
            const frozenMs = (life.frozenUntilMs ?? 0) - this.nowMs;
            if (frozenMs > 0) {
              timer = this.after(frozenMs, over);
              return;
            }
            signal?.removeEventListener("abort", stop);
            if (life.value) wake();
          };
          let timer = this.after(Math.max(0, ms), over);
          const stop = (): void => {
            this.drop(timer);
            reject(reasonOf(signal));
          };
          signal?.addEventListener("abort", stop, { once: true });
        }),
    };
  }

  /** Drives `work` to its end. Throws when it waits for something that will never come. */
  async drive<T>(work: Promise<T>, limitMs: number): Promise<T> {
    let settled = false;
    const watched = work.finally(() => {
      settled = true;
    });
    watched.catch(() => undefined);
    for (;;) {
      // Every micro-task runs before the next turn, so what is ready is done before time moves.
      await new Promise((turn) => setImmediate(turn));
      if (settled) return watched;
      const next = this.#takeNext();
      if (next === null)
        throw new Error(`deadlock at ${this.nowMs} ms: work waits, no timer is set`);
      this.nowMs = Math.max(this.nowMs, next.at);
      if (this.nowMs > limitMs) throw new Error(`still not at an end after ${limitMs} ms`);
      next.wake();
    }
  }

  #takeNext(): Timer | null {
    let best: Timer | null = null;
    for (const timer of this.#timers)
      if (best === null || timer.at < best.at || (timer.at === best.at && timer.order < best.order))
        best = timer;
    if (best !== null) this.drop(best);
    return best;
  }
}

/** A process on the controller, as far as time is concerned. */
export interface Life {
  /** Does it live? */
  readonly value: boolean;
  readonly frozenUntilMs?: number;
}

export interface Timer {
  readonly at: number;
  readonly order: number;
  readonly wake: () => void;
}

function reasonOf(signal: AbortSignal | undefined): Error {
  return signal?.reason instanceof Error ? signal.reason : new Error("aborted");
}
