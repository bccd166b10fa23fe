import type { Block } from "./page.ts";
import type { PreviewStep } from "./preview-steps.ts";
import { effectBlocks } from "./preview-effects-text.ts";
import { rehearsedBlocks } from "./preview-rehearsed.ts";
import { findingBlocks } from "./review-text.ts";
import { span } from "./times.ts";
import { counted, listed } from "./wording.ts";

/** One step of a plan for so many instances, with what stands around it. */
export function stepBlocks(step: PreviewStep, number: number, instances: number): readonly Block[] {
  const where = step.on === "controller" ? "on the controller" : `on ${step.hosts} hosts`;
  const differs = step.differs.map((name) => `\${${name}}`);
  const required = step.required ? "; required: nobody may go on without it" : "";
  const retries = step.retries > 0 ? `, after ${counted(step.retries, "retry", "retries")}` : "";
  const rows: (readonly [string, string])[] = [
    [
      "does",
      `${step.summary}${differs.length === 0 ? "" : ` (elsewhere other ${listed(differs)})`}`,
    ],
    ["known by", knownWords(step)],
    ...(step.writes.length > 0 && (step.effects ?? []).length === 0
      ? [["writes", listed(step.writes)] as const]
      : []),
    ...(step.touches.length > 0 ? [["can harm", step.touches.join(", ")] as const] : []),
    ...(step.allows.length > 0 ? [["may", step.allows.join("; ")] as const] : []),
    ...preventionRows(step),
    ...(step.guarded ? [] : [["guard", "no dead-man switch: no host runs it"] as const]),
    ["if it fails", `${step.onFail}${retries}; timeout ${span(step.timeoutMs)}${required}`],
    ...(step.reversal.is ? [["taken back", step.reversal.how] as const] : []),
  ];
  return [
    { kind: "text", level: 1, text: `${number}. ${step.name} (${step.kind}, ${where})` },
    ...(step.reversal.is
      ? []
      : [{ kind: "text", level: 2, tone: "bad", bullet: "! ", text: step.reversal.how } as const]),
    { kind: "rows", level: 2, tone: "plain", rows },
    ...rehearsedBlocks(step.rehearsals),
    ...effectBlocks(step.effects ?? [], instances),
    ...findingBlocks(step.review, { level: 2, instances }),
  ];
}

function knownWords({ knownBy, kind, on, rehearsals }: PreviewStep): string {
  if (knownBy === "rehearsed")
    return "rehearsed: a copy showed what it did there, as far as a copy can";
  if (rehearsals.length > 0) return `${knownBy}: no rehearsal showed what it does`;
  if (knownBy !== "unknown") return knownBy;
  const is = kind.split(",")[0];
  if (on === "controller" || (is !== "run" && is !== "script")) return knownBy;
  return "unknown: what it creates, changes and deletes on a host is not told by its text";
}

/**
 * Where harm fails, and where it is mended instead, with the reason once for all that share it. What
 * a policy lets change is told with the policies, and the controller has no such paths.
 */
function preventionRows({ on, prevention: { readOnly, open } }: PreviewStep) {
  const rows: (readonly [string, string])[] = [];
  if (readOnly.length > 0)
    rows.push(["read-only", `deletion in ${listed(readOnly)} fails instead of being mended`]);
  const reasons = Map.groupBy(open, ({ because }) => because);
  const words = [...reasons]
    .filter(([because]) => on === "host" && !because.startsWith("policy "))
    .map(([because, paths]) => `${listed(paths.map(({ path }) => path))} (${because})`);
  if (words.length > 0) rows.push(["writable", words.join("; ")]);
  return rows;
}
