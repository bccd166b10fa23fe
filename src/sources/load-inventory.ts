import type { Inventory } from "../core/plan/inventory.ts";
import { readInventory } from "../core/plan/parse.ts";
import { sortProblems, type Checked } from "../core/plan/problem.ts";
import { reviewInventory } from "../core/plan/review-inventory.ts";
import { readFile } from "./read-inventory-source.ts";

/** An inventory by itself, without a plan: for verbs that only ask hosts something. */
export async function loadInventory(
  file: string,
  options: { readonly transports: readonly string[] },
): Promise<Checked<Inventory>> {
  const read = await readFile(file);
  if ("problems" in read) return { problems: read.problems };
  if (!("source" in read)) {
    const { message, suggestion } = read;
    return { problems: [{ file, line: 1, column: 1, path: "", message, suggestion }] };
  }
  const checked = readInventory(read.source, options.transports);
  reviewInventory(checked);
  const { inventory, problems } = checked;
  if (problems.length > 0) return { problems: sortProblems(problems, [file]) };
  if (inventory === null) throw new Error(`"${file}" could not be read, and no reason was given`);
  return { ok: inventory };
}
