import { hash } from "node:crypto";
import { accessSync, constants, existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { isBusy } from "./state-error.ts";
import { makePrivateFile, makePrivateFolder } from "./state-folder.ts";

/** Held until it is disposed of, or until the process ends in whatever way. */
export interface ControllerLock extends Disposable {
  readonly inventory: string;
}

/**
 * Takes the lock of an inventory; null when it is held, by another process or by this one.
 *
 * Node has no flock, and a file with a pid in it outlives its writer. SQLite's exclusive
 * transaction is a lock of the kernel on an open file (https://sqlite.org/lockingv3.html): it ends
 * with the process, `kill -9` included, and nothing stale is ever left to clear by hand.
 */
export function takeLock(folder: string, inventory: string): ControllerLock | null {
  const file = lockFile(folder, inventory);
  makePrivateFolder(join(folder, "locks"));
  makePrivateFile(file);
  // On a file that can't be written SQLite makes BEGIN EXCLUSIVE a plain BEGIN, and locks nobody out.
  accessSync(file, constants.W_OK);
  // Waits a little: somebody who only looks whether it is held keeps it busy for a moment.
  const db = new DatabaseSync(file, { timeout: takeTimeoutMs });
  try {
    db.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    db.close();
    if (isBusy(error)) return null;
    throw error;
  }
  return {
    inventory,
    [Symbol.dispose]() {
      if (db.isOpen) db.close();
    },
  };
}

/** Is the lock held right now, by anybody? Only looks. */
export function isLocked(folder: string, inventory: string): boolean {
  const file = lockFile(folder, inventory);
  if (!existsSync(file)) return false;
  using db = new DatabaseSync(file, { readOnly: true, timeout: 0 });
  try {
    db.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get();
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw error;
  }
}

/** Where the lock of an inventory is: its own name where that is a plain one. */
export function lockFile(folder: string, inventory: string): string {
  const name = /^[a-z0-9][a-z0-9_-]{0,63}$/.test(inventory)
    ? inventory
    : // The dot can't be in a plain name, so no two inventories share a file.
      `${inventory.replaceAll(/[^A-Za-z0-9_-]/g, "-").slice(0, 40)}.${hash("sha256", inventory).slice(0, 16)}`;
  return join(folder, "locks", `${name}.lock`);
}

const takeTimeoutMs = 250;
