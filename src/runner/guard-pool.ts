import type { Itinerary } from "../core/itinerary.ts";
import type { Host } from "../core/plan/inventory.ts";
import type { Guard, GuardDoor } from "../ports/guard.ts";
import type { Clock } from "../ports/clock.ts";
import { valueOf } from "./action-ended.ts";

/**
 * Open guards, one a host, kept for as long as an instance is under way: connecting is the dearest
 * part of a short step. A guard that once failed to answer is never used again.
 */
export class GuardPool implements AsyncDisposable {
  readonly #door: GuardDoor;
  readonly #rollout: string;
  readonly #clock: Clock;
  readonly #leaseMs: number;
  readonly #open = new Map<string, { readonly instance: string; readonly guard: Promise<Guard> }>();

  constructor({ door, itinerary, clock }: GuardPoolParts) {
    this.#door = door;
    this.#rollout = itinerary.rollout;
    this.#leaseMs = itinerary.plan.rollout.guard.leaseMs;
    this.#clock = clock;
  }

  /** Ends the action as unreachable when the host can't be reached. */
  async take(instance: string, host: Host, { epoch, signal }: TakeOptions): Promise<Guard> {
    // Whoever was given up on must not open what the next action would find in its way.
    signal.throwIfAborted();
    const key = keyOf(instance, host);
    const known = this.#open.get(key);
    if (known !== undefined) return known.guard;
    const guard = this.#door
      .open(host, {
        rollout: this.#rollout,
        become: host.become,
        epoch,
        signal,
        leaseMs: this.#leaseMs,
      })
      .then((answer) => valueOf(answer));
    this.#open.set(key, { instance, guard });
    guard.catch(() => {
      if (this.#open.get(key)?.guard === guard) this.#open.delete(key);
    });
    return guard;
  }

  /** Closes what is open for this instance: it is settled, or a connection of it can't be trusted. */
  async drop(instance: string): Promise<void> {
    const mine = [...this.#open].filter(([, entry]) => entry.instance === instance);
    for (const [key] of mine) this.#open.delete(key);
    await Promise.all(mine.map(([, entry]) => this.#close(entry.guard)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(all.map((entry) => this.#close(entry.guard)));
  }

  /** What can't be closed in time is left: its process is stuck, and nothing of it is used again. */
  async #close(opening: Promise<Guard>): Promise<void> {
    const over = new AbortController();
    const late = this.#clock.sleep(closingMaxMs, over.signal).catch(() => undefined);
    await Promise.race([close(opening).finally(() => over.abort()), late]);
  }
}

/** Closing waits for a program of ours to end, and one in uninterruptible sleep never does. */
export const closingMaxMs = 10_000;

export interface GuardPoolParts {
  readonly door: GuardDoor;
  readonly itinerary: Pick<Itinerary, "rollout" | "plan">;
  readonly clock: Clock;
}

export interface TakeOptions {
  readonly epoch: number;
  readonly signal: AbortSignal;
}

async function close(opening: Promise<Guard>): Promise<void> {
  // One that never opened has told its failure to the action that asked for it.
  const guard = await opening.catch(() => null);
  await guard?.[Symbol.asyncDispose]();
}

function keyOf(instance: string, host: Host): string {
  return JSON.stringify([instance, host.name, host.become]);
}
