import type { Mark, Span, SpanKind } from "../picture/picture.ts";
import { placeOf, ticksOf, type TimeScale } from "../picture/time-scale.ts";
import { zoneTime } from "../times.ts";
import { clipped } from "../wording.ts";
import { type Markup, markup, type Piece } from "./markup.ts";
import { clock, isoOf, stretch } from "./times-markup.ts";

/** Where a kind of span stands in a strip, in pixels from its top: shapes differ as colours do. */
export const shapes: Readonly<Record<SpanKind, { readonly y: number; readonly height: number }>> = {
  preflight: { y: 6, height: 6 },
  begin: { y: 6, height: 6 },
  snapshot: { y: 4, height: 10 },
  step: { y: 2, height: 14 },
  between: { y: 6, height: 6 },
  bake: { y: 2, height: 14 },
  wait: { y: 8, height: 2 },
  rollback: { y: 2, height: 14 },
  verify: { y: 2, height: 14 },
  recovery: { y: 2, height: 14 },
  harm: { y: 18, height: 6 },
};

/** What is short is still seen: percent of the width. */
const widthMin = 0.3;

/** Characters of a tooltip. */
const titleMax = 300;

export interface StripOptions {
  readonly scale: TimeScale;
  /** What it shows, for those who don't see it. */
  readonly says: string;
  /** Until when what goes on is drawn. */
  readonly nowMs: number;
  /** Id of the lines behind it; see `axis`. */
  readonly grid: string;
}

/** One lane: spans from left to right, as wide as its place allows. */
export function strip(
  spans: readonly Span[],
  marks: readonly Mark[],
  options: StripOptions,
): Markup {
  const { scale, says, grid, nowMs } = options;
  return markup`<svg class="strip" role="img" aria-label="${says}"><use href="#${grid}"/>${spans.map((span) => bar(span, scale, nowMs))}${marks.map((mark) => cross(mark, scale))}</svg>`;
}

function bar(span: Span, scale: TimeScale, nowMs: number): Piece {
  const { y, height } = shapes[span.kind];
  const { x, width } = extent(scale, span.fromMs, span.toMs ?? nowMs);
  const bad = span.tone === "bad" && span.kind !== "harm" ? " bad" : "";
  const title = `${clipped(span.text, titleMax)} (${stretch(span.fromMs, span.toMs)})`;
  return markup`<rect class="k-${span.kind}${bad}" x="${x}%" y="${y}" width="${width}%" height="${height}"><title>${title}</title></rect>`;
}

function cross({ atMs, text, tone }: Mark, scale: TimeScale): Piece {
  const shape = tone === "bad" ? "✖" : "◆";
  return markup`<text class="mark tone-${tone}" x="${percent(placeOf(scale, atMs))}%" y="14">${shape}<title>${clipped(text, titleMax)} (${clock(atMs)})</title></text>`;
}

/** Where a stretch stands, in percent, never too narrow to be seen. */
export function extent(
  scale: TimeScale,
  fromMs: number,
  toMs: number,
): { readonly x: string; readonly width: string } {
  const from = placeOf(scale, fromMs);
  const to = placeOf(scale, toMs);
  const width = Math.max(widthMin, to - from);
  return { x: percent(Math.min(from, 100 - width)), width: percent(width) };
}

/** Two digits behind the point are finer than any screen. */
export function percent(place: number): string {
  return String(Math.round(place * 100) / 100);
}

/** The times above strips, in UTC and in the zone, and the lines that the strips show behind them. */
export function axis(scale: TimeScale, timezone: string | null, grid: string): Markup {
  const ticks = ticksOf(scale);
  const folds = scale.pieces.filter((piece) => piece.folded);
  const lines = ticks.map(
    ({ place }) =>
      markup`<line class="tick" x1="${percent(place)}%" x2="${percent(place)}%" y1="0" y2="100%"/>`,
  );
  const gaps = folds.map(
    (piece) =>
      markup`<rect class="fold" x="${percent(piece.from)}%" width="${percent(piece.to - piece.from)}%" y="0" height="100%"/>`,
  );
  const labels = ticks.map(({ atMs, place }, index) => {
    const local = zoneTime(isoOf(atMs), timezone);
    const x = `${percent(place)}%`;
    const other = index % 2 === 1 ? " other" : "";
    // The zone stands beside the axis once, not at every time.
    const there = local === null ? null : local.slice(0, -1 - (timezone ?? "").length);
    return markup`<text class="utc${other}" x="${x}" y="12">${clock(atMs)}</text>${
      there === null
        ? null
        : markup`<text class="there${other}" x="${x}" y="26">${there.split(" ").at(-1) ?? ""}</text>`
    }`;
  });
  const cuts = folds.map((piece) => {
    const x = percent((piece.from + piece.to) / 2);
    return markup`<text class="cut" x="${x}%" y="19">⋯<title>nothing was at work from ${stretch(piece.fromMs, piece.toMs)}</title></text>`;
  });
  const height = timezone === null ? 18 : 32;
  return markup`<svg class="axis" height="${height}" aria-hidden="true"><defs><g id="${grid}">${gaps}${lines}</g></defs>${labels}${cuts}</svg>`;
}

/** Hatches for what must be told apart without colour; once in each page. */
export function patterns(): Markup {
  return markup`<svg class="patterns" width="0" height="0" aria-hidden="true" focusable="false"><defs>
<pattern id="hatch-bake" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="p-bake-ground" width="6" height="6"/><rect class="p-bake" width="3" height="6"/></pattern>
<pattern id="hatch-back" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><rect class="p-back-ground" width="6" height="6"/><rect class="p-back" width="3" height="6"/></pattern>
<pattern id="dots-verify" width="5" height="5" patternUnits="userSpaceOnUse"><rect class="p-back-ground" width="5" height="5"/><circle class="p-back" cx="2.5" cy="2.5" r="1.4"/></pattern>
<pattern id="cross-harm" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="p-harm-ground" width="5" height="5"/><rect class="p-harm" width="2.4" height="5"/><rect class="p-harm" width="5" height="1"/></pattern>
<pattern id="rows-unknown" width="4" height="4" patternUnits="userSpaceOnUse"><rect class="p-unknown-ground" width="4" height="4"/><rect class="p-unknown" width="4" height="2"/></pattern>
</defs></svg>`;
}

const legend: readonly (readonly [SpanKind, string])[] = [
  ["begin", "begins"],
  ["snapshot", "snapshot"],
  ["step", "step"],
  ["recovery", "recovery"],
  ["bake", "bake"],
  ["wait", "waits"],
  ["rollback", "rollback"],
  ["verify", "verified after it"],
  ["harm", "not as before"],
];

/** What the shapes mean. */
export function legendMarkup(): Markup {
  return markup`<ul class="legend" aria-label="What the shapes mean">${legend.map(
    ([kind, says]) => {
      const { height } = shapes[kind];
      return markup`<li><svg width="26" height="16" aria-hidden="true"><rect class="k-${kind}" x="1" y="${(16 - height) / 2}" width="24" height="${height}"/></svg>${says}</li>`;
    },
  )}<li><span class="mark-sample tone-bad" aria-hidden="true">✖</span>found wrong</li><li><span class="mark-sample tone-warning" aria-hidden="true">◆</span>wrong for a moment, or mended</li></ul>`;
}
