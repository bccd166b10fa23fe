import type { Finding } from "../event.ts";
import type { Failure } from "../failure.ts";

/** Findings that the message of a failure names; the detail has all of them. */
const findingsInMessageMax = 2;

/**
 * The failure that these findings are, for the journal and for people; `where` says what was judged,
 * as in `step "clear cache"`. null: there is nothing to complain of.
 */
export function failureOf(findings: readonly Finding[], where: string): Failure | null {
  const first = findings[0];
  if (first === undefined) return null;
  const named = findings.slice(0, findingsInMessageMax).map((finding) => finding.message);
  const more = findings.length - named.length;
  const rest = more > 0 ? `; and ${more} more ${more === 1 ? "finding" : "findings"}` : "";
  return {
    code: first.code,
    message: `${where}: ${named.join("; ")}${rest}`,
    hint: hintFor(first),
    path: first.path,
    detail: findings.map(detailOf).join("\n"),
  };
}

function hintFor(finding: Finding): string {
  switch (finding.code) {
    case "CONTRACT_BROKEN":
      if (finding.notByStep)
        return `find out what deletes below ${finding.path}: something that the step set off (a restart, a scheduled job), or the application by itself, which \`guard: { observe }\` can watch for longer`;
      return `change the step so that it leaves ${finding.path} alone, or declare the effect under \`allow\` if it is meant`;
    case "BUDGET_EXCEEDED":
      return "find out why the step did more than it declared before raising `max`";
    case "REGENERATION_LATE":
      return `find out why ${finding.path} did not come back here as it does elsewhere, and change the step so that it stays`;
  }
}

function detailOf(finding: Finding): string {
  const examples = finding.examples.map((effect) => `  ${effect.class} ${effect.path}`);
  const more = finding.count - finding.examples.length;
  if (examples.length > 0 && more > 0) examples.push(`  … and ${more} more`);
  return [finding.message, ...examples].join("\n");
}
