import { duration } from "../../core/duration-words.ts";
import type { Lane, Picture, PictureBatch, PictureRegion, Span } from "../picture/picture.ts";
import { counted } from "../wording.ts";
import { isQuiet, quietTable, storyRow } from "./lane-tables.ts";
import { anchor, sign } from "./looks.ts";
import { type Markup, markup, type Piece, when } from "./markup.ts";
import { axis, legendMarkup, strip } from "./strip.ts";
import { moment, stretch, timeOfDay } from "./times-markup.ts";

/** Lanes up to which all regions are unfolded. */
const unfoldedMax = 40;

/**
 * Every region with a lane for each of its instances, and the same as tables. `placed` gives what stands in
 * the place of a region; default: the region.
 */
export function timeline(
  picture: Picture,
  placed: (region: Markup, index: number) => Markup = (region) => region,
): Markup {
  const lanes = picture.regions.flatMap((region) =>
    region.batches.flatMap((it) => it.lanes),
  ).length;
  const nowMs = picture.untilMs;
  return markup`<section id="timeline" aria-labelledby="h-timeline">
<h2 id="h-timeline">Timeline</h2>
${whole(picture, nowMs)}
${legendMarkup()}
${when(
  lanes > unfoldedMax,
  () =>
    markup`<p class="tools" hidden><label for="find">Find an instance </label><input id="find" type="search" autocomplete="off" spellcheck="false"><output id="found" for="find"></output></p>`,
)}
${picture.regions.map((region, index) =>
  placed(
    regionMarkup(region, {
      nowMs,
      open: lanes <= unfoldedMax || region.look === "bad" || region.look === "paused",
    }),
    index,
  ),
)}
</section>`;
}

/** One row for each region, on the scale of the whole rollout. */
function whole({ regions, scale, pauses }: Picture, nowMs: number): Markup {
  const rows = regions.map((region) => {
    const spans = [...region.waits, ...region.batches.flatMap((it) => batchSpans(it, nowMs))];
    const says = `${region.name}: ${region.words}`;
    const at =
      region.beganMs === null
        ? null
        : markup`<br><span class="quiet">${stretch(region.beganMs, region.lastMs)}</span>`;
    return markup`<tr role="row"><th role="rowheader" scope="row">${sign(region.look)}<a href="#${anchor("region", region.name)}">${region.name}</a></th><td role="cell">${strip(spans, [], { scale, says, nowMs, grid: "grid-whole" })}</td><td role="cell">${region.words}${at}</td></tr>`;
  });
  const stops =
    pauses.length === 0
      ? null
      : markup`<tr role="row"><th role="rowheader" scope="row">${sign("paused")}nobody at work</th><td role="cell">${strip(pauses, [], { scale, says: "when nobody worked on it", nowMs, grid: "grid-whole" })}</td><td role="cell">${pauses.at(-1)?.text ?? ""}</td></tr>`;
  return markup`<div class="card"><table class="lanes" role="table" aria-label="The whole rollout, a row for each region"><thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Region</th><th role="columnheader" scope="col"><span class="unseen">Drawing</span>${axis(scale, null, "grid-whole")}</th><th role="columnheader" scope="col">How far it came</th></tr></thead><tbody role="rowgroup">${rows}${stops}</tbody></table></div>`;
}

/** A batch as one bar up to its bake, one of the bake, and what went wrong in it. */
function batchSpans(batch: PictureBatch, nowMs: number): readonly Span[] {
  const all = batch.lanes.flatMap((lane) => lane.spans);
  const over = (kind: Span["kind"], is: (span: Span) => boolean, text: string): readonly Span[] => {
    const some = all.filter(is);
    if (some.length === 0) return [];
    const fromMs = some.reduce((least, it) => Math.min(least, it.fromMs), Infinity);
    const toMs = some.reduce((most, it) => Math.max(most, it.toMs ?? nowMs), 0);
    return [{ kind, fromMs, toMs, text: `batch ${batch.number}: ${text}`, tone: "plain" }];
  };
  const works = new Set<Span["kind"]>(["begin", "snapshot", "step", "recovery", "between"]);
  return [
    ...over("step", (it) => works.has(it.kind), counted(batch.instances, "instance")),
    ...over("bake", (it) => it.kind === "bake", "bakes"),
    ...over("rollback", (it) => it.kind === "rollback" || it.kind === "verify", "goes back"),
    ...over("harm", (it) => it.kind === "harm", "not as before"),
  ];
}

interface RegionOptions {
  readonly nowMs: number;
  readonly open: boolean;
}

function regionMarkup(region: PictureRegion, options: RegionOptions): Markup {
  const id = anchor("region", region.name);
  const grid = anchor("grid", region.name);
  const touched = region.batches.some((it) => it.lanes.some((lane) => lane.spans.length > 0));
  const zone =
    region.timezone === null ? null : markup`<br><span class="zone">${region.timezone}</span>`;
  const head = touched
    ? markup`<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Instance</th><th role="columnheader" scope="col"><span class="unseen">Drawing, times in UTC${region.timezone === null ? "" : ` and ${region.timezone}`}</span>${axis(region.scale, region.timezone, grid)}</th><th role="columnheader" scope="col"><span class="quiet">UTC</span>${zone}</th></tr></thead>`
    : markup`<thead role="rowgroup" class="unseen"><tr role="row"><th role="columnheader" scope="col">Instance</th><th role="columnheader" scope="col">Drawing</th><th role="columnheader" scope="col">State</th></tr></thead>`;
  return markup`<details class="card region" id="${id}"${open(options.open)}><summary><h3>${sign(region.look)}${region.name}</h3> <span>${region.words}</span>${regionTimes(region)}</summary>
<table class="lanes" role="table" aria-label="Region ${region.name}, a row for each instance">${head}${region.batches.map((batch) => batchMarkup(batch, region, { ...options, grid }))}</table>
${quietTable(region)}${when(region.notDrawn > 0, () => markup`<p class="quiet">${counted(region.notDrawn, "more instance")} not drawn: the journal has them all.</p>`)}</details>
`;
}

function open(is: boolean): Piece {
  return is ? markup` open` : null;
}

function regionTimes({ beganMs, lastMs, sealedMs, timezone }: PictureRegion): Piece {
  if (beganMs === null) return null;
  const end = sealedMs ?? lastMs;
  const ended = sealedMs === null ? "last seen" : "sealed";
  return markup`<span class="times">begun ${moment(beganMs, timezone)}${
    end === null ? null : markup`, ${ended} ${timeOfDay(end, timezone)}, ${duration(end - beganMs)}`
  }</span>`;
}

function batchMarkup(
  batch: PictureBatch,
  region: PictureRegion,
  options: RegionOptions & { readonly grid: string },
): Markup {
  const canary = batch.number === 1 ? ", the canary" : "";
  const bad = `at most ${batch.maxBad} bad`;
  const title = `Batch ${batch.number}${canary}: ${counted(batch.instances, "instance")}, ${bad}`;
  return markup`<tbody role="rowgroup"><tr role="row" class="batch"><th role="columnheader" scope="colgroup" colspan="3">${title}</th></tr>${batch.lanes.map((lane) => laneRows(lane, region, options))}</tbody>`;
}

function laneRows(
  lane: Lane,
  region: PictureRegion,
  options: RegionOptions & { readonly grid: string },
): Markup {
  const { nowMs, grid } = options;
  const drawn =
    lane.spans.length === 0
      ? markup`<span class="quiet">nothing was done here</span>`
      : strip(lane.spans, lane.marks, { scale: region.scale, says: laneSays(lane), nowMs, grid });
  const found =
    lane.finding === null ? null : markup` <span class="finding">${lane.finding}</span>`;
  const told = lane.spans.length > 0 && !isQuiet(lane);
  return markup`<tr role="row" class="lane" id="${anchor("instance", lane.instance)}"><th role="rowheader" scope="row">${sign(lane.look)}${lane.instance}</th><td role="cell">${drawn}</td><td role="cell">${lane.words}${found}</td></tr>${when(told, () => storyRow(lane, region.timezone))}
`;
}

/** A lane in a sentence. */
function laneSays(lane: Lane): string {
  const from = lane.spans[0];
  const last = lane.spans.reduce<number | null>(
    (most, it) => (it.toMs === null ? most : Math.max(most ?? 0, it.toMs)),
    null,
  );
  const count = (kind: Span["kind"]): number => lane.spans.filter((it) => it.kind === kind).length;
  const parts = [
    `${lane.instance} ${lane.words}`,
    from === undefined ? "" : stretch(from.fromMs, last),
    counted(count("step"), "step"),
    count("bake") > 0 ? "a bake" : "",
    count("harm") > 0 ? "harm seen" : "",
    count("recovery") > 0 ? counted(count("recovery"), "recovery", "recoveries") : "",
    count("rollback") > 0 ? "rolled back" : "",
  ];
  return parts.filter((part) => part !== "").join(", ");
}
