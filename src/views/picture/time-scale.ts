/**
 * Where a time stands on a drawing, in percent of its width. A rollout works for minutes and waits for
 * hours: long stretches in which nothing was at work are folded to a narrow piece, so that the rest
 * can be seen.
 */
export interface TimeScale {
  readonly fromMs: number;
  readonly toMs: number;
  /** Side by side, without a gap; never empty. */
  readonly pieces: readonly ScalePiece[];
}

export interface ScalePiece {
  readonly fromMs: number;
  readonly toMs: number;
  /** Percent of the width. */
  readonly from: number;
  readonly to: number;
  readonly folded: boolean;
}

interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Stretches without work that are folded, the longest ones. */
const foldsMax = 6;
/** Percent of the width that a folded stretch takes. */
const foldWidth = 3;
/** Shorter than this, or than this share of all the work, a stretch stays as it is. */
const foldMinMs = 60_000;
const foldMinShare = 0.25;

/** The scale over all this work, from the first to the last of it. */
export function scaleOver(work: readonly Stretch[]): TimeScale {
  const busy = merged(work);
  const [first] = busy;
  const last = busy.at(-1);
  if (first === undefined || last === undefined) return evenScale(0, 1);
  const fromMs = first.fromMs;
  const toMs = Math.max(last.toMs, fromMs + 1);
  const workMs = busy.reduce((sum, it) => sum + it.toMs - it.fromMs, 0);
  const worthMs = Math.max(foldMinMs, workMs * foldMinShare);
  const gaps = busy
    .slice(1)
    .map((it, index): Stretch => ({ fromMs: busy[index]!.toMs, toMs: it.fromMs }))
    .filter((gap) => lengthOf(gap) > worthMs)
    .sort((a, b) => lengthOf(b) - lengthOf(a))
    .slice(0, foldsMax)
    .sort((a, b) => a.fromMs - b.fromMs);
  if (gaps.length === 0) return evenScale(fromMs, toMs);
  const openMs = toMs - fromMs - gaps.reduce((sum, gap) => sum + lengthOf(gap), 0);
  const perMs = (100 - gaps.length * foldWidth) / Math.max(1, openMs);
  const pieces: ScalePiece[] = [];
  let at = 0;
  let ms = fromMs;
  const add = (untilMs: number, width: number, folded: boolean): void => {
    const to = Math.min(100, at + width);
    pieces.push({ fromMs: ms, toMs: untilMs, from: at, to, folded });
    at = to;
    ms = untilMs;
  };
  for (const gap of gaps) {
    add(gap.fromMs, (gap.fromMs - ms) * perMs, false);
    add(gap.toMs, foldWidth, true);
  }
  add(toMs, (toMs - ms) * perMs, false);
  return { fromMs, toMs, pieces };
}

function evenScale(fromMs: number, toMs: number): TimeScale {
  return { fromMs, toMs, pieces: [{ fromMs, toMs, from: 0, to: 100, folded: false }] };
}

function lengthOf({ fromMs, toMs }: Stretch): number {
  return toMs - fromMs;
}

/** Sorted, without overlap. */
function merged(work: readonly Stretch[]): readonly Stretch[] {
  const all: { fromMs: number; toMs: number }[] = [];
  for (const it of [...work].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = all.at(-1);
    const toMs = Math.max(it.fromMs, it.toMs);
    if (last === undefined || it.fromMs > last.toMs) all.push({ fromMs: it.fromMs, toMs });
    else last.toMs = Math.max(last.toMs, toMs);
  }
  return all;
}

/** Percent of the width, from 0 to 100; what lies outside stands at the edge. */
export function placeOf(scale: TimeScale, ms: number): number {
  if (ms <= scale.fromMs) return 0;
  for (const piece of scale.pieces) {
    if (ms > piece.toMs) continue;
    const share = (ms - piece.fromMs) / Math.max(1, piece.toMs - piece.fromMs);
    return piece.from + (piece.to - piece.from) * share;
  }
  return 100;
}

export interface Tick {
  readonly atMs: number;
  readonly place: number;
}

const second = 1_000;
const minute = 60_000;
const hour = 3_600_000;
const tickSteps = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minute),
  ...[1, 2, 3, 6, 12, 24, 48, 168].map((count) => count * hour),
];

/** Two labels stand at least this far apart, in percent. */
const tickApart = 11;
/** A label at the very edge would be cut. */
const tickEdge = 5;

/** Round times to write on an axis, none within a fold, far enough apart to be read. */
export function ticksOf(scale: TimeScale): readonly Tick[] {
  const open = scale.pieces.filter((piece) => !piece.folded);
  const openMs = open.reduce((sum, piece) => sum + piece.toMs - piece.fromMs, 0);
  const width = open.reduce((sum, piece) => sum + piece.to - piece.from, 0);
  const leastMs = (openMs / Math.max(1, width)) * tickApart;
  const stepMs = tickSteps.find((step) => step >= leastMs) ?? Math.ceil(leastMs / hour) * hour;
  const ticks: Tick[] = [];
  for (const piece of open) {
    const firstMs = Math.ceil(piece.fromMs / stepMs) * stepMs;
    for (let atMs = firstMs; atMs <= piece.toMs; atMs += stepMs) {
      const place = placeOf(scale, atMs);
      const last = ticks.at(-1);
      if (place < tickEdge || place > 100 - tickEdge) continue;
      if (last !== undefined && place - last.place < tickApart * 0.8) continue;
      ticks.push({ atMs, place });
    }
  }
  return ticks;
}
