import type { DatabaseSync } from "node:sqlite";
import * as z from "zod";
import type { Holder, RunnerIdentity } from "../ports/journal.ts";
import { rowOf } from "./row.ts";

/**
 * Who holds an inventory, in words. The lock file decides; nobody can read it while it is held, so
 * its holder says here who it is. A row outlives a holder that was killed.
 */
export interface HolderRow extends Holder {
  readonly epoch: number;
  /** Of the process on this machine. */
  readonly pid: number;
}

export interface HolderOrder {
  readonly rollout: string;
  readonly inventory: string;
  readonly epoch: number;
  readonly runner: RunnerIdentity;
  readonly since: string;
}

/** Takes the place of whoever held the inventory before. */
export function putHolder(db: DatabaseSync, order: HolderOrder): void {
  db.prepare(
    `INSERT OR REPLACE INTO holders (inventory, rollout, epoch, runner, holder, pid, since)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    order.inventory,
    order.rollout,
    order.epoch,
    order.runner.runner,
    order.runner.holder,
    process.pid,
    order.since,
  );
}

/** Removes the words of this hold only, never those of a later one. */
export function removeHolder(db: DatabaseSync, rollout: string, epoch: number): void {
  db.prepare("DELETE FROM holders WHERE rollout = ? AND epoch = ?").run(rollout, epoch);
}

export function holderRows(db: DatabaseSync): readonly HolderRow[] {
  return db
    .prepare("SELECT rollout, inventory, holder, since, epoch, pid FROM holders ORDER BY since")
    .all()
    .map((row) => rowOf(rowSchema, row, "a holder"));
}

/** Is the process that wrote the row still there? A dead one's words are not those of the holder. */
export function isAlive(row: HolderRow): boolean {
  try {
    process.kill(row.pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, under another user. kill(2).
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

const rowSchema = z.object({
  rollout: z.string(),
  inventory: z.string(),
  holder: z.string(),
  since: z.string(),
  epoch: z.int(),
  pid: z.int(),
});
