import { statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { newer } from "./journal-error.ts";
import { applicationId, migrations } from "./migrations.ts";
import { isBusy, journalGone, stateError, stateUnusable } from "./state-error.ts";
import { journalFile, makePrivateFile, prepareStateFolder, syncFolder } from "./state-folder.ts";
import { wasInUse } from "./traces.ts";

/** How long a statement waits for another process's transaction; those last milliseconds. */
const busyTimeoutMs = 5000;

/** A connection that may write, to a journal made or migrated as needed. Errors are state errors. */
export function openWriter(folder: string): DatabaseSync {
  let db: DatabaseSync | null = null;
  try {
    prepareStateFolder(folder);
    const file = journalFile(folder);
    const used = wasInUse(folder);
    if (!isThere(file, folder) && used) throw journalGone(folder, "has no journal.db");
    makePrivateFile(file);
    db = new DatabaseSync(file, { timeout: busyTimeoutMs });
    const version = requireReadable(db, folder);
    if (version === 0 && used) throw journalGone(folder, "has an empty journal.db");
    // FULL: each commit is on the disk before it is acknowledged. NORMAL lost acknowledged records
    // in 9 of 20 power cuts, FULL in none.
    db.exec("PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON");
    db.exec("PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF");
    migrate(db, folder);
    syncFolder(folder);
    return db;
  } catch (error) {
    db?.close();
    throw stateError(error, folder);
  }
}

/**
 * Runs `work` on a connection that can't write; null when there is no journal yet. Works while
 * another process writes, and sees nothing of that; also in a folder that this user may only read.
 * Errors are state errors.
 */
export function withReader<T>(folder: string, work: (db: DatabaseSync) => T): T | null {
  try {
    const file = journalFile(folder);
    // Asked before the look at the journal: what another process makes meanwhile is no trace.
    const used = wasInUse(folder);
    if (!isThere(file, folder)) {
      if (used) throw journalGone(folder, "has no journal.db");
      return null;
    }
    for (let tries = 1; tries <= readTriesMax; tries += 1) {
      const result = readOnce(file, { folder, isLast: tries === readTriesMax }, work);
      if (result === "again") continue;
      if (result.value === null && used) throw journalGone(folder, "has an empty journal.db");
      return result.value;
    }
    throw stateUnusable(folder, "is read-only here and changes all the time", "try again");
  } catch (error) {
    throw stateError(error, folder);
  }
}

/** All or nothing, and on the disk when it returns. */
export function transaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec("BEGIN IMMEDIATE");
  try {
    const value = work();
    db.exec("COMMIT");
    return value;
  } finally {
    if (db.isTransaction) db.exec("ROLLBACK");
  }
}

/** Whatever other processes write meanwhile, all that `work` reads is of one moment. */
export function atOneMoment<T>(db: DatabaseSync, work: () => T): T {
  if (db.isTransaction) return work();
  // The first look that reads a table is what fixes the moment for the others.
  db.exec("BEGIN");
  try {
    return work();
  } finally {
    // It has only looked; an error may have ended the transaction already.
    if (db.isTransaction) db.exec("ROLLBACK");
  }
}

const readTriesMax = 5;

function isThere(file: string, folder: string): boolean {
  // Told apart from "not there": a folder that can't be looked into, or no folder at all.
  const stat = statSync(folder, { throwIfNoEntry: false });
  if (stat === undefined) return false;
  if (!stat.isDirectory()) {
    throw stateUnusable(folder, "is not a folder", "use another folder with --state DIR");
  }
  const journal = statSync(file, { throwIfNoEntry: false });
  if (journal === undefined || journal.isFile()) return journal !== undefined;
  throw stateUnusable(
    folder,
    "has a journal.db that is no file",
    "move it away, or use another folder: `--state DIR`",
  );
}

type ReadOnce<T> = { readonly value: T | null } | "again";

function readOnce<T>(
  file: string,
  { folder, isLast }: { readonly folder: string; readonly isLast: boolean },
  work: (db: DatabaseSync) => T,
): ReadOnce<T> {
  try {
    using db = new DatabaseSync(file, { readOnly: true, timeout: busyTimeoutMs });
    return { value: valueIn(db, folder, work) };
  } catch (error) {
    if (!isNoWalPossible(error)) throw error;
    if (hasWal(file)) {
      // A writer has just come, gone or been killed; where it stays so, the WAL can't be read here.
      if (isLast) throw error;
      pause();
      return "again";
    }
  }
  // Nobody has it open, and this user can't make the files that WAL needs: nothing is in a WAL, so
  // the database alone is the whole truth, unless somebody opens it meanwhile.
  const address = pathToFileURL(file);
  address.searchParams.set("immutable", "1");
  using db = new DatabaseSync(address, { readOnly: true });
  const value = valueIn(db, folder, work);
  return hasWal(file) ? "again" : { value };
}

/** An empty one, as a copy of a folder may have, holds nothing. */
function hasWal(file: string): boolean {
  return (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

function valueIn<T>(db: DatabaseSync, folder: string, work: (db: DatabaseSync) => T): T | null {
  return atOneMoment(db, () => (requireReadable(db, folder) === 0 ? null : work(db)));
}

function isNoWalPossible(error: unknown): boolean {
  if (!(error instanceof Error && "errcode" in error && typeof error.errcode === "number")) {
    return false;
  }
  const code = error.errcode & 0xff;
  return code === 14 || code === 8; // CANTOPEN, READONLY
}

/** The version of what is there: 0 for nothing yet. Refuses what this release can't read. */
function requireReadable(db: DatabaseSync, folder: string): number {
  const { application, version, tables } = headOf(db);
  if (application !== applicationId && (application !== 0 || version !== 0 || tables)) {
    throw stateUnusable(
      folder,
      "has a journal.db that is no journal of Handrail",
      "use another folder with --state DIR",
    );
  }
  if (version > migrations.length) {
    throw newer(
      `the state folder "${folder}" has version ${version}, this Handrail knows up to ${migrations.length}`,
    );
  }
  return version;
}

function migrate(db: DatabaseSync, folder: string): void {
  // Also when the version is right: a crash may have come between the two.
  const mode = patiently(() => db.prepare("PRAGMA journal_mode = WAL").get()?.["journal_mode"]);
  if (mode !== "wal") {
    throw stateUnusable(
      folder,
      `can't hold a WAL journal (it stays "${String(mode)}")`,
      "`--state DIR` with a folder on a disk of this machine",
    );
  }
  if (requireReadable(db, folder) === migrations.length) return;
  transaction(db, () => {
    // Asked again inside: two processes may begin at once.
    const version = requireReadable(db, folder);
    for (const sql of migrations.slice(version)) db.exec(sql);
    db.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${migrations.length}`);
  });
}

/**
 * Does `work` again while another process keeps it busy, for as long as a statement waits. The change
 * to WAL gives up at once where two processes begin it: each holds what the other one would wait for.
 */
function patiently<T>(work: () => T): T {
  const deadline = performance.now() + busyTimeoutMs;
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
    }
    pause();
  }
}

function pause(): void {
  Atomics.wait(sleeper, 0, 0, busyPauseMs);
}

const busyPauseMs = 10;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** At one moment: between two looks another process may make the journal. */
function headOf(db: DatabaseSync): {
  readonly application: number;
  readonly version: number;
  readonly tables: boolean;
} {
  return atOneMoment(db, () => {
    const tables = hasTables(db);
    const application = pragma(db, "application_id");
    return { application, version: pragma(db, "user_version"), tables };
  });
}

function pragma(db: DatabaseSync, name: "application_id" | "user_version"): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
}

function hasTables(db: DatabaseSync): boolean {
  return db.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() !== undefined;
}
