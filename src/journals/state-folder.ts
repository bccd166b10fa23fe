import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  statSync,
  statfsSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { stateUnusable } from "./state-error.ts";

/**
 * <state>/
 *   journal.db           the records (WAL: -wal and -shm beside it while in use)
 *   locks/NAME.lock      one for each inventory, held by the runner's process
 *   content/ab/abcd…     files that a plan refers to, by sha256
 *   rehearsals/DIGEST/   what rehearsals of a plan found, a file for each host
 *   notices/ROLLOUT.jsonl which notices of a rollout were taken, or given up
 *   ballast              space that a full disk gives back for recording the halt
 */
export function journalFile(folder: string): string {
  return join(folder, "journal.db");
}

const privateFolderMode = 0o700;
export const privateFileMode = 0o600;

/** Makes the folder if need be, durably, readable by its owner only; refuses what can't be safe. */
export function prepareStateFolder(folder: string): void {
  makePrivateFolder(folder);
  const stat = statSync(folder);
  if (!stat.isDirectory()) throw stateUnusable(folder, "is not a folder", anotherFolder);
  if ((stat.mode & 0o002) !== 0) {
    throw stateUnusable(folder, "may be written by everybody", `\`chmod o-w ${folder}\``);
  }
  const kind = networkFileSystem(statfsSync(folder).type);
  if (kind !== null) {
    throw stateUnusable(
      folder,
      `is on a network file system (${kind}), where locks of another machine are not seen`,
      "`--state DIR` with a folder on a disk of this machine",
    );
  }
}

/** Makes the folder durably, with its parents; one that is there stays as it is. */
export function makePrivateFolder(folder: string): void {
  if (existsSync(folder)) return;
  // One by one: mkdir with `recursive` never returns where the kernel says ENOENT for a folder that
  // can't be made, as below /proc (seen with Node 24).
  const missing: string[] = [];
  for (let at = resolve(folder); !existsSync(at); at = dirname(at)) missing.unshift(at);
  for (const path of missing) {
    makeFolder(path);
    syncFolder(dirname(path));
  }
}

/**
 * Makes an empty file for its owner only. One that is there is not even opened: closing it would
 * drop every lock that this process has on it (POSIX fcntl locks, https://sqlite.org/howtocorrupt.html §2.2).
 */
export function makePrivateFile(file: string): void {
  try {
    closeSync(openSync(file, "wx", privateFileMode));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}

/** Makes new names in a folder durable. */
export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Names the network file system that `statfs` calls `type`; null for local ones. statfs(2). */
export function networkFileSystem(type: number): string | null {
  return networkFileSystems.get(type) ?? null;
}

const anotherFolder = "use another folder with --state DIR";

const networkFileSystems: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB2"],
  [0x5346414f, "AFS"],
  [0x00c36400, "Ceph"],
]);

/** Somebody else may have made it meanwhile, which is as good. */
function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: privateFolderMode });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}
