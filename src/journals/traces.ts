import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ballastFile } from "./ballast.ts";

/**
 * Was a journal ever made in this folder? The ballast and the locks come only after the journal's
 * tables are on the disk, so where one of them is and the journal is not, the journal was lost.
 */
export function wasInUse(folder: string): boolean {
  if (existsSync(ballastFile(folder))) return true;
  try {
    return readdirSync(join(folder, "locks")).length > 0;
  } catch (error) {
    // No such folder, or none that may be read: no trace either way. The journal itself is tried next.
    if (error instanceof Error && "code" in error) return false;
    throw error;
  }
}
