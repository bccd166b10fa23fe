import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { onTestFinished } from "vitest";
import { openSqliteJournals } from "../../src/journals/sqlite.ts";
import type { Journals } from "../../src/ports/journal.ts";
import { opened, order, remark, session } from "./journal-events.ts";

export const clock = { wall: () => new Date().toISOString() };

/** A folder that is gone after the test. */
export async function temporary(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "handrail-journal-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Closed after the test. */
export async function journalsOf(folder: string): Promise<Journals> {
  const journals = await openSqliteJournals({ folder, clock });
  onTestFinished(() => journals[Symbol.asyncDispose]());
  return journals;
}

/** A rollout of five records that nobody holds; of fewer when so asked. */
export async function begun(folder: string, records = 5): Promise<void> {
  await using journals = await openSqliteJournals({ folder, clock });
  const held = session(await journals.open(order("kb-1")));
  await held.append(opened);
  for (const text of ["two", "three", "four", "five"].slice(0, records - 1))
    await held.append(remark(text));
}

/** What somebody with another program does to a journal. */
export function edit(folder: string, work: (db: DatabaseSync) => void): void {
  using db = new DatabaseSync(join(folder, "journal.db"));
  work(db);
}
