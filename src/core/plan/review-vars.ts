import type { ReadInventory, ReadPlan } from "./parse.ts";
import type { DocumentPath } from "./problem.ts";
import { quoted } from "./quoted.ts";
import { isMapping, valueAt } from "./raw.ts";
import { nameTrouble } from "./variable-names.ts";

/** Names under a mapping of variables, labels or secrets that can't be used. Paths as in the document. */
export function reviewNames(read: ReadPlan | ReadInventory, path: DocumentPath): void {
  const mapping = valueAt(read.source.value, path);
  if (!isMapping(mapping)) return;
  const what = path.at(-1);
  for (const name of Object.keys(mapping)) {
    // Labels and secrets get a prefix before they become variables: only their letters matter.
    const trouble = nameTrouble(what === "vars" ? name : `x_${name}`.slice(0, 64));
    if (trouble === null) continue;
    const said = what === "labels" ? trouble.replace("for a variable", "for a label") : trouble;
    read.reportAt([...path, name], `${quoted(name)} ${said}`, instead(name), "key");
  }
}

/**
 * A text without quotes that YAML takes for a number or a truth, and that would be written
 * differently again: `2021.10` would arrive as 2021.1.
 */
export function reviewScalars(read: ReadPlan | ReadInventory, path: DocumentPath): void {
  const mapping = valueAt(read.source.value, path);
  if (!isMapping(mapping)) return;
  for (const [name, value] of Object.entries(mapping)) {
    if (typeof value !== "number" && typeof value !== "boolean") continue;
    const written = read.source.written([...path, name]);
    if (written === null || written === String(value)) continue;
    const message = `${quoted(name)} is written ${written} and would be read as ${String(value)}`;
    read.reportAt([...path, name], message, `put it in quotes: ${quoted(written)}`);
  }
}

function instead(name: string): string | null {
  const better = name.replace(/[^A-Za-z0-9_]+/g, "_").replace(/^(?=\d)/, "_");
  return better !== name && nameTrouble(better) === null ? `write ${quoted(better)}` : null;
}
