import type { Itinerary } from "../core/itinerary.ts";
import { type Block, layOut, type PageOptions, plainPage } from "./page.ts";
import { hostBlocks } from "./preview-hosts-text.ts";
import {
  type Preview,
  previewJson,
  type PreviewOptions,
  type PreviewRegion,
} from "./preview-json.ts";
import { stepBlocks } from "./preview-steps-text.ts";
import { findingBlocks, reviewCounts, reviewLimits } from "./review-text.ts";
import { span } from "./times.ts";
import { counted, grouped, listed } from "./wording.ts";

/** What a rollout would do, in the order in which it would: reads only, touches nothing. */
export function previewText(
  itinerary: Itinerary,
  options: PreviewOptions & Partial<PageOptions>,
): string {
  const preview = previewJson(itinerary, options);
  const blocks = [
    ...head(preview),
    ...order(preview),
    ...steps(preview),
    ...around(preview),
    ...hostBlocks(preview.hosts),
    ...limits(preview),
  ];
  return layOut(blocks, { ...plainPage, ...options });
}

function head(preview: Preview): readonly Block[] {
  const title = preview.summary === "" ? "" : `: ${preview.summary}`;
  const regions = counted(preview.regions.length, "region");
  return [
    { kind: "heading", text: `Preview of ${preview.plan}${title}` },
    {
      kind: "rows",
      level: 1,
      rows: [
        ["digest", preview.digest],
        ["inventory", `${preview.inventory}${preview.production ? " (production)" : ""}`],
        ["targets", `${counted(preview.instances, "instance")} in ${regions}`],
        ...(preview.values === null ? [] : [["values", valuesWords(preview.values)] as const]),
      ],
    },
  ];
}

function valuesWords({ instance, differ }: NonNullable<Preview["values"]>): string {
  const names = differ.map((name) => `\${${name}}`);
  return `shown as on ${instance}${names.length === 0 ? "" : `; elsewhere other ones for ${listed(names)}`}`;
}

/** Names of one batch that are listed. */
const namesMax = 10;

function order(preview: Preview): readonly Block[] {
  return [
    { kind: "gap" },
    { kind: "heading", text: "Order: a region begins when the one before it is sealed" },
    ...preview.regions.flatMap((region, index) => regionBlocks(region, index + 1)),
  ];
}

function regionBlocks(region: PreviewRegion, number: number): readonly Block[] {
  const count = region.batches.reduce((sum, batch) => sum + batch.instances.length, 0);
  const zone = region.timezone === null ? "" : `, ${region.timezone}`;
  const limit = isPercent(region) ? `, at most ${region.maxBadAsked} bad` : "";
  const title = `${number}. ${region.name} (${counted(count, "instance")}${zone}${limit})`;
  return [
    { kind: "text", level: 1, text: title },
    ...(region.approve
      ? [
          {
            kind: "text",
            level: 2,
            tone: "warning",
            text: "waits for a person's approval",
          } as const,
        ]
      : []),
    {
      kind: "rows",
      level: 2,
      tone: "plain",
      rows: [
        ...region.batches.map((batch, index): readonly [string, string] => {
          const canary = index === 0 ? ", canary" : "";
          const bad = isPercent(batch) ? `; at most ${batch.maxBadAsked} bad` : "";
          const all = batch.atOnce === batch.instances.length;
          const some = all ? "" : `; ${grouped(batch.atOnce)} at once`;
          return [
            `batch ${index + 1} (${batch.size}${canary})`,
            `${listed(batch.instances, namesMax)}${some}${bad}`,
          ];
        }),
        ["bake", bakeWords(region)],
      ],
    },
  ];
}

function isPercent({ maxBadAsked }: { readonly maxBadAsked: string }): boolean {
  return maxBadAsked.includes("%");
}

function bakeWords({ bake: { settleMs, stableMs, retryMs } }: PreviewRegion): string {
  const stable = `${span(stableMs)} healthy without a break`;
  return `settle ${span(settleMs)}, then ${stable}, begun within ${span(retryMs)}`;
}

function steps(preview: Preview): readonly Block[] {
  return [
    { kind: "gap" },
    { kind: "heading", text: `Steps on each instance (${preview.steps.length})` },
    ...preview.steps.flatMap((step, index) => stepBlocks(step, index + 1, preview.instances)),
    ...recoveries(preview),
    ...(reviewOf(preview).length === 0
      ? []
      : [
          { kind: "gap" } as const,
          { kind: "heading", text: `Static review: ${reviewCounts(reviewOf(preview))}` } as const,
          { kind: "text", level: 1, tone: "quiet", text: reviewLimits } as const,
        ]),
  ];
}

function recoveries({ recoveries: all, instances }: Preview): readonly Block[] {
  if (all.length === 0) return [];
  return [
    { kind: "gap" },
    { kind: "heading", text: "Recoveries" },
    ...findingBlocks(all, { level: 1, instances }),
  ];
}

function reviewOf({ steps: all, recoveries: others }: Preview) {
  return [...all.flatMap(({ review }) => review), ...others];
}

function around(preview: Preview): readonly Block[] {
  const surfaces = Map.groupBy(preview.probes, (probe) => probe.surface);
  return [
    ...section(
      "Protected paths",
      preview.protect.map(({ path, written, policy }) => [
        path,
        path === written ? policy : `${policy} (written ${written})`,
      ]),
    ),
    ...section(
      "Checks, before anything is touched",
      preview.checks.map(({ name, why }) => [name, why]),
    ),
    ...section(
      "Health, by surface",
      [...surfaces].map(([surface, probes]) => [
        surface,
        probes
          .map(({ name, kind, everyMs }) => `${name} (${kind}, every ${span(everyMs)})`)
          .join("; "),
      ]),
    ),
  ];
}

function limits({ limits: it, regions, secrets, notReversible, guard }: Preview): readonly Block[] {
  const waiting = regions.filter((region) => region.approve).map((region) => region.name);
  return [
    ...section("Limits", [
      [
        "bad",
        it.maxBad.includes("%")
          ? `at most ${it.maxBad} in all, and what the order says per region and per batch; one more halts the rollout`
          : `at most ${it.maxBad} per batch, per region and in all; one more halts the rollout`,
      ],
      [
        "worst case",
        `${counted(it.atOnce, "instance")} in hand when a step does harm; ${grouped(it.largestBatch)} changed when harm only shows while a batch bakes`,
      ],
      ["on failure", it.onFail],
      [
        "guard",
        `a host that hears nothing for ${span(guard.leaseMs)} during a step ends it, undoes and restores by itself, recovers, and says so at the next contact`,
      ],
      ...(guard.observeMs === 0
        ? []
        : [["observed", `trees that change by themselves, for ${span(guard.observeMs)}`] as const]),
      ["deadlines", `instance ${span(it.instanceMs)}, progress ${span(it.progressMs)}`],
      [
        "undo",
        it.retentionMs === 0
          ? "nothing is kept once it is sealed: it can't be undone"
          : `possible for ${span(it.retentionMs)} after it is sealed`,
      ],
      ["approvals", waiting.length === 0 ? "none" : listed(waiting)],
      ...(secrets.length === 0 ? [] : [["secrets", listed(secrets)] as const]),
      ...(notReversible.length === 0
        ? []
        : [["not reversible", listed(notReversible.map((name) => `"${name}"`))] as const]),
    ]),
  ];
}

function section(title: string, rows: readonly (readonly [string, string])[]): readonly Block[] {
  if (rows.length === 0) return [];
  return [{ kind: "gap" }, { kind: "heading", text: title }, { kind: "rows", level: 1, rows }];
}
