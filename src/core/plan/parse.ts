import type { Inventory } from "./inventory.ts";
import { inventorySchema } from "./inventory-schema.ts";
import type { Kinds } from "./kinds.ts";
import type { Plan } from "./plan.ts";
import { formatVersion, planSchema, type PlanText } from "./plan-schema.ts";
import type { DocumentPath, Problem } from "./problem.ts";
import { quoted } from "./quoted.ts";
import { valueAt } from "./raw.ts";
import { readShape } from "./shape.ts";
import type { Source } from "./source.ts";
import { spellOutInventory, type SpelledOut } from "./spell-out-inventory.ts";
import { spellOutPlan } from "./spell-out-plan.ts";

/** Reports a problem at a path of a value that was read; `on: "key"` points at the key. */
export type Report = (
  path: DocumentPath,
  message: string,
  suggestion?: string | null,
  on?: "key" | "value",
) => void;

/** A plan as far as it could be read. Only without problems, its review's too, is it fit for use. */
export interface ReadPlan {
  readonly plan: Plan | null;
  readonly text: PlanText | null;
  readonly source: Source;
  readonly report: Report;
  /** Adds problems that were found elsewhere, in the text of an inventory, say. */
  readonly add: (problems: readonly Problem[]) => void;
  /** Grows while the reviews report. */
  readonly problems: readonly Problem[];
}

export interface ReadInventory {
  readonly inventory: Inventory | null;
  readonly spelledOut: SpelledOut | null;
  readonly source: Source;
  readonly report: Report;
  readonly problems: readonly Problem[];
}

/** Reads the shape of a plan. What its parts mean together is for `review`. Never throws. */
export function readPlan(source: Source, kinds: Kinds): ReadPlan {
  const newer = newerFormat(source, "plan");
  const problems: Problem[] = [...newer];
  const add = (found: readonly Problem[]): void => void problems.push(...found);
  if (newer.length > 0) {
    const report = reporter(source, problems);
    return { plan: null, text: null, source, report, add, problems };
  }
  const shape = readShape(planSchema(kinds), source, { handrail: 1, name: "unnamed", steps: [] });
  problems.push(...shape.problems);
  const report = reporter(source, problems, shape.origin);
  const plan = shape.value === null ? null : spellOutPlan(shape.value, kinds);
  return { plan, text: shape.value, source, report, add, problems };
}

/** Reads an inventory and expands it. What its parts mean together is for `review`. Never throws. */
export function readInventory(source: Source, transports: readonly string[]): ReadInventory {
  const newer = newerFormat(source, "inventory");
  const problems: Problem[] = [...newer];
  if (newer.length > 0) {
    const report = reporter(source, problems);
    return { inventory: null, spelledOut: null, source, report, problems };
  }
  const placeholders = { handrail: 1, name: "unnamed", regions: [] };
  const shape = readShape(inventorySchema({ transports }), source, placeholders);
  problems.push(...shape.problems);
  const report = reporter(source, problems, shape.origin);
  const spelledOut = shape.value === null ? null : spellOutInventory(shape.value, report);
  return { inventory: spelledOut?.inventory ?? null, spelledOut, source, report, problems };
}

function reporter(
  source: Source,
  problems: Problem[],
  origin: (path: DocumentPath) => DocumentPath = (path) => path,
): Report {
  return (path, message, suggestion = null, on = "value") => {
    const there = origin(path);
    const position = on === "key" ? source.keyAt(there) : source.at(there);
    problems.push({ file: source.file, ...position, path: there.join("/"), message, suggestion });
  };
}

/** A format from the future has keys that would only look like mistakes: this is all that is said. */
function newerFormat(source: Source, what: "plan" | "inventory"): readonly Problem[] {
  const format = valueAt(source.value, ["handrail"]);
  if (typeof format !== "number" || !Number.isInteger(format) || format <= formatVersion) return [];
  const path = ["handrail"];
  const message = `this ${what} is written in format ${quoted(format)}, and this Handrail reads format ${formatVersion}`;
  const suggestion = `use Handrail ${format} or newer, or write the ${what} in format ${formatVersion}`;
  return [{ file: source.file, ...source.at(path), path: "handrail", message, suggestion }];
}
