import type { z } from "zod";
import type { Inventory } from "./inventory.ts";
import { inventorySchema } from "./inventory-schema.ts";
import type { Kinds } from "./kinds.ts";
import type { Plan } from "./plan.ts";
import { formatVersion, planSchema, type PlanText } from "./plan-schema.ts";
import type { DocumentPath, Problem } from "./problem.ts";
import { quoted } from "./quoted.ts";
import { valueAt } from "./raw.ts";
import { readShape, type Shape } from "./shape.ts";
import { sourceOfValue, type Position, type Source } from "./source.ts";
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
  /** The same for a path of the document itself. */
  readonly reportAt: Report;
  /** What the document holds at a path of the value that was read; undefined for nothing. */
  readonly raw: (path: DocumentPath) => unknown;
  /** Where that stands. */
  readonly at: (path: DocumentPath) => Position;
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
  /** The same for a path of the document itself. */
  readonly reportAt: Report;
  readonly raw: (path: DocumentPath) => unknown;
  readonly at: (path: DocumentPath) => Position;
  readonly problems: readonly Problem[];
}

/** Reads the shape of a plan. What its parts mean together is for `review`. Never throws. */
export function readPlan(source: Source, kinds: Kinds): ReadPlan {
  const placeholders = { handrail: 1, name: "unnamed", steps: [] };
  const { value, ...tools } = read(source, planSchema(kinds), placeholders, "plan");
  const plan = value === null ? null : spellOutPlan(value, kinds);
  return { plan, text: value, ...tools };
}

/** Reads an inventory and expands it. What its parts mean together is for `review`. Never throws. */
export function readInventory(source: Source, transports: readonly string[]): ReadInventory {
  const placeholders = { handrail: 1, name: "unnamed", regions: [] };
  const schema = inventorySchema({ transports });
  const { value, ...tools } = read(source, schema, placeholders, "inventory");
  const spelledOut = value === null ? null : spellOutInventory(value, tools.report);
  return { inventory: spelledOut?.inventory ?? null, spelledOut, ...tools };
}

/** Stands where no inventory could be read: a plan is reviewed all the same, as far as that goes. */
export function unreadInventory(file: string): ReadInventory {
  const source = sourceOfValue(file, {});
  const report = reporter(source, [], itself);
  return {
    inventory: null,
    spelledOut: null,
    source,
    report,
    reportAt: report,
    raw: () => undefined,
    at: source.at,
    problems: [],
  };
}

function read<T>(
  source: Source,
  schema: z.ZodType<T>,
  placeholders: Readonly<Record<string, unknown>>,
  what: string,
) {
  const newer = newerFormat(source, what);
  const shape: Shape<T> =
    newer.length > 0
      ? { value: null, problems: newer, origin: itself }
      : readShape(schema, source, placeholders);
  const problems: Problem[] = [...shape.problems];
  return {
    value: shape.value,
    source,
    problems,
    report: reporter(source, problems, shape.origin),
    reportAt: reporter(source, problems, itself),
    raw: (path: DocumentPath) => valueAt(source.value, shape.origin(path)),
    at: (path: DocumentPath) => source.at(shape.origin(path)),
    add: (found: readonly Problem[]): void => void problems.push(...found),
  };
}

function itself(path: DocumentPath): DocumentPath {
  return path;
}

function reporter(
  source: Source,
  problems: Problem[],
  origin: (path: DocumentPath) => DocumentPath,
): Report {
  return (path, message, suggestion = null, on = "value") => {
    const there = origin(path);
    const position = on === "key" ? source.keyAt(there) : source.at(there);
    problems.push({ file: source.file, ...position, path: there.join("/"), message, suggestion });
  };
}

/** A format from the future has keys that would only look like mistakes: this is all that is said. */
function newerFormat(source: Source, what: string): readonly Problem[] {
  const format = valueAt(source.value, ["handrail"]);
  if (typeof format !== "number" || !Number.isInteger(format) || format <= formatVersion) return [];
  const path = ["handrail"];
  const message = `this ${what} is written in format ${quoted(format)}, and this Handrail reads format ${formatVersion}`;
  const suggestion = `use Handrail ${format} or newer, or write the ${what} in format ${formatVersion}`;
  return [{ file: source.file, ...source.at(path), path: "handrail", message, suggestion }];
}
