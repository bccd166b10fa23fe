import { breaking, type ReviewFinding, severities } from "../core/static-review/finding.ts";
import type { Block } from "./page.ts";
import type { Tone } from "./paint.ts";
import { listed } from "./wording.ts";

/** Names of instances that are listed. */
const namesMax = 3;

const tones: Readonly<Record<ReviewFinding["severity"], Tone>> = {
  breaks: "bad",
  warns: "warning",
  unknown: "quiet",
};

/** Findings one below the other: what, where, the command as it is written, and why it is asked about. */
export function findingBlocks(
  findings: readonly ReviewFinding[],
  { level, instances }: { readonly level: number; readonly instances: number },
): readonly Block[] {
  return findings.flatMap((finding): readonly Block[] => {
    const { severity, id, file, line, command, message, accepted } = finding;
    const where = finding.instances.length < instances;
    const on = where ? `; so on ${listed(finding.instances, namesMax)}` : "";
    const state = accepted === null ? severity : `accepted (${severity})`;
    const tone = accepted === null ? tones[severity] : "quiet";
    return [
      {
        kind: "text",
        level,
        tone,
        bullet: accepted === null && severity !== "unknown" ? "! " : "? ",
        text: `${state}: ${id}, ${file}:${line}${partWords(finding)}`,
      },
      { kind: "verbatim", level: level + 2, text: command },
      { kind: "text", level: level + 2, text: `${message}${on}` },
      ...(accepted === null
        ? []
        : [{ kind: "text", level: level + 2, text: `accepted: ${accepted}` } as const]),
    ];
  });
}

/** All findings of a plan by step, with what they mean for a rollout. */
export function reviewBlocks(
  findings: readonly ReviewFinding[],
  options: { readonly instances: number },
): readonly Block[] {
  if (findings.length === 0) return [];
  const groups = Map.groupBy(findings, ({ step }) => step);
  return [
    { kind: "heading", text: `Static review: ${reviewCounts(findings)}` },
    ...[...groups].flatMap(([step, all]): readonly Block[] => [
      { kind: "text", level: 1, text: step === null ? "recoveries" : `step "${step}"` },
      ...findingBlocks(all, { level: 2, ...options }),
    ]),
    { kind: "text", level: 1, tone: "quiet", text: reviewLimits },
  ];
}

/** What must be said wherever findings are shown. */
export const reviewLimits =
  "It reads the commands and raises questions. It clears no step: what it does not see may still do harm.";

/** "1 breaks, 2 warns, 3 unknown, 1 accepted; a rollout would be refused". */
export function reviewCounts(findings: readonly ReviewFinding[]): string {
  const open = findings.filter(({ accepted }) => accepted === null);
  const counts: readonly (readonly [number, string])[] = [
    ...severities.map((severity) => {
      return [open.filter((one) => one.severity === severity).length, severity] as const;
    }),
    [findings.length - open.length, "accepted"],
  ];
  const words = counts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  const end = breaking(findings).length > 0 ? "; a rollout would be refused" : "";
  return `${words.join(", ")}${end}`;
}

function partWords({ of, action }: ReviewFinding): string {
  const by = action === null ? "" : ` (action ${action})`;
  switch (of) {
    case "step":
      return by;
    case "undo":
      return `, when it is taken back${by}`;
    case "recover":
      return `, in a recovery${by}`;
  }
}
