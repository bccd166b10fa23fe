import type { Life, VirtualClock } from "./virtual-clock.ts";

/** The process of one runner: it lives, is stopped for a while (a laptop asleep), and dies. */
export class RunnerLife implements Life {
  readonly #clock: VirtualClock;
  #diedAtMs: number | null = null;
  #frozenFromMs = 0;
  #frozenUntilMs = 0;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  get value(): boolean {
    return this.#diedAtMs === null;
  }

  get frozenUntilMs(): number {
    return this.#frozenUntilMs;
  }

  die(): void {
    this.#diedAtMs ??= this.#clock.nowMs;
  }

  freeze(forMs: number): void {
    this.#frozenFromMs = this.#clock.nowMs;
    this.#frozenUntilMs = this.#clock.nowMs + forMs;
  }

  /** The last moment until now at which it gave a sign of life. */
  get lastBeatMs(): number {
    const nowMs = this.#clock.nowMs;
    const frozen = this.#frozenUntilMs > nowMs ? this.#frozenFromMs : nowMs;
    return Math.min(frozen, this.#diedAtMs ?? nowMs);
  }
}
