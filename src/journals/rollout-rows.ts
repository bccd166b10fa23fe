import type { DatabaseSync } from "node:sqlite";
import * as z from "zod";
import type {
  AskedWish,
  JournalCheck,
  JournalRecord,
  OpenOrder,
  RolloutHead,
} from "../ports/journal.ts";
import { checkChain } from "./chain.ts";
import { decodeRecord } from "./encoding.ts";
import type { StoredRecord } from "./encoding.ts";
import { damaged } from "./journal-error.ts";
import { rowOf } from "./row.ts";
import { decodeWish } from "./wish-text.ts";

/** A rollout as the database knows it. */
export interface RolloutRow {
  readonly number: number;
  readonly name: string;
  readonly inventory: string;
  readonly epoch: number;
  readonly records: number;
  readonly head: string;
  readonly outcome: string | null;
}

/** null: never heard of. One whose first record was never written is there with 0 records. */
export function rolloutRow(db: DatabaseSync, name: string): RolloutRow | null {
  const row = db
    .prepare(
      "SELECT number, name, inventory, epoch, records, head, outcome FROM rollouts WHERE name = ?",
    )
    .get(name);
  return row === undefined ? null : rowOf(rowSchema, row, `rollout "${name}"`);
}

/** Adds the rollout with epoch 0 and no record. */
export function addRollout(db: DatabaseSync, order: OpenOrder, openedAt: string): void {
  db.prepare(
    `INSERT INTO rollouts (name, inventory, digest, opened_at, epoch, records, head)
     VALUES (?, ?, ?, ?, 0, 0, ?)`,
  ).run(order.rollout, order.inventory, order.digest, openedAt, order.rollout);
}

/** The epoch of a new runner; every runner before it is fenced off from here on. */
export function nextEpoch(db: DatabaseSync, rollout: RolloutRow): number {
  db.prepare("UPDATE rollouts SET epoch = epoch + 1 WHERE number = ?").run(rollout.number);
  return rollout.epoch + 1;
}

/** Newest first; those without a record were never begun. */
export function rolloutHeads(db: DatabaseSync): readonly RolloutHead[] {
  return db
    .prepare(
      `SELECT name AS rollout, inventory, digest, opened_at AS openedAt, records, outcome
       FROM rollouts WHERE records > 0 ORDER BY number DESC`,
    )
    .all()
    .map((row) => rowOf(headSchema, row, "a rollout"));
}

/** Wishes that no record took out, oldest first. */
export function wishesWaiting(db: DatabaseSync, { number }: RolloutRow): readonly AskedWish[] {
  return db
    .prepare("SELECT number, text FROM wishes WHERE rollout = ? AND record IS NULL ORDER BY number")
    .all(number)
    .map((row) => rowOf(wishSchema, row, "a wish"))
    .map((wish) => decodeWish(String(wish.number), wish.text));
}

/** From record `after` + 1 on; JOURNAL_DAMAGED where one is missing or can't be read. */
export function recordsAfter(
  db: DatabaseSync,
  rollout: RolloutRow,
  after: number,
): readonly JournalRecord[] {
  const records: JournalRecord[] = [];
  for (const stored of storedAfter(db, rollout, after)) {
    const record = decodeRecord(rollout.name, stored);
    const expected = after + records.length + 1;
    if (record.seq !== expected) {
      throw damaged(`record ${expected} of rollout "${rollout.name}"`, "it is missing");
    }
    records.push(record);
  }
  if (after + records.length < rollout.records) {
    const missing = after + records.length + 1;
    throw damaged(`record ${missing} of rollout "${rollout.name}"`, "it and all after it are gone");
  }
  return records;
}

/** Walks the whole chain of one rollout. */
export function checkRollout(db: DatabaseSync, rollout: RolloutRow): JournalCheck {
  return checkChain({
    rollout: rollout.name,
    stored: storedAfter(db, rollout, 0),
    records: rollout.records,
    head: rollout.head,
  });
}

function* storedAfter(
  db: DatabaseSync,
  rollout: RolloutRow,
  after: number,
): Generator<StoredRecord> {
  const rows = db
    .prepare("SELECT seq, key, line, hash FROM records WHERE rollout = ? AND seq > ? ORDER BY seq")
    .iterate(rollout.number, after);
  for (const row of rows) yield rowOf(storedSchema, row, `a record of rollout "${rollout.name}"`);
}

const rowSchema = z.object({
  number: z.int(),
  name: z.string(),
  inventory: z.string(),
  epoch: z.int(),
  records: z.int(),
  head: z.string(),
  outcome: z.string().nullable(),
});

const wishSchema = z.object({ number: z.int(), text: z.string() });

const headSchema = z.object({
  rollout: z.string(),
  inventory: z.string(),
  digest: z.string(),
  openedAt: z.string(),
  records: z.int(),
  outcome: z.string().nullable(),
});

const storedSchema = z.object({
  seq: z.int(),
  key: z.string(),
  line: z.string(),
  hash: z.string(),
});
