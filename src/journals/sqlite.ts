import type { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
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
import { keepContent, recallContent } from "./content-store.ts";
import { isLocked, takeLock } from "./controller-lock.ts";
import type { ControllerLock } from "./controller-lock.ts";
import { atOneMoment, withReader } from "./database.ts";
import { holderRows, isAlive, putHolder } from "./holder-rows.ts";
import { JournalError, overLimit, rolloutExists, rolloutUnknown } from "./journal-error.ts";
import { wishesMax } from "./journal-rules.ts";
import { JournalStore } from "./journal-store.ts";
import {
  addRollout,
  checkRollout,
  nextEpoch,
  recordsAfter,
  rolloutHeads,
  rolloutRow,
  wishesWaiting,
} from "./rollout-rows.ts";
import type { RolloutRow } from "./rollout-rows.ts";
import { SqliteSession } from "./sqlite-session.ts";
import { stateError } from "./state-error.ts";
import { prepareStateFolder } from "./state-folder.ts";
import { encodeWish } from "./wish-text.ts";

export interface SqliteOptions {
  /** The state folder. Made, for its owner only, when something is first written. */
  readonly folder: string;
  readonly clock: Pick<Clock, "wall">;
}

/**
 * The journals of one state folder. Reading makes nothing: where no journal is yet, there are no
 * rollouts. Rejects at once when the folder can't be read or a newer Handrail wrote it.
 */
export async function openSqliteJournals(options: SqliteOptions): Promise<Journals> {
  withReader(options.folder, rolloutHeads);
  return new SqliteJournals(options);
}

class SqliteJournals implements Journals {
  readonly #folder: string;
  readonly #wall: () => string;
  readonly #sessions = new Set<SqliteSession>();
  #store: JournalStore | null = null;

  constructor({ folder, clock }: SqliteOptions) {
    this.#folder = folder;
    this.#wall = () => clock.wall();
  }

  async list(): Promise<readonly RolloutHead[]> {
    return this.#read(rolloutHeads) ?? [];
  }

  async read(rollout: string, after: number): Promise<readonly JournalRecord[]> {
    return this.#ofRollout(rollout, (db, row) => recordsAfter(db, row, after));
  }

  async verify(rollout: string): Promise<JournalCheck> {
    return this.#ofRollout(rollout, checkRollout);
  }

  async open(order: OpenOrder): Promise<Held> {
    const store = this.#writing();
    // Without the ballast the halt of this rollout might not be recorded: it must not begin.
    store.provideBallast(true);
    return this.#hold(order.inventory, order.runner, {
      check: () => undefined,
      find: () => {
        if (rolloutRow(store.db, order.rollout) !== null) throw rolloutExists(order.rollout);
        addRollout(store.db, order, this.#wall());
        return this.#row(store.db, order.rollout);
      },
    });
  }

  async takeUp(rollout: string, runner: RunnerIdentity): Promise<Held> {
    // Looked up first: taking up what is not there makes no state folder.
    const { inventory } = this.#ofRollout(rollout, (_, row) => row);
    const store = this.#writing();
    store.provideBallast(false);
    return this.#hold(inventory, runner, {
      check: () => {
        const check = this.#ofRollout(rollout, checkRollout);
        if (check.kind === "damaged") throw new JournalError(check.failure);
      },
      find: () => this.#begun(store.db, rollout),
    });
  }

  async ask(rollout: string, asked: AskedWish): Promise<void> {
    const text = encodeWish(asked);
    this.#ofRollout(rollout, () => null);
    const store = this.#writing();
    store.write(false, () => {
      const { number } = this.#begun(store.db, rollout);
      const waiting = store.db
        .prepare("SELECT count(*) AS waiting FROM wishes WHERE rollout = ? AND record IS NULL")
        .get(number)?.["waiting"];
      if (Number(waiting) >= wishesMax) {
        throw overLimit(
          `${String(waiting)} wishes wait for rollout "${rollout}"`,
          String(wishesMax),
        );
      }
      store.db
        .prepare("INSERT INTO wishes (rollout, left_at, text) VALUES (?, ?, ?)")
        .run(number, this.#wall(), text);
    });
  }

  async waiting(rollout: string): Promise<readonly AskedWish[]> {
    return this.#ofRollout(rollout, wishesWaiting);
  }

  async holders(): Promise<readonly Holder[]> {
    try {
      const rows = this.#read(holderRows) ?? [];
      return rows.filter((row) => isLocked(this.#folder, row.inventory)).map(holderOf);
    } catch (error) {
      throw stateError(error, this.#folder);
    }
  }

  async keep(content: Uint8Array): Promise<string> {
    try {
      prepareStateFolder(this.#folder);
      return await keepContent(this.#folder, content);
    } catch (error) {
      throw stateError(error, this.#folder);
    }
  }

  async recall(sha256: string): Promise<Uint8Array> {
    try {
      return await recallContent(this.#folder, sha256);
    } catch (error) {
      throw stateError(error, this.#folder);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const session of this.#sessions) await session[Symbol.asyncDispose]();
    this.#store?.[Symbol.dispose]();
    this.#store = null;
  }

  #writing(): JournalStore {
    this.#store ??= new JournalStore(this.#folder);
    return this.#store;
  }

  #read<T>(work: (db: DatabaseSync) => T): T | null {
    if (this.#store === null) return withReader(this.#folder, work);
    const { db } = this.#store;
    try {
      return atOneMoment(db, () => work(db));
    } catch (error) {
      throw stateError(error, this.#folder);
    }
  }

  #ofRollout<T>(rollout: string, work: (db: DatabaseSync, row: RolloutRow) => T): T {
    const found = this.#read((db) => ({ value: work(db, this.#begun(db, rollout)) }));
    if (found === null) throw rolloutUnknown(rollout, `"${this.#folder}", where no journal is yet`);
    return found.value;
  }

  /** A rollout that has its first record; else ROLLOUT_UNKNOWN. */
  #begun(db: DatabaseSync, rollout: string): RolloutRow {
    const row = this.#row(db, rollout);
    if (row.records === 0) throw rolloutUnknown(rollout, `"${this.#folder}"`);
    return row;
  }

  #row(db: DatabaseSync, rollout: string): RolloutRow {
    const row = rolloutRow(db, rollout);
    if (row === null) throw rolloutUnknown(rollout, `"${this.#folder}"`);
    return row;
  }

  /** The lock first, then one transaction for the new epoch and the holder's words. */
  async #hold(inventory: string, runner: RunnerIdentity, steps: HoldSteps): Promise<Held> {
    const store = this.#writing();
    const lock = this.#lock(inventory);
    if (lock === null) return { kind: "refused", holder: await this.#holder(inventory) };
    try {
      steps.check();
      const since = this.#wall();
      const { row, epoch } = store.write(false, () => {
        const found = steps.find();
        const next = nextEpoch(store.db, found);
        putHolder(store.db, { rollout: found.name, inventory, epoch: next, runner, since });
        return { row: found, epoch: next };
      });
      const session: SqliteSession = new SqliteSession({
        store,
        lock,
        rollout: row.name,
        number: row.number,
        epoch,
        wall: this.#wall,
        closed: () => this.#sessions.delete(session),
      });
      this.#sessions.add(session);
      return { kind: "held", session };
    } catch (error) {
      lock[Symbol.dispose]();
      throw stateError(error, this.#folder);
    }
  }

  #lock(inventory: string): ControllerLock | null {
    try {
      return takeLock(this.#folder, inventory);
    } catch (error) {
      throw stateError(error, this.#folder);
    }
  }

  /** Who holds the lock; a holder that took it a moment ago may not have written its words yet. */
  async #holder(inventory: string): Promise<Holder> {
    for (let tries = 0; tries < holderTriesMax; tries += 1) {
      const row = (this.#read(holderRows) ?? []).find((one) => one.inventory === inventory);
      if (row !== undefined && isAlive(row)) return holderOf(row);
      await sleep(holderPauseMs);
    }
    return {
      rollout: "unknown",
      inventory,
      holder: "a process that left no name",
      since: "unknown",
    };
  }
}

interface HoldSteps {
  /** Under the lock, before anything is written: reads for as long as it takes. */
  readonly check: () => void;
  /** In the transaction that begins the epoch. */
  readonly find: () => RolloutRow;
}

const holderTriesMax = 40;
const holderPauseMs = 25;

function holderOf({ rollout, inventory, holder, since }: Holder): Holder {
  return { rollout, inventory, holder, since };
}
