import type { Inventory } from "../../../src/core/plan/inventory.ts";
import { readInventory, readPlan } from "../../../src/core/plan/parse.ts";
import type { Plan } from "../../../src/core/plan/plan.ts";
import { problemLine, type Problem } from "../../../src/core/plan/problem.ts";
import { readSource, type Source } from "../../../src/core/plan/source.ts";
import { options } from "../../sources/registries.ts";

/** A plan from its text; `handrail`, `name` and a step are added. Throws what is wrong with it. */
export function planOf(text: string): Plan {
  const step = /^steps:/m.test(text) ? "" : '\nsteps: [{ name: s, run: "true" }]\n';
  const read = readPlan(sourceOf(`handrail: 1\nname: p\n${text}${step}`), options.kinds);
  return right(read.plan, read.problems);
}

/** An inventory from its text; `handrail` and `name` are added. Throws what is wrong with it. */
export function inventoryOf(text: string): Inventory {
  const read = readInventory(sourceOf(`handrail: 1\nname: fleet\n${text}`), options.transports);
  return right(read.inventory, read.problems);
}

function sourceOf(text: string): Source {
  const { source, problems } = readSource("test.yaml", text);
  return right(source, problems);
}

function right<T>(value: T | null, problems: readonly Problem[]): T {
  if (value === null || problems.length > 0) throw new Error(problems.map(problemLine).join("\n"));
  return value;
}
