import { type Failure, HandrailError } from "../core/failure.ts";
import { hostLocked } from "../core/host-locked.ts";
import type { Host } from "../core/plan/inventory.ts";
import type { Clock } from "../ports/clock.ts";
import type { Guard, GuardDoor } from "../ports/guard.ts";
import type { Journals } from "../ports/journal.ts";
import { type LockWait, whileHeld } from "./lock-wait.ts";
import { refuseUnfinished } from "./refuse-unfinished.ts";

export interface AwaitParts {
  readonly log: Journals;
  readonly door: GuardDoor;
  readonly clock: Clock;
}

export interface AwaitOrder {
  readonly inventory: string;
  /** The rollout that asks, where it is in the journal already: its own locks are in nobody's way. */
  readonly rollout: string | null;
  readonly hosts: readonly Host[];
  /** Hosts that are looked at at the same time. */
  readonly concurrency: number;
  readonly wait: LockWait;
}

/**
 * Waits until no other rollout has the inventory or one of the hosts: first the inventory, then the
 * hosts by their names, so that of several who wait none holds what another needs. Only looks: no
 * lock is taken, and nothing is written anywhere. Rejects with what stands in the way when the time
 * is over, or when the wait was ended; a host that can't be looked at is left to preflight.
 */
export async function awaitLocks(parts: AwaitParts, order: AwaitOrder): Promise<void> {
  const { clock } = parts;
  const { wait } = order;
  const hosts = [...order.hosts].sort(({ name: a }, { name: b }) => (a < b ? -1 : 1));
  await using looks = new HostLooks(parts.door, order);
  const held = await whileHeld({
    ask: async () => (await inventoryTrouble(parts.log, order)) ?? (await looks.firstHeld(hosts)),
    heldBy: (failure) => failure,
    clock,
    wait,
  });
  if (held !== null) throw new HandrailError(held);
}

async function inventoryTrouble(
  log: Journals,
  { inventory, rollout }: AwaitOrder,
): Promise<Failure | null> {
  try {
    await refuseUnfinished(log, { inventory, but: rollout });
    return null;
  } catch (error) {
    if (error instanceof HandrailError && error.failure.code === "LOCKED") return error.failure;
    throw error;
  }
}

/** Looks at hosts for another's lock. The one that is held is looked at again over one connection. */
class HostLooks implements AsyncDisposable {
  readonly #door: GuardDoor;
  readonly #order: AwaitOrder;
  #held: { readonly host: Host; readonly guard: Guard } | null = null;

  constructor(door: GuardDoor, order: AwaitOrder) {
    this.#door = door;
    this.#order = order;
  }

  async firstHeld(hosts: readonly Host[]): Promise<Failure | null> {
    if (this.#held !== null) {
      const failure = await this.#troubleOf(this.#held.host, this.#held.guard);
      if (failure !== null) return failure;
      await this[Symbol.asyncDispose]();
    }
    // Others may have been taken meanwhile: all of them are looked at anew.
    const { concurrency } = this.#order;
    for (let at = 0; at < hosts.length; at += concurrency) {
      const found = await Promise.all(
        hosts.slice(at, at + concurrency).map((host) => this.#lookAt(host)),
      );
      const held = found.filter((it) => it !== null);
      for (const { guard } of held.slice(1)) await guard[Symbol.asyncDispose]();
      const [first] = held;
      if (first === undefined) continue;
      this.#held = first;
      return first.failure;
    }
    return null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const held = this.#held;
    this.#held = null;
    await held?.guard[Symbol.asyncDispose]();
  }

  async #lookAt(
    host: Host,
  ): Promise<{ readonly host: Host; readonly guard: Guard; readonly failure: Failure } | null> {
    const { wait } = this.#order;
    if (wait.signal.aborted) return null;
    const opened = await this.#door.open(host, { rollout: looker, signal: wait.signal });
    if (opened.kind !== "result") return null;
    const guard = opened.value;
    const failure = await this.#troubleOf(host, guard);
    if (failure !== null) return { host, guard, failure };
    await guard[Symbol.asyncDispose]();
    return null;
  }

  async #troubleOf(host: Host, guard: Guard): Promise<Failure | null> {
    const look = await guard.look({ paths: [] });
    if (look.kind !== "result") return null;
    const { lock } = look.value;
    const isHeld = lock !== null && lock.rollout !== this.#order.rollout;
    return isHeld ? hostLocked(host.name, lock) : null;
  }
}

/** Names the looks in messages of the guard: a folder of that name is never made. */
const looker = "locks";
