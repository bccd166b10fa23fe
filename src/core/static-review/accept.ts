import type { Acceptance } from "../plan/plan.ts";
import { plainPath } from "../plan/host-paths.ts";
import { quoted, quotedList } from "../plan/quoted.ts";
import type { Reviewed } from "../plan/reviewed.ts";
import { fill, valueOf } from "../variables.ts";
import type { ReviewFinding } from "./finding.ts";

/** The same finding, with the reason why its step accepts it. */
export function accepted(finding: ReviewFinding, reviewed: Reviewed): ReviewFinding {
  const step = reviewed.plan.plan?.steps.find(({ name }) => name === finding.step);
  const acceptance = step?.accept?.find((one) => isAbout(one, finding, reviewed));
  return acceptance === undefined ? finding : { ...finding, accepted: acceptance.reason };
}

/** An acceptance of what is not there any more would accept what comes to be there later. */
export function reviewAcceptances(reviewed: Reviewed, findings: readonly ReviewFinding[]): void {
  const { plan, report } = reviewed.plan;
  plan?.steps.forEach((step, stepAt) => {
    const own = findings.filter((finding) => finding.step === step.name);
    step.accept?.forEach((acceptance, at) => {
      if (own.some((finding) => isAbout(acceptance, finding, reviewed))) return;
      const { finding, path } = acceptance;
      const where = path === null ? "" : ` about ${quoted(path)}`;
      const message = `the static review finds no ${quoted(finding)}${where} in the step ${quoted(step.name)}, so there is nothing to accept`;
      const ids = [...new Set(own.map(({ id }) => id))];
      report(
        ["steps", stepAt, "accept", at, path === null ? "finding" : "path"],
        message,
        instead(ids),
      );
    });
  });
}

function instead(ids: readonly string[]): string {
  return ids.length === 0 ? "take it out" : `it finds ${quotedList(ids)}; else take it out`;
}

function isAbout(
  { finding, path }: Acceptance,
  found: ReviewFinding,
  { targets }: Reviewed,
): boolean {
  if (finding !== found.id) return false;
  if (path === null) return true;
  if (path === found.protects?.written) return true;
  const target = targets.find(({ instance }) => instance.name === found.instances[0]);
  if (target === undefined) return false;
  const { text, unknown } = fill(path, (name) => valueOf(name, target.variables));
  if (unknown.length > 0) return false;
  return [found.path, found.protects?.path].includes(plainPath(text));
}
