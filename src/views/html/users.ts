import { duration } from "../../core/duration-words.ts";
import type { Picture } from "../picture/picture.ts";
import {
  type Answers,
  columnsOf,
  type SurfaceChart,
  type SurfaceColumn,
  type SurfaceIs,
  type TroubledInstance,
} from "../picture/surface-charts.ts";
import { scaleOver, type TimeScale } from "../picture/time-scale.ts";
import { counted, grouped, listed } from "../wording.ts";
import { anchor, surfaceBadge } from "./looks.ts";
import { type Markup, markup, type Piece, when } from "./markup.ts";
import { axis, extent } from "./strip.ts";
import { clock, stretch, timeOfDay } from "./times-markup.ts";

/** How users fared, surface by surface: what probes answered over time, and how long it took. */
export function users(picture: Picture): Markup {
  const { surfaces } = picture;
  return markup`<section id="users" aria-labelledby="h-users">
<h2 id="h-users">Users, as the probes saw them</h2>
${when(surfaces.length === 0, () => markup`<p class="card">Nothing was probed.</p>`)}
${when(
  surfaces.length > 0,
  () =>
    markup`<ul class="legend" aria-label="What the shapes mean">${["up", "down", "not known"].map(
      (is) =>
        markup`<li><svg width="26" height="24" aria-hidden="true">${bar(isOf(is), "1", "24")}</svg>${is === "not known" ? "could not be told" : is}</li>`,
    )}<li><svg width="26" height="24" aria-hidden="true"><line class="median" x1="1" x2="25" y1="14" y2="14"/></svg>median time of an answer</li><li><svg width="26" height="24" aria-hidden="true"><line class="longest" x1="1" x2="25" y1="14" y2="14"/></svg>the longest</li></ul>`,
)}
${surfaces.map((chart) => surfaceMarkup(chart, picture))}
</section>`;
}

function isOf(text: string): SurfaceIs {
  return text === "down" ? "down" : text === "up" ? "up" : "not known";
}

/** What is down is tall, what is up is low: seen without colour. */
function bar(is: SurfaceIs, x: string, width: string, title = ""): Markup {
  const tall = { up: [16, 6], "not known": [8, 14], down: [2, 20] } as const;
  const [y, height] = tall[is];
  const name = is === "not known" ? "unknown" : is;
  const said = title === "" ? null : markup`<title>${title}</title>`;
  return markup`<rect class="s-${name}" x="${x}" y="${y}" width="${width}" height="${height}">${said}</rect>`;
}

function surfaceMarkup(chart: SurfaceChart, picture: Picture): Markup {
  const grid = anchor("grid-surface", chart.surface);
  const runs = runsOf(chart.columns);
  const says = `${chart.surface} over time: ${runs.map((run) => `${run.is} at ${clock(run.fromMs)}`).join(", ")}`;
  return markup`<article class="card surface">
<h3>${chart.surface} <span class="quiet">${chart.probes.length === 1 ? "probe" : "probes"} ${chart.probes.join(", ")}</span></h3>
<p>${counted(total(chart.answers), "answer")}: ${grouped(chart.answers.pass)} passed, ${grouped(chart.answers.fail)} failed, ${grouped(chart.answers.error)} could not tell. ${surfaceBadge("now", chart.now)}${when(chart.nowOn.length > 0, () => markup` on ${listed(chart.nowOn)}`)}</p>
<div class="chart">${axis(picture.scale, null, grid)}<svg class="strip" role="img" aria-label="${says}"><use href="#${grid}"/>${bars(chart.columns)}</svg>${latency(chart, grid)}</div>
${troubled(chart, picture)}
<details id="${anchor("answers", chart.surface)}"><summary>${chart.surface} as a table: ${counted(runs.length, "stretch", "stretches")}</summary><table class="plain"><thead><tr><th scope="col">from</th><th scope="col">is</th><th scope="col">passed</th><th scope="col">failed</th><th scope="col">could not tell</th><th scope="col">median</th><th scope="col">longest</th></tr></thead><tbody>${runs.map(
    (run) =>
      markup`<tr><td>${timeOfDay(run.fromMs)}</td><td>${run.is === "down" ? "DOWN somewhere" : run.is}</td><td class="number">${run.answers.pass}</td><td class="number">${run.answers.fail}</td><td class="number">${run.answers.error}</td><td class="number">${msWords(run.medianMs)}</td><td class="number">${msWords(run.longestMs)}</td></tr>`,
  )}</tbody></table></details>
</article>
`;
}

function total({ pass, fail, error }: Answers): number {
  return pass + fail + error;
}

function msWords(ms: number | null): string {
  return ms === null ? "–" : duration(ms);
}

/** Columns of one kind side by side are drawn as one. */
function bars(columns: SurfaceChart["columns"]): readonly Piece[] {
  const width = 100 / columnsOf;
  const drawn: { readonly is: SurfaceIs; readonly from: number; to: number; title: string }[] = [];
  columns.forEach((column, index) => {
    const last = drawn.at(-1);
    if (column === null) return;
    if (last?.is === column.is && last.to === index) last.to = index + 1;
    else {
      const since = column.fromMs === null ? "" : ` at ${clock(column.fromMs)}`;
      drawn.push({ is: column.is, from: index, to: index + 1, title: `${column.is}${since}` });
    }
  });
  return drawn.map(({ is, from, to, title }) =>
    bar(is, `${round(from * width)}%`, `${round((to - from) * width)}%`, title),
  );
}

function round(place: number): number {
  return Math.round(place * 100) / 100;
}

/** Pixels of the chart of latencies. */
const latencyHeight = 44;

/** How long answers took: the median and the longest, in each column. */
function latency(chart: SurfaceChart, grid: string): Markup {
  const top = Math.max(1, chart.longestMs);
  const line = (of: (column: SurfaceColumn) => number | null): string =>
    chart.columns
      .flatMap((column, index) => {
        const ms = column === null ? null : of(column);
        if (ms === null) return [];
        return [`${index + 0.5},${round(latencyHeight - 2 - (ms / top) * (latencyHeight - 6))}`];
      })
      .join(" ");
  const says = `time of an answer on ${chart.surface}, at most ${duration(chart.longestMs)}; the table has the figures`;
  return markup`<svg class="latency" role="img" aria-label="${says}"><use href="#${grid}"/><svg viewBox="0 0 ${columnsOf} ${latencyHeight}" preserveAspectRatio="none" width="100%" height="100%"><polyline class="longest" points="${line((it) => it.longestMs)}"/><polyline class="median" points="${line((it) => it.medianMs)}"/></svg><text class="top" x="100%" y="11">${duration(chart.longestMs)}</text></svg>`;
}

/** Columns of one kind side by side are one stretch. */
function runsOf(columns: SurfaceChart["columns"]): readonly Run[] {
  const runs: Run[] = [];
  for (const column of columns) {
    if (column === null) continue;
    const last = runs.at(-1);
    if (last?.is === column.is) runs[runs.length - 1] = joined(last, column);
    else if (column.fromMs !== null) runs.push({ ...column, fromMs: column.fromMs });
  }
  return runs;
}

type Run = SurfaceColumn & { readonly fromMs: number };

function joined(first: Run, next: SurfaceColumn): Run {
  return {
    ...first,
    answers: {
      pass: first.answers.pass + next.answers.pass,
      fail: first.answers.fail + next.answers.fail,
      error: first.answers.error + next.answers.error,
    },
    medianMs: most(first.medianMs, next.medianMs),
    longestMs: most(first.longestMs, next.longestMs),
  };
}

function most(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

/** Each instance that had trouble, large enough to see it: on the scale of its region. */
function troubled(chart: SurfaceChart, picture: Picture): Piece {
  if (chart.troubled.length === 0) return null;
  const tables = picture.regions.map((region) => {
    const here = chart.troubled.filter((it) => it.region === region.name);
    if (here.length === 0) return null;
    const scale = scaleOver(here.flatMap((it) => it.stretches));
    const grid = anchor(anchor("grid", chart.surface), region.name);
    return markup`<table class="lanes troubled" role="table" aria-label="${chart.surface} in ${region.name}, where it was not always up"><thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">${region.name}</th><th role="columnheader" scope="col"><span class="unseen">Drawing</span>${axis(scale, region.timezone, grid)}</th><th role="columnheader" scope="col"><span class="quiet">UTC</span>${when(region.timezone !== null, () => markup`<br><span class="zone">${region.timezone}</span>`)}</th></tr></thead><tbody role="rowgroup">${here.map((it) => troubledRow(it, chart.surface, { scale, grid }))}</tbody></table>`;
  });
  return markup`<details id="${anchor("trouble", chart.surface)}"${when(chart.now !== "up" || chart.troubled.length <= 3, () => markup` open`)}><summary>${chart.surface} was not always up on ${counted(chart.troubled.length + chart.troubledCut, "instance")}</summary>${tables}${when(chart.troubledCut > 0, () => markup`<p class="quiet">And ${counted(chart.troubledCut, "more instance")}.</p>`)}</details>`;
}

function troubledRow(
  it: TroubledInstance,
  surface: string,
  { scale, grid }: { readonly scale: TimeScale; readonly grid: string },
): Markup {
  const down = it.stretches.filter(({ is }) => is !== "up");
  const drawn = it.stretches.map(({ is, fromMs, toMs, because }) => {
    const { x, width } = extent(scale, fromMs, toMs);
    return bar(is, `${x}%`, `${width}%`, `${is}: ${because} (${stretch(fromMs, toMs)})`);
  });
  const says = down.map(({ is, fromMs, toMs }) => `${is}, ${stretch(fromMs, toMs)}`);
  const label = `${surface} on ${it.instance}: ${says.join("; ")}`;
  return markup`<tr role="row" class="lane"><th role="rowheader" scope="row"><a href="#${anchor("instance", it.instance)}">${it.instance}</a></th><td role="cell"><svg class="strip" role="img" aria-label="${label}"><use href="#${grid}"/>${drawn}</svg></td><td role="cell">${down.map(({ is, fromMs, toMs, because }) => markup`<p><strong>${is}</strong> ${stretch(fromMs, toMs)}: ${because}</p>`)}</td></tr>`;
}
