import { loadOrRefuse } from "./cli/plan-input.ts";
import { plannedSteps } from "./cli/planned-steps.ts";
import { registries } from "./cli/registries.ts";
import { previewOf, previewOptions } from "./cli/show-preview.ts";
import type { Problem } from "./core/plan/problem.ts";
import { breaking, type ReviewFinding } from "./core/static-review/finding.ts";
import { loadPlan } from "./sources/load-plan.ts";
import { type Preview, previewJson } from "./views/preview-json.ts";

export interface PlanOptions {
  /** Use this inventory, not the plan's. */
  readonly inventory?: string;
}

/** What `handrail validate --json` prints. */
export interface PlanCheck {
  /** Would a rollout of it begin, as far as its text tells? */
  readonly valid: boolean;
  readonly problems: readonly Problem[];
  /** What the static review asks about its commands. */
  readonly findings: readonly ReviewFinding[];
}

/** Everything that is wrong with a plan, without connecting anywhere. Never rejects for a wrong plan. */
export async function validatePlan(plan: string, options: PlanOptions = {}): Promise<PlanCheck> {
  const inventory = options.inventory ?? null;
  const checked = await loadPlan(plan, { ...(await registries()), inventory });
  if ("problems" in checked) return { valid: false, problems: checked.problems, findings: [] };
  const { findings } = checked.ok;
  return { valid: breaking(findings).length === 0, problems: [], findings };
}

/**
 * What a rollout of this plan would do, as `handrail preview --json` has it; its `digest` is what
 * `applyPlan` takes as `approve`. Connects nowhere. Rejects with a PlanRefused, which has everything
 * that is wrong with the plan.
 */
export async function previewPlan(plan: string, options: PlanOptions = {}): Promise<Preview> {
  const loaded = await loadOrRefuse({ plan, inventory: options.inventory });
  const planned = await plannedSteps(loaded);
  return previewJson(await previewOf(loaded), await previewOptions({ loaded, planned }, null));
}
