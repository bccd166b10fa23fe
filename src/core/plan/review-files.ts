import { filledWork } from "./file-references.ts";
import type { FileContent } from "./kinds.ts";
import { reviewTemplateFiles, templateFiles } from "./review-notices.ts";
import { quoted } from "./quoted.ts";
import type { Reviewed } from "./reviewed.ts";

/** Paths of all files that the plan refers to on any of its targets, each once. */
export function referencedPaths(reviewed: Reviewed): readonly string[] {
  const { plan, targets, kinds } = reviewed;
  if (plan.plan === null) return [];
  const hosts = targets.map((target) => target.variables);
  const work = filledWork(plan.plan, hosts, kinds).flatMap(({ refers }) => refers);
  return [...new Set([...work, ...templateFiles(reviewed)])];
}

/** What only shows with the files at hand: those that can't be read, and what the kinds say of the rest. */
export function reviewFiles(
  reviewed: Reviewed,
  files: FileContent,
  troubles: ReadonlyMap<string, string>,
): void {
  const { plan, targets, kinds } = reviewed;
  if (plan.plan === null) return;
  const hosts = targets.map((target) => target.variables);
  for (const { kind, args, refers, path } of filledWork(plan.plan, hosts, kinds)) {
    const missing = refers.filter((file) => troubles.has(file));
    for (const file of missing) plan.report(path, `${quoted(file)} ${troubles.get(file)}`);
    if (missing.length > 0) continue;
    for (const sentence of kind.review(args, files)) plan.report(path, sentence);
  }
  reviewTemplateFiles(reviewed, files, troubles);
}
