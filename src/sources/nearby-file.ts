import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { nearestName } from "../core/plan/suggest.ts";
import { quoted } from "../core/plan/quoted.ts";

/** Names in one folder that are looked through. */
const namesMax = 2_000;

/** `did you mean "plan.yaml"?` where a file beside this path is named nearly so; else null. Reads only. */
export async function nearbyFile(path: string): Promise<string | null> {
  const folder = dirname(path);
  const name = basename(path);
  // A folder that can't be read has nothing to suggest; that the file is not there is told anyway.
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const files = entries.slice(0, namesMax).filter((it) => !it.isDirectory() && it.name !== name);
  const near = nearestName(
    name,
    files.map((it) => it.name),
  );
  return near === null ? null : `did you mean ${quoted(join(folder, near))}?`;
}
