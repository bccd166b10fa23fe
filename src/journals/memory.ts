import { hash } from "node:crypto";
import type { Clock } from "../ports/clock.ts";
import type {
  AskedWish,
  Held,
  Holder,
  JournalCheck,
  JournalRecord,
  Journals,
  OpenOrder,
  RolloutHead,
  RunnerIdentity,
} from "../ports/journal.ts";
import { checkChain } from "./chain.ts";
import { decodeRecord } from "./encoding.ts";
import {
  damaged,
  JournalError,
  overLimit,
  rolloutExists,
  rolloutUnknown,
} from "./journal-error.ts";
import { wishesMax } from "./journal-rules.ts";
import { MemorySession } from "./memory-session.ts";
import type { AppendHooks, MemoryRollout } from "./memory-session.ts";
import { decodeWish, encodeWish } from "./wish-text.ts";

export interface MemoryOptions {
  readonly clock: Pick<Clock, "wall">;
  /** What a simulation puts between an append and its disk. Throwing is how a runner crashes. */
  readonly hooks?: AppendHooks;
}

export interface MemoryJournals extends Journals {
  /**
   * Ends the hold on a rollout as the kernel does when its runner dies. The session of the dead
   * can still append, as a stalled runner would, until another takes the rollout up: then FENCED.
   */
  lose(rollout: string): void;
}

/** Journals without a disk: one object that outlives the crashes of its runners. */
export function memoryJournals(options: MemoryOptions): MemoryJournals {
  return new Memory(options);
}

class Memory implements MemoryJournals {
  readonly #options: MemoryOptions;
  readonly #rollouts = new Map<string, MemoryRollout>();
  /** By inventory. */
  readonly #holders = new Map<string, Holder>();
  readonly #content = new Map<string, Uint8Array>();

  constructor(options: MemoryOptions) {
    this.#options = options;
  }

  async list(): Promise<readonly RolloutHead[]> {
    return [...this.#rollouts.values()]
      .filter((rollout) => rollout.stored.length > 0)
      .map(({ order, openedAt, stored, outcome }) => ({
        rollout: order.rollout,
        inventory: order.inventory,
        digest: order.digest,
        openedAt,
        records: stored.length,
        outcome,
      }))
      .reverse();
  }

  async read(rollout: string, after: number): Promise<readonly JournalRecord[]> {
    const { stored } = this.#begun(rollout);
    return stored.slice(after).map((one) => decodeRecord(rollout, one));
  }

  async verify(rollout: string): Promise<JournalCheck> {
    const { stored, head } = this.#begun(rollout);
    return checkChain({ rollout, stored, records: stored.length, head });
  }

  async open(order: OpenOrder): Promise<Held> {
    const refused = this.#refusal(order.inventory);
    if (refused !== null) return refused;
    if (this.#rollouts.has(order.rollout)) throw rolloutExists(order.rollout);
    const rollout: MemoryRollout = {
      order,
      openedAt: this.#options.clock.wall(),
      epoch: 0,
      stored: [],
      head: order.rollout,
      outcome: null,
      wishes: [],
    };
    this.#rollouts.set(order.rollout, rollout);
    return this.#hold(rollout, order.runner);
  }

  async takeUp(name: string, runner: RunnerIdentity): Promise<Held> {
    const rollout = this.#begun(name);
    const refused = this.#refusal(rollout.order.inventory);
    if (refused !== null) return refused;
    const check = await this.verify(name);
    if (check.kind === "damaged") throw new JournalError(check.failure);
    return this.#hold(rollout, runner);
  }

  async ask(rollout: string, asked: AskedWish): Promise<void> {
    const text = encodeWish(asked);
    const { wishes } = this.#begun(rollout);
    const waiting = wishes.filter((wish) => wish.record === null).length;
    if (waiting >= wishesMax) {
      throw overLimit(`${waiting} wishes wait for rollout "${rollout}"`, String(wishesMax));
    }
    wishes.push({ number: wishes.length + 1, text, record: null });
  }

  async waiting(rollout: string): Promise<readonly AskedWish[]> {
    return this.#begun(rollout)
      .wishes.filter((wish) => wish.record === null)
      .map((wish) => decodeWish(String(wish.number), wish.text));
  }

  async holders(): Promise<readonly Holder[]> {
    return [...this.#holders.values()];
  }

  async keep(content: Uint8Array): Promise<string> {
    const sha256 = hash("sha256", content);
    this.#content.set(sha256, content.slice());
    return sha256;
  }

  async recall(sha256: string): Promise<Uint8Array> {
    const content = this.#content.get(sha256);
    if (content === undefined) throw damaged(`content ${sha256}`, "it is not in memory");
    return content.slice();
  }

  lose(rollout: string): void {
    for (const [inventory, holder] of this.#holders) {
      if (holder.rollout === rollout) this.#holders.delete(inventory);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#holders.clear();
  }

  #begun(name: string): MemoryRollout {
    const rollout = this.#rollouts.get(name);
    if (rollout === undefined || rollout.stored.length === 0) throw rolloutUnknown(name, "memory");
    return rollout;
  }

  #refusal(inventory: string): Held | null {
    const holder = this.#holders.get(inventory);
    return holder === undefined ? null : { kind: "refused", holder };
  }

  #hold(rollout: MemoryRollout, runner: RunnerIdentity): Held {
    const { inventory, rollout: name } = rollout.order;
    const { clock, hooks = {} } = this.#options;
    rollout.epoch += 1;
    const holder = { rollout: name, inventory, holder: runner.holder, since: clock.wall() };
    this.#holders.set(inventory, holder);
    const letGo = () => {
      if (this.#holders.get(inventory) === holder) this.#holders.delete(inventory);
    };
    const wall = () => clock.wall();
    return { kind: "held", session: new MemorySession({ rollout, wall, hooks, letGo }) };
  }
}
