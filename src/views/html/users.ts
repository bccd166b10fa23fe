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
import { scaleOver } from "../picture/time-scale.ts";
import { counted, grouped } from "../wording.ts";
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
  const worst = chart.answers.fail > 0 ? "down" : chart.answers.error > 0 ? "not known" : "up";
  const says = `${chart.surface} over time: ${runs.map((run) => `${run.is} at ${clock(run.fromMs)}`).join(", ")}`;
  return markup`<article class="card surface">
<h3>${chart.surface} <span class="quiet">${chart.probes.length === 1 ? "probe" : "probes"} ${chart.probes.join(", ")}</span></h3>
<p>${counted(total(chart.answers), "answer")}: ${grouped(chart.answers.pass)} passed, ${grouped(chart.answers.fail)} failed, ${grouped(chart.answers.error)} could not tell. ${when(worst === "up", () => surfaceBadge(chart.surface, "up"))}</p>
<div class="chart">${axis(picture.scale, null, grid)}<svg class="strip" role="img" aria-label="${says}"><use href="#${grid}"/>${cells(chart.columns)}</svg>${latency(chart, grid)}</div>
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

function cells(columns: SurfaceChart["columns"]): readonly Piece[] {
  const width = 100 / columnsOf;
  return columns.map((column, index) => {
    if (column === null) return null;
    const { pass, fail, error } = column.answers;
    const title = `${clock(column.fromMs)}: ${pass} passed, ${fail} failed, ${error} could not tell`;
    return bar(column.is, `${round(index * width)}%`, `${round(width)}%`, title);
  });
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
function runsOf(columns: SurfaceChart["columns"]): readonly SurfaceColumn[] {
  const runs: SurfaceColumn[] = [];
  for (const column of columns) {
    if (column === null) continue;
    const last = runs.at(-1);
    if (last?.is !== column.is) runs.push(column);
    else runs[runs.length - 1] = joined(last, column);
  }
  return runs;
}

function joined(first: SurfaceColumn, next: SurfaceColumn): SurfaceColumn {
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

/** Each instance that had trouble, large enough to see it. */
function troubled(chart: SurfaceChart, picture: Picture): Piece {
  if (chart.troubled.length === 0) return null;
  return markup`<table class="lanes troubled" role="table" aria-label="${chart.surface} on each instance where it was not always up"><tbody role="rowgroup">${chart.troubled.map(
    (it) => {
      const zone = picture.regions.find(({ name }) => name === it.region)?.timezone ?? null;
      return troubledRow(it, chart.surface, zone);
    },
  )}</tbody></table>${when(chart.troubledCut > 0, () => markup`<p class="quiet">And ${counted(chart.troubledCut, "more instance")}.</p>`)}`;
}

function troubledRow(it: TroubledInstance, surface: string, timezone: string | null): Markup {
  const scale = scaleOver(it.stretches);
  const down = it.stretches.filter(({ is }) => is !== "up");
  const grid = anchor(anchor("grid", surface), it.instance);
  const bars = it.stretches.map(({ is, fromMs, toMs, because }) => {
    const { x, width } = extent(scale, fromMs, toMs);
    return bar(is, `${x}%`, `${width}%`, `${is}: ${because} (${stretch(fromMs, toMs)})`);
  });
  const says = down.map(
    ({ is, fromMs, toMs, because }) => [is, stretch(fromMs, toMs), because] as const,
  );
  const label = `${surface} on ${it.instance}: ${says.map((words) => words.join(", ")).join("; ")}`;
  return markup`<tr role="row"><th role="rowheader" scope="row"><a href="#${anchor("instance", it.instance)}">${it.instance}</a></th><td role="cell">${axis(scale, timezone, grid)}<svg class="strip" role="img" aria-label="${label}"><use href="#${grid}"/>${bars}</svg></td><td role="cell"><ul>${says.map(
    ([is, time, because]) => markup`<li><strong>${is}</strong> ${time}: ${because}</li>`,
  )}</ul></td></tr>`;
}
