import { HandrailError } from "../failure.ts";
import { quoted } from "../plan/quoted.ts";
import { breaking, type ReviewFinding } from "./finding.ts";

/** Throws where the review found certain harm that the plan does not accept. */
export function refuseBreaking(findings: readonly ReviewFinding[]): void {
  const all = breaking(findings);
  const [first] = all;
  if (first === undefined) return;
  const { id, step, file, line, message } = first;
  const more = all.length > 1 ? `, and ${all.length - 1} more like it` : "";
  throw new HandrailError({
    code: "REVIEW_BREAKS",
    message: `${file}:${line}: the step ${quoted(step)} ${message}${more}`,
    hint: `change the step, or declare it with \`allow\` or \`writes\`, or say in the step why it is meant: accept: [{ finding: ${id}, reason: "…" }]; \`handrail preview PLAN\` shows all that was found`,
    detail: first.command,
  });
}
