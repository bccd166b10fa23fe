import { reviewInventory } from "./review-inventory.ts";
import { reviewMetrics } from "./review-metrics.ts";
import { reviewNotices } from "./review-notices.ts";
import { reviewProtect } from "./review-protect.ts";
import { reviewReferences } from "./review-references.ts";
import { reviewRollout } from "./review-rollout.ts";
import { reviewShell } from "./review-shell.ts";
import { reviewSteps } from "./review-steps.ts";
import { reviewTargets } from "./review-targets.ts";
import { reviewNames, reviewScalars } from "./review-vars.ts";
import type { Reviewed } from "./reviewed.ts";

/**
 * Everything that is wrong with what the parts mean together, reported at its place. Opens no
 * connection and reads no file.
 */
export function review(reviewed: Reviewed): void {
  reviewInventory(reviewed.inventory);
  for (const path of [["vars"], ["targets", "labels"]]) {
    reviewNames(reviewed.plan, path);
    reviewScalars(reviewed.plan, path);
  }
  reviewTargets(reviewed);
  reviewRollout(reviewed);
  reviewSteps(reviewed);
  reviewMetrics(reviewed);
  reviewProtect(reviewed);
  reviewReferences(reviewed);
  reviewNotices(reviewed);
  reviewShell(reviewed);
}
