import type { RolloutEvent } from "../core/event.ts";
import type {
  AppendOptions,
  JournalRecord,
  JournalSession,
  LeftWish,
  OpenOrder,
} from "../ports/journal.ts";
import { decodeRecord, encodeRecord } from "./encoding.ts";
import type { StoredRecord } from "./encoding.ts";
import { fenced } from "./journal-error.ts";
import { outcomeAfter, repeated, requireAsked } from "./journal-rules.ts";
import { decodeWish } from "./wish-text.ts";

/** A rollout in memory; sessions write into it. */
export interface MemoryRollout {
  readonly order: OpenOrder;
  readonly openedAt: string;
  /** Of the newest runner: only it may append. */
  epoch: number;
  readonly stored: StoredRecord[];
  head: string;
  outcome: string | null;
  readonly wishes: MemoryWish[];
}

interface MemoryWish {
  readonly number: number;
  readonly text: string;
  /** The record that took it out. */
  record: number | null;
}

export interface AppendHooks {
  /** What it throws rejects the append, and nothing is written. */
  readonly beforeDurable?: (rollout: string, event: RolloutEvent) => void;
  /** What it throws rejects the append, although the record is written. */
  readonly afterDurable?: (rollout: string, record: JournalRecord) => void;
}

export interface MemorySessionOrder {
  readonly rollout: MemoryRollout;
  readonly wall: () => string;
  readonly hooks: AppendHooks;
  readonly letGo: () => void;
}

export class MemorySession implements JournalSession {
  readonly epoch: number;
  readonly #order: MemorySessionOrder;
  #appends = 0;
  #lastWish = 0;
  #open = true;

  constructor(order: MemorySessionOrder) {
    this.epoch = order.rollout.epoch;
    this.#order = order;
  }

  async append(event: RolloutEvent, options: AppendOptions = {}): Promise<JournalRecord> {
    if (!this.#open) throw new Error("append to a journal session that was closed");
    const { rollout, hooks } = this.#order;
    const name = rollout.order.rollout;
    this.#appends += 1;
    hooks.beforeDurable?.(name, event);
    const record = this.#write(event, options);
    hooks.afterDurable?.(name, record);
    return record;
  }

  async confirm(): Promise<void> {
    this.#requireNewest();
  }

  async wishes(): Promise<readonly LeftWish[]> {
    const left = this.#order.rollout.wishes.filter(
      (wish) => wish.record === null && wish.number > this.#lastWish,
    );
    this.#lastWish = left.at(-1)?.number ?? this.#lastWish;
    return left.map(leftWish);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#open = false;
    this.#order.letGo();
  }

  #write(event: RolloutEvent, options: AppendOptions): JournalRecord {
    const { rollout, wall } = this.#order;
    const name = rollout.order.rollout;
    this.#requireNewest();
    const key = options.key === undefined ? `${this.epoch}.${this.#appends}` : `key:${options.key}`;
    if (options.key !== undefined) {
      const before = rollout.stored.find((one) => one.key === key);
      if (before !== undefined) return repeated(decodeRecord(name, before), event, options.key);
    }
    const seq = rollout.stored.length + 1;
    const order = { rollout: name, seq, epoch: this.epoch, key, at: wall(), event };
    const stored = encodeRecord(order, rollout.head);
    if (options.wish !== undefined) this.#take(options.wish, event, seq);
    rollout.stored.push(stored);
    rollout.head = stored.hash;
    rollout.outcome = outcomeAfter(rollout.outcome, event);
    return decodeRecord(name, stored);
  }

  #requireNewest(): void {
    const { rollout } = this.#order;
    if (rollout.epoch !== this.epoch)
      throw fenced(rollout.order.rollout, this.epoch, rollout.epoch);
  }

  #take(id: string, event: RolloutEvent, seq: number): void {
    const wish = this.#order.rollout.wishes.find(
      (one) => String(one.number) === id && one.record === null,
    );
    requireAsked(id, wish === undefined ? null : leftWish(wish), event);
    if (wish !== undefined) wish.record = seq;
  }
}

function leftWish(wish: MemoryWish): LeftWish {
  const id = String(wish.number);
  return { id, ...decodeWish(id, wish.text) };
}
