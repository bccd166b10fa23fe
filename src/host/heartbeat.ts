import type { Clock } from "../ports/clock.ts";

/** Beats in one lease: two may be lost on the way. */
const beatsPerLease = 3;

/** Shortest time between two beats, in milliseconds. */
const intervalMinMs = 20;

/** Beats for as long as at least one switch is armed, so that none of their leases is ever over. */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #beat: () => void;
  readonly #leases = new Map<string, number>();
  #rest: AbortController | null = null;

  constructor(clock: Clock, beat: () => void) {
    this.#clock = clock;
    this.#beat = beat;
  }

  start(key: string, leaseMs: number): void {
    this.#leases.set(key, leaseMs);
    this.#again();
  }

  stop(key: string): void {
    if (this.#leases.delete(key)) this.#again();
  }

  stopAll(): void {
    this.#leases.clear();
    this.#again();
  }

  #again(): void {
    this.#rest?.abort();
    this.#rest = null;
    if (this.#leases.size === 0) return;
    this.#rest = new AbortController();
    void this.#goOn(this.#rest.signal);
  }

  async #goOn(signal: AbortSignal): Promise<void> {
    const intervalMs = Math.max(intervalMinMs, Math.min(...this.#leases.values()) / beatsPerLease);
    while (!signal.aborted) {
      try {
        await this.#clock.sleep(intervalMs, signal);
      } catch (error) {
        if (signal.aborted) return;
        throw error;
      }
      if (!signal.aborted) this.#beat();
    }
  }
}
