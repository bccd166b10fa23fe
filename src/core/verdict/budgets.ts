import picomatch from "picomatch/posix.js";
import type { Effect, EffectClass } from "../effects.ts";
import type { Finding } from "../event.ts";
import type { PathText } from "../path-text.ts";
import type { Allowance, EffectKind } from "../plan/plan.ts";
import { countedWords, examplesMax, numberWords, placeWords } from "./wording.ts";

export interface Spending {
  /** What some budget of the step declared, also where the budget was exceeded. */
  readonly declared: ReadonlySet<PathText>;
  /** One for each budget that was exceeded. */
  readonly findings: readonly Finding[];
}

/**
 * Holds the effects of a step against its `allow` budgets. Each budget limits everything that its
 * glob matches, by itself: an effect that two budgets match counts in both. What the step writes by
 * its own kind counts too, because whoever wrote a number into the plan meant the whole step.
 *
 * `complete` says whether the effects are all that there were. When they are not, a budget with a
 * number can't be shown to have held, so it counts as exceeded.
 */
export function spendBudgets(
  effects: readonly Effect[],
  allow: readonly Allowance[],
  complete: boolean,
): Spending {
  const declared = new Set<PathText>();
  const findings: Finding[] = [];
  for (const budget of allow) {
    const matches = globMatcher(budget.glob);
    const spent = effects.filter(
      (effect) => budgetKind(effect.class) === budget.effect && matches(effect.path),
    );
    for (const effect of spent) declared.add(effect.path);
    const finding = overspending(budget, spent, complete);
    if (finding !== null) findings.push(finding);
  }
  return { declared, findings };
}

/** The folder that every match of this glob lies below, for people: "/srv/cache" of "/srv/cache/**". */
function globBase(glob: string): PathText {
  const { base } = picomatch.scan(glob);
  return base === "" ? "/" : base;
}

/**
 * The effect that a budget must name to allow this class; null: no policy minds it. What turned into
 * something of another type is gone, so it takes a `delete` budget.
 */
function budgetKind(kind: EffectClass): EffectKind | null {
  switch (kind) {
    case "deleted":
    case "type-changed":
      return "delete";
    case "content":
    case "metadata":
      return "change";
    case "created":
      return "create";
    case "replaced":
    case "touched":
      return null;
  }
}

/** Dot files are files like others; `!` and brackets of names are not asked to mean anything else. */
function globMatcher(glob: string): (path: PathText) => boolean {
  return picomatch(glob, { dot: true, nonegate: true });
}

function overspending(
  budget: Allowance,
  spent: readonly Effect[],
  complete: boolean,
): Finding | null {
  if (budget.max === null) return null;
  const count = spent.length;
  if (count <= budget.max && complete) return null;
  const base = globBase(budget.glob);
  const did = { create: "created", change: "changed", delete: "deleted" }[budget.effect];
  const what = count === 0 ? "nothing" : countedWords(spent);
  const where = placeWords(spent, base);
  const message =
    count > budget.max
      ? `${complete ? "" : "at least "}${what} ${did} ${where}, ${numberWords(budget.max)} allowed`
      : `${what} ${did} ${where} as far as the list goes, but it is cut short, so the limit of ${numberWords(budget.max)} can't be checked`;
  return {
    path: base,
    policy: `allow ${budget.effect} ${budget.glob}`,
    code: "BUDGET_EXCEEDED",
    message,
    count,
    examples: spent.slice(0, examplesMax),
  };
}
