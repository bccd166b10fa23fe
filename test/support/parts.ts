import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { describe } from "vitest";

/** Debian keeps servers in folders that a plain user's PATH leaves out. */
const serverFolders = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/** The absolute path of a program on this machine; null when it is not there. */
export function programPath(name: string): string | null {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), ...serverFolders];
  for (const folder of folders.filter((each) => each !== "")) {
    const path = join(folder, name);
    if (isExecutable(path)) return path;
  }
  return null;
}

/** Why tests that need these programs can't run here, for their name; null when all are there. */
export function skippedBecause(programs: readonly string[]): string | null {
  const lacking = programs.filter((name) => programPath(name) === null);
  if (lacking.length === 0) return null;
  const are = lacking.length === 1 ? "is" : "are";
  return `skipped, because ${lacking.join(", ")} ${are} not installed (sh scripts/install-test-parts.sh)`;
}

/** A `describe` that runs where the programs are there, and says `skipped, because …` where not. */
export function describeWith(
  programs: readonly string[],
  name: string,
  tests: () => void | Promise<void>,
): void {
  const reason = skippedBecause(programs);
  const title = reason === null ? name : `${name}: ${reason}`;
  // The rules want a literal title and callback; a suite made for others has neither.
  // oxlint-disable-next-line vitest/valid-title, vitest/valid-describe-callback
  describe.skipIf(reason !== null)(title, tests);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not there, or not for us: both mean that the next folder is looked at.
    return false;
  }
}
