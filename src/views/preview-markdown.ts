import type { Preview } from "./preview-json.ts";
import type { PreviewRegion } from "./preview-regions.ts";
import type { PreviewStep } from "./preview-steps.ts";
import { code, fenced, folded, table } from "./markdown.ts";
import { counted } from "./wording.ts";

export interface PreviewMarkdownOptions {
  /** The preview as people read it in a terminal, without colours. */
  readonly text: string;
  /** What to type to begin exactly this: "handrail apply plan.yaml --approve DIGEST". */
  readonly command: string;
}

/** A preview for a pull request: what a reviewer must know first, and all of it folded below. */
export function previewMarkdown(
  it: Preview,
  { text, command }: PreviewMarkdownOptions,
): readonly string[] {
  const warnings = [
    ...it.notReversible.map((step) => `can't be taken back: step ${code(step)}`),
    ...it.wouldFail.map(
      ({ step, instance, path, says }) =>
        `would fail on ${code(instance)}: step ${code(step)}, ${code(path)} ${code(says)}`,
    ),
    ...(it.hosts ?? []).flatMap(({ name, failure, troubles }) =>
      [...(failure === null ? [] : [failure]), ...troubles].map(
        (trouble) => `would be refused on ${code(name)}: ${code(trouble.message)}`,
      ),
    ),
    ...it.oddOnesOut.map(({ says }) => `unlike the others: ${code(says)}`),
  ];
  return [
    `### Handrail: preview of ${code(it.plan)}`,
    [
      code(it.summary),
      `${counted(it.instances, "instance")} of ${code(it.inventory)}${it.production ? " (production)" : ""} in ${counted(it.regions.length, "region")}; at most ${code(it.limits.maxBad)} bad, then it halts: ${code(it.limits.onFail)}.`,
      `Digest: ${code(it.digest)}`,
    ].join("<br>\n"),
    ...(warnings.length === 0 ? [] : [warnings.map((line) => `* ⚠ ${line}`).join("\n")]),
    table(["region", "batches", "waits for"], it.regions.map(regionRow)).join("\n"),
    table(["", "step", "does", "known by", "taken back", "review"], it.steps.map(stepRow)).join(
      "\n",
    ),
    folded("The whole preview", fenced(text)),
    `To begin exactly this, and nothing else:\n\n${fenced(command, "sh")}`,
  ];
}

function regionRow({ name, batches, approval, maintenance }: PreviewRegion): readonly string[] {
  const sizes = batches.map(({ size }) => size).join(", then ");
  const waits = [
    ...(approval === null ? [] : [approval]),
    ...(maintenance === null ? [] : ["its maintenance window"]),
  ];
  return [code(name), code(sizes), waits.length === 0 ? "" : code(waits.join(", "))];
}

function stepRow(step: PreviewStep, index: number): readonly string[] {
  const open = step.review.filter(({ accepted }) => accepted === null);
  const review = open.map(({ severity, id }) => `${severity}: ${id}`).join("; ");
  return [
    String(index + 1),
    code(step.name),
    code(step.summary, summaryMax),
    code(step.knownBy),
    code(step.reversal.is ? step.reversal.how : "no"),
    review === "" ? "" : code(review),
  ];
}

/** Characters of a step's command in a cell: all of it stands in the preview below. */
const summaryMax = 120;
