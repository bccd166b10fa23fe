import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { privateFileMode, syncFolder } from "./state-folder.ts";

/** Space kept aside for the records that end a rollout: some thousand of them. */
const ballastBytes = 2 * 1024 * 1024;

/** Puts the ballast there if it is not; throws the file system's error when there is no room. */
export function layBallast(folder: string): void {
  const file = ballastFile(folder);
  if (statSync(file, { throwIfNoEntry: false })?.size === ballastBytes) return;
  const descriptor = openSync(file, "w", privateFileMode);
  try {
    // Random, because some file systems keep no space for zeros.
    const bytes = randomBytes(ballastBytes);
    for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
    fsyncSync(descriptor);
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
  syncFolder(folder);
}

/** Gives the space back; false when there was none to give. */
export function dropBallast(folder: string): boolean {
  const file = ballastFile(folder);
  if (statSync(file, { throwIfNoEntry: false }) === undefined) return false;
  rmSync(file, { force: true });
  return true;
}

export function ballastFile(folder: string): string {
  return join(folder, "ballast");
}
