import type { DatabaseSync } from "node:sqlite";
import { dropBallast, layBallast } from "./ballast.ts";
import { openWriter, transaction } from "./database.ts";
import { isFull, isIoError, stateError, stateFull, stateUnusable } from "./state-error.ts";

/** The one connection through which a process writes, and what it does when the disk fails it. */
export class JournalStore implements Disposable {
  readonly folder: string;
  readonly db: DatabaseSync;
  /** The ballast is in use: only what ends a rollout is still written. */
  #full = false;
  /** A write failed in the hardware or below: what is on the disk is not known here any more. */
  #broken = false;

  constructor(folder: string) {
    this.folder = folder;
    this.db = openWriter(folder);
  }

  /** One durable transaction. `leadsOn`: it may not use the ballast, see journal-rules.ts. */
  write<T>(leadsOn: boolean, work: () => T): T {
    if (this.#broken) {
      throw stateUnusable(this.folder, "failed to keep an earlier record", brokenHint);
    }
    if (this.#full && leadsOn) throw stateFull(this.folder);
    try {
      return transaction(this.db, work);
    } catch (error) {
      if (isFull(error)) return this.#writeOnFullDisk(leadsOn, work, error);
      if (isIoError(error)) this.#broken = true;
      throw stateError(error, this.folder);
    }
  }

  /** Lays the ballast again. Without room for it: STATE_FULL if `required`, else it stays away. */
  provideBallast(required: boolean): void {
    try {
      layBallast(this.folder);
      this.#full = false;
    } catch (error) {
      if (required || !isFull(error)) throw stateError(error, this.folder);
      this.#full = true;
    }
  }

  [Symbol.dispose](): void {
    if (this.db.isOpen) this.db.close();
  }

  #writeOnFullDisk<T>(leadsOn: boolean, work: () => T, cause: unknown): T {
    if (leadsOn) throw stateFull(this.folder, { cause });
    try {
      if (!this.#full) {
        this.#full = true;
        dropBallast(this.folder);
        // From now on the WAL is emptied often, so that it doesn't eat what the ballast gave.
        this.db.exec("PRAGMA wal_autocheckpoint = 32");
      }
      this.db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      return transaction(this.db, work);
    } catch (error) {
      throw stateError(error, this.folder);
    }
  }
}

const brokenHint = "look at the disk (`dmesg`), then `handrail resume ROLLOUT` reads what it kept";
