import { duration } from "../../core/duration-words.ts";
import type { Lane, Mark, PictureRegion, Span } from "../picture/picture.ts";
import { counted, listed } from "../wording.ts";
import { anchor } from "./looks.ts";
import { type Markup, markup, type Piece, when } from "./markup.ts";
import { columnName, columnTime } from "./times-markup.ts";

// What the lanes draw, as tables: for those who don't see the drawing, or want the figures.

/** Lanes of a region that are good, and still have their figures told one by one. */
const quietToldMax = 40;

/** Nothing of it is worth a second look. */
export function isQuiet({ look }: Lane): boolean {
  return look === "good" || look === "skipped" || look === "waiting";
}

/** A row below a lane, with all that was done there and found. */
export function storyRow(lane: Lane, timezone: string | null): Markup {
  const count = counted(lane.spans.length + lane.marks.length, "entry", "entries");
  return markup`<tr role="row" class="story"><td role="cell" colspan="3"><details id="${anchor("story", lane.instance)}"><summary>${lane.instance} as a table: ${count}</summary><table class="plain">${heading([], timezone)}<tbody>${entries(lane).map((it) => markup`<tr>${cells(it, timezone)}</tr>`)}</tbody></table>${cutWords(lane)}</details></td></tr>`;
}

/** One table for the lanes of a region that have no story. */
export function quietTable(region: PictureRegion): Piece {
  const lanes = region.batches.flatMap((batch) => batch.lanes);
  const quiet = lanes.filter((lane) => isQuiet(lane) && lane.spans.length > 0);
  if (quiet.length === 0) return null;
  const told = quiet.slice(0, quietToldMax);
  const rest = quiet.slice(quietToldMax);
  const bodies = told.map((lane) => {
    const all = entries(lane);
    return markup`<tbody>${all.map(
      (it, index) =>
        markup`<tr>${index === 0 ? markup`<th class="what" scope="rowgroup" rowspan="${all.length}">${lane.instance}</th>` : null}${cells(it, region.timezone)}</tr>`,
    )}</tbody>`;
  });
  const more = when(
    rest.length > 0,
    () =>
      markup`<p class="quiet">The others went the same way: ${listed(
        rest.map((lane) => lane.instance),
        12,
      )}. Each lane says when.</p>`,
  );
  return markup`<details id="${anchor("table", region.name)}"><summary>${region.name} as a table: ${counted(told.length, "instance")} in which nothing was wrong</summary><table class="plain">${heading(["instance"], region.timezone)}${bodies}</table>${more}</details>`;
}

function heading(first: readonly string[], timezone: string | null): Markup {
  const names = [...first, columnName("from", timezone), "took", "what", "said"];
  return markup`<thead><tr>${names.map((name) => markup`<th scope="col">${name}</th>`)}</tr></thead>`;
}

interface Entry {
  readonly fromMs: number;
  readonly took: string;
  readonly what: string;
  readonly text: string;
  readonly tone: Span["tone"];
}

function entries(lane: Lane): readonly Entry[] {
  return [...lane.spans.map(spanEntry), ...lane.marks.map(markEntry)].sort(
    (a, b) => a.fromMs - b.fromMs,
  );
}

function spanEntry({ kind, fromMs, toMs, text, tone }: Span): Entry {
  const took = toMs === null ? "goes on" : duration(toMs - fromMs);
  return { fromMs, took, what: kind, text, tone };
}

function markEntry({ atMs, text, tone }: Mark): Entry {
  return { fromMs: atMs, took: "", what: "seen", text, tone };
}

function cells(it: Entry, timezone: string | null): Markup {
  const tone = it.tone === "plain" ? null : markup` class="tone-${it.tone}"`;
  return markup`<td>${columnTime(it.fromMs, timezone)}</td><td class="number">${it.took}</td><td class="what">${it.what}</td><td${tone}>${it.text}</td>`;
}

function cutWords({ spansCut }: Lane): Piece {
  if (spansCut === 0) return null;
  return markup`<p class="quiet">${counted(spansCut, "more entry", "more entries")} in the journal.</p>`;
}
