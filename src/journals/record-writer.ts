import type { DatabaseSync, StatementSync } from "node:sqlite";
import * as z from "zod";
import type { RolloutEvent } from "../core/event.ts";
import type { JournalRecord, LeftWish } from "../ports/journal.ts";
import { decodeRecord, encodeRecord } from "./encoding.ts";
import type { StoredRecord } from "./encoding.ts";
import { fenced } from "./journal-error.ts";
import { outcomeAfter, repeated, requireAsked } from "./journal-rules.ts";
import { rowOf } from "./row.ts";
import { decodeWish } from "./wish-text.ts";

export interface AppendOrder {
  readonly event: RolloutEvent;
  readonly wish: string | null;
  /** null: nobody repeats it; `fallbackKey` names the record. */
  readonly key: string | null;
  readonly fallbackKey: string;
}

export interface WriterOrder {
  readonly rollout: string;
  readonly number: number;
  readonly epoch: number;
  readonly wall: () => string;
}

/** The statements of one session. Runs inside a transaction that the caller makes. */
export class RecordWriter {
  readonly #order: WriterOrder;
  readonly #rollout: StatementSync;
  readonly #advance: StatementSync;
  readonly #byKey: StatementSync;
  readonly #insert: StatementSync;
  readonly #wish: StatementSync;
  readonly #takeWish: StatementSync;
  readonly #wishes: StatementSync;

  constructor(db: DatabaseSync, order: WriterOrder) {
    this.#order = order;
    this.#rollout = db.prepare(
      "SELECT epoch, records, head, outcome FROM rollouts WHERE number = ?",
    );
    this.#advance = db.prepare(
      "UPDATE rollouts SET records = ?, head = ?, outcome = ? WHERE number = ?",
    );
    this.#byKey = db.prepare(
      "SELECT seq, key, line, hash FROM records WHERE rollout = ? AND key = ?",
    );
    this.#insert = db.prepare(
      "INSERT INTO records (rollout, seq, key, line, hash) VALUES (?, ?, ?, ?, ?)",
    );
    this.#wish = db.prepare(
      "SELECT number, text FROM wishes WHERE rollout = ? AND number = ? AND record IS NULL",
    );
    this.#takeWish = db.prepare(
      // Its text goes: the record has it, with secrets struck out.
      "UPDATE wishes SET record = ?, text = '' WHERE number = ?",
    );
    this.#wishes = db.prepare(
      `SELECT number, text FROM wishes
       WHERE rollout = ? AND number > ? AND record IS NULL ORDER BY number`,
    );
  }

  /** Where the rollout stands, if this session's runner is the newest one; else FENCED. */
  confirmed(): z.infer<typeof rolloutSchema> {
    const { rollout, number, epoch } = this.#order;
    const row = rowOf(rolloutSchema, this.#rollout.get(number), `rollout "${rollout}"`);
    if (row.epoch !== epoch) throw fenced(rollout, epoch, row.epoch);
    return row;
  }

  /** Adds the records in order, or FENCED. */
  write(orders: readonly AppendOrder[]): readonly JournalRecord[] {
    const { rollout, number } = this.#order;
    let { records: seq, head, outcome } = this.confirmed();
    const written: JournalRecord[] = [];
    for (const order of orders) {
      const before = this.#before(order);
      if (before !== null) {
        written.push(before);
        continue;
      }
      const stored = this.#encode(order, seq + 1, head);
      seq = stored.seq;
      head = stored.hash;
      outcome = outcomeAfter(outcome, order.event);
      this.#insert.run(number, seq, stored.key, stored.line, stored.hash);
      if (order.wish !== null) this.#take(order.wish, order.event, seq);
      written.push(decodeRecord(rollout, stored));
    }
    this.#advance.run(seq, head, outcome, number);
    return written;
  }

  /** Wishes with a higher id than `after` that no record took out. */
  wishesAfter(after: number): readonly LeftWish[] {
    return this.#wishes.all(this.#order.number, after).map((row) => leftWish(row));
  }

  /** The record that the same key made earlier; null when it is new. */
  #before(order: AppendOrder): JournalRecord | null {
    if (order.key === null) return null;
    const row = this.#byKey.get(this.#order.number, callerKey(order.key));
    if (row === undefined) return null;
    const record = decodeRecord(
      this.#order.rollout,
      rowOf(storedSchema, row, `the record "${order.key}"`),
    );
    return repeated(record, order.event, order.key);
  }

  #encode(order: AppendOrder, seq: number, head: string): StoredRecord {
    const { rollout, epoch, wall } = this.#order;
    const key = order.key === null ? order.fallbackKey : callerKey(order.key);
    return encodeRecord({ rollout, seq, epoch, key, at: wall(), event: order.event }, head);
  }

  #take(wish: string, event: RolloutEvent, seq: number): void {
    const row = this.#wish.get(this.#order.number, Number(wish));
    requireAsked(wish, row === undefined ? null : leftWish(row), event);
    this.#takeWish.run(seq, Number(wish));
  }
}

/** Kept apart from the keys that sessions make by themselves. */
function callerKey(key: string): string {
  return `key:${key}`;
}

function leftWish(row: unknown): LeftWish {
  const { number, text } = rowOf(wishSchema, row, "a wish");
  const id = String(number);
  return { id, ...decodeWish(id, text) };
}

const rolloutSchema = z.object({
  epoch: z.int(),
  records: z.int(),
  head: z.string(),
  outcome: z.string().nullable(),
});

const storedSchema = z.object({
  seq: z.int(),
  key: z.string(),
  line: z.string(),
  hash: z.string(),
});

const wishSchema = z.object({ number: z.int(), text: z.string() });
