import { HandrailError } from "../core/failure.ts";
import type { FailureCode } from "../core/failure.ts";
import { JournalError } from "./journal-error.ts";

/**
 * What an error of SQLite or of the file system means for the one who runs Handrail. Errors that
 * are no trouble of the state folder (bugs among them) come back as they are.
 */
export function stateError(error: unknown, folder: string): unknown {
  if (error instanceof HandrailError || !(error instanceof Error)) return error;
  const trouble = troubleOf(error);
  if (trouble === null) return error;
  return new JournalError(
    {
      code: trouble.code,
      message: `the state folder "${folder}" ${trouble.what}: ${error.message}`,
      hint: trouble.hint,
      path: folder,
    },
    { cause: error },
  );
}

/** The state folder can't be used as it is; `because` goes on after its name. */
export function stateUnusable(folder: string, because: string, hint: string): JournalError {
  const message = `the state folder "${folder}" ${because}`;
  return new JournalError({ code: "STATE_UNUSABLE", message, hint, path: folder });
}

/** Rollouts were recorded in this folder, and their journal is not there; `because` says how that shows. */
export function journalGone(folder: string, because: string): JournalError {
  return new JournalError({
    code: "JOURNAL_DAMAGED",
    message: `the state folder "${folder}" ${because}, although rollouts were recorded there`,
    hint: "put journal.db back from a copy of the folder; without one nothing is known of those rollouts here, and `--state DIR` begins a journal elsewhere",
    path: folder,
  });
}

/** The disk below the state folder is full. */
export function stateFull(folder: string, options?: ErrorOptions): JournalError {
  const message = `the disk below the state folder "${folder}" is full`;
  return new JournalError({ code: "STATE_FULL", message, hint: fullHint, path: folder }, options);
}

export function isFull(error: unknown): boolean {
  return error instanceof Error && troubleOf(error)?.code === "STATE_FULL";
}

/** A writer holds the file: with a lock file it means that somebody holds the lock. */
export function isBusy(error: unknown): boolean {
  return error instanceof Error && sqliteCode(error) === sqliteBusy;
}

/** The disk, or what is below it, failed: whether the last transaction is kept is not known. */
export function isIoError(error: unknown): boolean {
  return error instanceof Error && sqliteCode(error) === sqliteIoError;
}

interface Trouble {
  readonly code: FailureCode;
  readonly what: string;
  readonly hint: string;
}

function troubleOf(error: Error): Trouble | null {
  const code = sqliteCode(error);
  // Our SQL names only what the migrations made: where that is gone, the schema was damaged.
  if (code === sqliteError && schemaTrouble.test(error.message)) return damagedFile;
  if (code !== null) return sqliteTroubles.get(code) ?? null;
  if (!("code" in error) || !("syscall" in error)) return null;
  return error.code === "ENOSPC" || error.code === "EDQUOT" ? full : unusable;
}

/** The primary result code, https://www.sqlite.org/rescode.html; null: not from SQLite. */
function sqliteCode(error: Error): number | null {
  if (!("errcode" in error) || typeof error.errcode !== "number") return null;
  return error.errcode & 0xff;
}

const sqliteError = 1;
const schemaTrouble =
  /^no such (table|column)|has no column named|^foreign key mismatch|^unsupported file format/;
const sqliteBusy = 5;
const sqliteIoError = 10;
const fullHint = "free some megabytes there";

const full: Trouble = { code: "STATE_FULL", what: "has no space left", hint: fullHint };

const unusable: Trouble = {
  code: "STATE_UNUSABLE",
  what: "can't be used",
  hint: "look at its owner, mode and disk; use another folder with --state DIR",
};

const busy: Trouble = {
  code: "STATE_UNUSABLE",
  what: "is busy",
  hint: "another process writes there for too long: `handrail locks` shows who",
};

const damagedFile: Trouble = {
  code: "JOURNAL_DAMAGED",
  what: "holds a damaged journal.db",
  hint: "keep a copy of the folder; `sqlite3 journal.db .recover` may save what is left",
};

const sqliteTroubles: ReadonlyMap<number, Trouble> = new Map([
  [3, unusable], // PERM
  [sqliteBusy, busy],
  [6, busy], // LOCKED
  [8, unusable], // READONLY
  [sqliteIoError, unusable],
  [11, damagedFile], // CORRUPT
  [13, full], // FULL
  [14, unusable], // CANTOPEN
  [15, unusable], // PROTOCOL
  [22, unusable], // NOLFS
  [23, unusable], // AUTH
  [26, damagedFile], // NOTADB
]);
