import { untilWords } from "./comparison-words.ts";
import type { Block } from "./page.ts";
import type { Preview } from "./preview-json.ts";
import type { PreviewRegion } from "./preview-regions.ts";
import { windowWords } from "./preview-windows.ts";
import { span } from "./times.ts";
import { counted, grouped, listed } from "./wording.ts";

const windowsHold =
  "Maintenance windows hold: no region and no batch begins outside them, and the rollout pauses until the next.";

const oddGoLast =
  "Whoever is not like the others goes last in its region, in a batch of its own: --hosts says who that is now, and the rollout before it touches anything.";

/** Names of one batch that are listed. */
const namesMax = 10;

/** Regions and batches, as a rollout would come to them. */
export function orderBlocks(preview: Preview): readonly Block[] {
  return [
    { kind: "gap" },
    { kind: "heading", text: "Order: a region begins when the one before it is sealed" },
    ...preview.regions.flatMap((region, index) => regionBlocks(region, index + 1)),
    ...(preview.limits.onOutlier === "last" && preview.hosts === null
      ? [{ kind: "text", level: 1, tone: "warning", text: oddGoLast } as const]
      : []),
    ...(preview.regions.some(({ maintenance }) => maintenance !== null)
      ? [{ kind: "text", level: 1, tone: "warning", text: windowsHold } as const]
      : []),
  ];
}

function regionBlocks(region: PreviewRegion, number: number): readonly Block[] {
  const count = region.batches.reduce((sum, batch) => sum + batch.instances.length, 0);
  const zone = region.timezone === null ? "" : `, ${region.timezone}`;
  const limit = isPercent(region) ? `, at most ${region.maxBadAsked} bad` : "";
  const title = `${number}. ${region.name} (${counted(count, "instance")}${zone}${limit})`;
  return [
    { kind: "text", level: 1, text: title },
    ...(region.approval !== null
      ? [
          {
            kind: "text",
            level: 2,
            tone: "warning",
            text: `waits for ${region.approval}: handrail approve ROLLOUT ${region.name}`,
          } as const,
        ]
      : []),
    {
      kind: "rows",
      level: 2,
      tone: "plain",
      rows: [
        ...region.batches.map((batch, index): readonly [string, string] => {
          const canary = index === 0 ? ", canary" : batch.unlike ? ", unlike the others" : "";
          const bad = isPercent(batch) ? `; at most ${batch.maxBadAsked} bad` : "";
          const all = batch.atOnce === batch.instances.length;
          const some = all ? "" : `; ${grouped(batch.atOnce)} at once`;
          return [
            `batch ${index + 1} (${batch.size}${canary})`,
            `${listed(batch.instances, namesMax)}${some}${bad}`,
          ];
        }),
        ["bake", bakeWords(region)],
        ...(region.maintenance === null
          ? []
          : [["window", windowWords(region.maintenance)] as const]),
      ],
    },
  ];
}

function isPercent({ maxBadAsked }: { readonly maxBadAsked: string }): boolean {
  return maxBadAsked.includes("%");
}

function bakeWords({ bake }: PreviewRegion): string {
  const { settleMs, stableMs, retryMs } = bake;
  const stable = `${span(stableMs)} healthy without a break`;
  const until = untilWords(bake);
  const more = until === "" ? "" : `; ${until}`;
  return `settle ${span(settleMs)}, then ${stable}, begun within ${span(retryMs)}${more}`;
}
