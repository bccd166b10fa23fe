import { secretStandIns, substitute, type Variables } from "../variables.ts";
import type { Kinds, StepKindShape } from "./kinds.ts";
import type { Plan, Work } from "./plan.ts";
import type { DocumentPath } from "./problem.ts";

/** Work in a plan, and where it is written. */
export interface PlacedWork {
  readonly work: Work;
  readonly path: DocumentPath;
}

/** A kind's args on one host, with variables filled in, and the files that they refer to. */
export interface FilledWork extends PlacedWork {
  readonly kind: StepKindShape;
  readonly args: unknown;
  /** As written in the plan, variables filled in. */
  readonly refers: readonly string[];
}

/** All work of a plan: of its steps (that of `do` is the action's), their undo, and its actions. */
export function allWork(plan: Plan): readonly PlacedWork[] {
  const steps = plan.steps.flatMap((step, at): PlacedWork[] => [
    ...(step.action === null ? [{ work: step.work, path: ["steps", at, step.work.kind] }] : []),
    ...(step.undo === null
      ? []
      : [{ work: step.undo, path: ["steps", at, "undo", step.undo.kind] }]),
  ]);
  const actions = Object.entries(plan.actions).map(([name, work]): PlacedWork => {
    return { work, path: ["actions", name, work.kind] };
  });
  return [...actions, ...steps];
}

/**
 * The work as it will be on hosts with these variables. Work that is the same on many hosts is
 * given once. What can't be filled in is left out: the review of variables speaks of it.
 */
export function filledWork(
  plan: Plan,
  hosts: readonly Variables[],
  kinds: Kinds,
): readonly FilledWork[] {
  const secrets = secretStandIns(Object.keys(plan.secrets));
  return allWork(plan).flatMap(({ work, path }) => {
    const kind = kinds.steps.find((one) => one.name === work.kind);
    if (kind === undefined) return [];
    const seen = new Map<string, FilledWork>();
    for (const variables of kind.substitutes ? hosts : hosts.slice(0, 1)) {
      try {
        const all = { ...variables, ...secrets };
        const args = kind.substitutes ? substitute(work.args, all) : work.args;
        const key = JSON.stringify(args);
        if (!seen.has(key)) seen.set(key, { work, path, kind, args, refers: kind.refers(args) });
      } catch {
        // An unknown name: told by the review of variables, at its own place.
        continue;
      }
    }
    return [...seen.values()];
  });
}
