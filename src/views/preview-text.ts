import { emergencyRow } from "./emergency.ts";
import { metricRows } from "./preview-metrics.ts";
import type { Itinerary } from "../core/itinerary.ts";
import { type Block, layOut, type PageOptions, plainPage } from "./page.ts";
import { noticeRows } from "./preview-notices.ts";
import { hostBlocks } from "./preview-hosts-text.ts";
import { type Preview, previewJson, type PreviewOptions } from "./preview-json.ts";
import { orderBlocks } from "./preview-order-text.ts";
import { stepBlocks } from "./preview-steps-text.ts";
import { findingBlocks, reviewCounts, reviewLimits } from "./review-text.ts";
import { span } from "./times.ts";
import { aboutWords } from "./preview-snapshots.ts";
import { counted, grouped, listed, rangeWords, size } from "./wording.ts";

/** What a rollout would do, in the order in which it would: reads only, touches nothing. */
export function previewText(
  itinerary: Itinerary,
  options: PreviewOptions & Partial<PageOptions>,
): string {
  const preview = previewJson(itinerary, options);
  const blocks = [
    ...head(preview),
    ...orderBlocks(preview),
    ...steps(preview),
    ...around(preview),
    ...hostBlocks(preview.hosts, preview.oddOnesOut),
    ...limits(preview),
    ...section("Who is told", noticeRows(preview.notices)),
    ...past(preview),
    ...failures(preview),
    ...broken(preview),
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
        ...(preview.emergency?.is === true
          ? [["EMERGENCY", emergencyRow(preview.emergency)] as const]
          : []),
        ...(preview.values === null ? [] : [["values", valuesWords(preview.values)] as const]),
      ],
    },
  ];
}

function valuesWords({ instance, differ }: NonNullable<Preview["values"]>): string {
  const names = differ.map((name) => `\${${name}}`);
  return `shown as on ${instance}${names.length === 0 ? "" : `; elsewhere other ones for ${listed(names)}`}`;
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
        `${path === written ? policy : `${policy} (written ${written})`}${heldWords(written, preview.hosts)}`,
      ]),
    ),
    ...section(
      "Checks, before anything is touched",
      preview.checks.map(({ name, why }) => [name, why]),
    ),
    ...section(
      "Health, by surface",
      [...surfaces].map(([surface, probes]) => [surface, probes.map(probeWords).join("; ")]),
    ),
    ...section("Metrics", metricRows(preview.metrics)),
  ];
}

/** How much of it there is, on the hosts that were looked at. */
function heldWords(written: string, hosts: Preview["hosts"]): string {
  const trees = (hosts ?? []).flatMap(({ protected: { each } }) =>
    each.filter((tree) => tree.written === written),
  );
  if (trees.length === 0) return "";
  const entries = rangeWords(
    trees.map((tree) => tree.entries),
    grouped,
  );
  const bytes = rangeWords(
    trees.map((tree) => tree.bytes),
    size,
  );
  return `; on ${counted(trees.length, "host")}: ${entries} ${entries === "1" ? "entry" : "entries"}, ${bytes}`;
}

function probeWords({ name, kind, on, everyMs, caveats }: Preview["probes"][number]): string {
  const from = `${kind} from the ${on}`;
  return `${name} (${[from, `every ${span(everyMs)}`, ...caveats].join(", ")})`;
}

function onFailure({ onFail, watchEveryMs }: Preview["limits"]): string {
  return watchEveryMs === null
    ? onFail
    : `${onFail}; also of what is sealed, looked at every ${span(watchEveryMs)}`;
}

function limits(preview: Preview): readonly Block[] {
  const { limits: it, secrets, notReversible, guard, approvals } = preview;
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
      ["on failure", onFailure(it)],
      ["unlike", `effects: ${it.envelope}; targets: ${it.onOutlier}`],
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
      ["to begin", startWords(preview)],
      ...(preview.emergency === null || preview.emergency.is
        ? []
        : [["emergency", `apply --emergency: ${preview.emergency.says}`] as const]),
      ["approvals", approvals.length === 0 ? "none" : listed(approvals.map(approvalWords))],
      ...(preview.snapshots === null ? [] : snapshotRows(preview.snapshots, it)),
      ...(secrets.length === 0 ? [] : [["secrets", listed(secrets)] as const]),
      ...(notReversible.length === 0
        ? []
        : [["not reversible", listed(notReversible.map((name) => `"${name}"`))] as const]),
    ]),
  ];
}

/** What is kept of earlier rollouts. */
function past({ regenerations, notKnown }: Preview): readonly Block[] {
  return [
    ...section(
      "How long paths took to come back, in earlier rollouts",
      regenerations.map(({ written, says }) => [written, says]),
    ),
    ...section(
      "Not known",
      notKnown.map((says) => ["", says]),
    ),
  ];
}

/** Beside what is known to fail, what a copy has shown to do harm. */
function broken({ rehearsedBreaks }: Preview): readonly Block[] {
  if (rehearsedBreaks.length === 0) return [];
  const more = rehearsedBreaks.length - failuresMax;
  return [
    { kind: "gap" },
    { kind: "heading", tone: "bad", text: "A rollout would break a policy, as rehearsed" },
    ...rehearsedBreaks.slice(0, failuresMax).map(({ step, instance, says }): Block => ({
      kind: "text",
      level: 1,
      tone: "bad",
      bullet: "! ",
      text: `step "${step}" on ${instance}: ${says}`,
    })),
    ...(more > 0 ? [{ kind: "text", level: 1, text: `and ${grouped(more)} more` } as const] : []),
  ];
}

/** Last, where a reader's eye is when it is printed. */
function failures({ wouldFail }: Preview): readonly Block[] {
  if (wouldFail.length === 0) return [];
  const told = wouldFail.slice(0, failuresMax);
  const more = wouldFail.length - told.length;
  return [
    { kind: "gap" },
    { kind: "heading", tone: "bad", text: "A rollout would fail, as the hosts are now" },
    ...told.map(({ step, instance, path, says }): Block => ({
      kind: "text",
      level: 1,
      tone: "bad",
      bullet: "! ",
      text: `step "${step}" on ${instance}: ${path}: ${says}`,
    })),
    ...(more === 0 ? [] : [{ kind: "text", level: 1, text: `and ${grouped(more)} more` } as const]),
  ];
}

const failuresMax = 10;

function startWords({ production }: Preview): string {
  if (!production) return "apply alone: this fleet is no production";
  return "a person who types the regions' names at a terminal, or the digest by --approve, or a file of --out";
}

function approvalWords({ region, after }: Preview["approvals"][number]): string {
  if (after.length === 0) return `${region} at once`;
  return `${region} once ${listed(after)} ${after.length === 1 ? "is" : "are"} sealed`;
}

/** What the hosts are asked for, all of them and at the same time. */
function snapshotRows(
  { bytes, largest, slowest, estimate }: NonNullable<Preview["snapshots"]>,
  { atOnce }: Preview["limits"],
): readonly (readonly [string, string])[] {
  if (largest === null || slowest === null) return [];
  const most = `the largest ${size(largest.bytes)} on ${largest.host}`;
  const slow =
    slowest.ms === null ? "" : `, the slowest${aboutWords(slowest.ms)} on ${slowest.host}`;
  return [
    [
      "snapshots",
      `about ${size(bytes)} in all, ${most}${slow}; of ${counted(atOnce, "instance")} at once in the worst case`,
    ],
    ["", estimate],
  ];
}

function section(title: string, rows: readonly (readonly [string, string])[]): readonly Block[] {
  if (rows.length === 0) return [];
  return [{ kind: "gap" }, { kind: "heading", text: title }, { kind: "rows", level: 1, rows }];
}
