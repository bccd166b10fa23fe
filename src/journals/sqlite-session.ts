import type { RolloutEvent } from "../core/event.ts";
import type { AppendOptions, JournalRecord, JournalSession, LeftWish } from "../ports/journal.ts";
import type { ControllerLock } from "./controller-lock.ts";
import { removeHolder } from "./holder-rows.ts";
import { JournalError } from "./journal-error.ts";
import { leadsOn } from "./journal-rules.ts";
import type { JournalStore } from "./journal-store.ts";
import { RecordWriter } from "./record-writer.ts";
import type { AppendOrder } from "./record-writer.ts";
import { stateError } from "./state-error.ts";

export interface SessionOrder {
  readonly store: JournalStore;
  readonly lock: ControllerLock;
  readonly rollout: string;
  /** The rollout's number in the database. */
  readonly number: number;
  readonly epoch: number;
  readonly wall: () => string;
  /** Called once, when the session has let go. */
  readonly closed: () => void;
}

/** Appends of one runner. Those asked for in one turn of the event loop share one commit. */
export class SqliteSession implements JournalSession {
  readonly epoch: number;
  readonly #order: SessionOrder;
  readonly #writer: RecordWriter;
  #waiting: Waiting[] = [];
  #scheduled = false;
  #appends = 0;
  #lastWish = 0;
  #open = true;

  constructor(order: SessionOrder) {
    this.epoch = order.epoch;
    this.#order = order;
    this.#writer = new RecordWriter(order.store.db, order);
  }

  append(event: RolloutEvent, options: AppendOptions = {}): Promise<JournalRecord> {
    if (!this.#open)
      return Promise.reject(new Error("append to a journal session that was closed"));
    this.#appends += 1;
    const order = { event, wish: options.wish ?? null, key: options.key ?? null };
    const fallbackKey = `${this.epoch}.${this.#appends}`;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ order: { ...order, fallbackKey }, resolve, reject });
      if (this.#scheduled) return;
      this.#scheduled = true;
      setImmediate(() => this.#flush());
    });
  }

  async confirm(): Promise<void> {
    this.#read(() => this.#writer.confirmed());
  }

  async wishes(): Promise<readonly LeftWish[]> {
    const left = this.#read(() => this.#writer.wishesAfter(this.#lastWish));
    const last = left.at(-1);
    if (last !== undefined) this.#lastWish = Number(last.id);
    return left;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    this.#flush();
    const { store, lock, rollout, closed } = this.#order;
    try {
      store.write(false, () => removeHolder(store.db, rollout, this.epoch));
    } catch (error) {
      // The words may stay when the disk fails: the lock is what counts, and holders() looks at it.
      if (!(error instanceof JournalError)) throw error;
    } finally {
      lock[Symbol.dispose]();
      closed();
    }
  }

  #read<T>(reads: () => T): T {
    try {
      return reads();
    } catch (error) {
      throw stateError(error, this.#order.store.folder);
    }
  }

  #flush(): void {
    this.#scheduled = false;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, batchMax);
      try {
        this.#commit(batch);
      } catch (error) {
        if (batch.length === 1) batch[0]!.reject(error);
        // One of them is the reason: nothing was written, and alone each gets its own answer.
        else for (const one of batch) this.#commitAlone(one);
      }
    }
  }

  #commitAlone(one: Waiting): void {
    try {
      this.#commit([one]);
    } catch (error) {
      one.reject(error);
    }
  }

  #commit(batch: readonly Waiting[]): void {
    const orders = batch.map((one) => one.order);
    const records = this.#order.store.write(
      orders.some((order) => leadsOn(order.event)),
      () => this.#writer.write(orders),
    );
    for (const [at, one] of batch.entries()) one.resolve(records[at]!);
  }
}

/** Appends in one commit: bounds how long the event loop stands still. */
const batchMax = 256;

interface Waiting {
  readonly order: AppendOrder;
  readonly resolve: (record: JournalRecord) => void;
  readonly reject: (error: unknown) => void;
}
