import { dirname, join } from "node:path";
import type { FileContent, Kinds } from "../core/plan/kinds.ts";
import type { Inventory } from "../core/plan/inventory.ts";
import {
  readInventory,
  readPlan,
  unreadInventory,
  type ReadInventory,
  type ReadPlan,
} from "../core/plan/parse.ts";
import type { Plan } from "../core/plan/plan.ts";
import { sortProblems, type Checked, type Problem } from "../core/plan/problem.ts";
import { quoted } from "../core/plan/quoted.ts";
import { review } from "../core/plan/review.ts";
import { targetsOf } from "../core/plan/reviewed.ts";
import { referencedPaths, reviewFiles } from "../core/plan/review-files.ts";
import type { ReviewFinding } from "../core/static-review/finding.ts";
import { staticReview } from "../core/static-review/static-review.ts";
import { decodeSource, readSource, sourceBytesMax } from "../core/plan/source.ts";
import { nearbyFile } from "./nearby-file.ts";
import { readBytes } from "./read-bytes.ts";
import { readFile, readInventorySource, type InventoryRead } from "./read-inventory-source.ts";
import { readReferenced, type LoadedFile } from "./referenced-files.ts";

/** A plan that is right in every way that shows without connecting to a host. */
export interface LoadedPlan {
  readonly plan: Plan;
  readonly inventory: Inventory;
  /** Everything that the plan refers to, by the path written in the plan, variables filled in. */
  readonly files: Readonly<Record<string, readonly LoadedFile[]>>;
  /** What the static review asks about its commands, in the order of the steps. */
  readonly findings: readonly ReviewFinding[];
  /** The inventory's file, where it is one: the state lies beside it. */
  readonly inventoryFile: string | null;
}

export interface LoadOptions {
  /** From the registries of steps, probes and notifiers. */
  readonly kinds: Kinds;
  /** Words that `via` may say. */
  readonly transports: readonly string[];
  /** An inventory file in place of the plan's own, as `--inventory` gives it. */
  readonly inventory?: string | null;
}

/**
 * Reads a plan, its inventory and all that they refer to, and reviews them together. Everything
 * that is wrong is given at once, in reading order. Opens no connection; starts a program only
 * where the inventory comes from one.
 */
export async function loadPlan(path: string, options: LoadOptions): Promise<Checked<LoadedPlan>> {
  const text = await readText(path, "plan");
  if (typeof text !== "string") return { problems: [text] };
  const parsed = readSource(path, text);
  if (parsed.source === null) return { problems: parsed.problems };

  const plan = readPlan(parsed.source, options.kinds);
  const chosen = chosenInventory(plan, path, options);
  const inventory = await inventoryOf(chosen, plan, options);
  const problems = (): readonly Problem[] => [...plan.problems, ...inventory.problems];
  const reviewed = { plan, inventory, kinds: options.kinds, targets: targetsOf(plan, inventory) };
  review(reviewed);
  const read = await readReferenced(dirname(path), referencedPaths(reviewed));
  reviewFiles(reviewed, fileContent(read.files), read.troubles);
  // Its acceptances can only be held against a plan that is right otherwise.
  const findings = problems().length > 0 ? [] : staticReview(reviewed, fileContent(read.files));
  if (problems().length > 0) {
    return { problems: sortProblems(problems(), [path, inventory.source.file]) };
  }
  if (plan.plan === null || inventory.inventory === null) {
    throw new Error(`"${path}" could not be read, and no reason was given`);
  }
  return {
    ok: {
      plan: plan.plan,
      inventory: inventory.inventory,
      files: read.files,
      findings,
      inventoryFile: chosen?.file ?? null,
    },
  };
}

/** Content by the path written in the plan, as step kinds ask for it. */
export function fileContent(files: LoadedPlan["files"]): FileContent {
  return (path) => (Object.hasOwn(files, path) ? (files[path] ?? []) : []);
}

interface ChosenInventory {
  readonly read: () => Promise<InventoryRead>;
  /** null where it comes from a program. */
  readonly file: string | null;
  /** As the command line named it; null: the plan did. */
  readonly given: string | null;
}

/** null when neither the plan nor the command line names one that can be read. */
function chosenInventory(
  plan: ReadPlan,
  path: string,
  options: LoadOptions,
): ChosenInventory | null {
  const { inventory: given } = options;
  if (given !== undefined && given !== null)
    return { read: () => readFile(given), file: given, given };
  const from = plan.plan?.inventory ?? null;
  if (from === null) return null;
  const folder = dirname(path);
  const named = "file" in from ? from.file : "ansible" in from ? from.ansible : null;
  return {
    read: () => readInventorySource(from, folder),
    file: named === null ? null : join(folder, named),
    given: null,
  };
}

async function inventoryOf(
  chosen: ChosenInventory | null,
  plan: ReadPlan,
  options: LoadOptions,
): Promise<ReadInventory> {
  if (chosen === null) {
    if (plan.plan !== null && plan.text?.inventory === undefined && !writesInventory(plan)) {
      plan.report(
        [],
        "the plan names no inventory",
        "write `inventory: FILE`, or give --inventory FILE",
      );
    }
    return unreadInventory("");
  }
  const read = await chosen.read();
  if ("source" in read) return readInventory(read.source, options.transports);
  if ("problems" in read) plan.add(read.problems);
  else if (chosen.given === null) plan.report(["inventory"], read.message, read.suggestion);
  else plan.add([at(chosen.given, read)]);
  return unreadInventory("");
}

/** An inventory that is written wrongly is reported already, and is not missing. */
function writesInventory(plan: ReadPlan): boolean {
  const { value } = plan.source;
  return typeof value === "object" && value !== null && Object.hasOwn(value, "inventory");
}

/** About the whole of a file. */
function at(
  file: string,
  { message, suggestion }: Pick<Problem, "message" | "suggestion">,
): Problem {
  return { file, line: 1, column: 1, path: "", message, suggestion };
}

async function readText(path: string, what: string): Promise<string | Problem> {
  const read = await readBytes(path, sourceBytesMax);
  if ("bytes" in read) return decodeSource(path, read.bytes);
  const start =
    read.trouble === "is not there" ? "`handrail init FOLDER` writes a plan to start from" : null;
  const suggestion = (await nearbyFile(path)) ?? start;
  return at(path, { message: `the ${what} ${quoted(path)} ${read.trouble}`, suggestion });
}
