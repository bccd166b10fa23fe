import type { Tone } from "./paint.ts";

/** One character as a reader sees it, and its colour. */
export interface Cell {
  readonly text: string;
  readonly tone: Tone;
  /** Columns that it takes on a screen: 0, 1 or 2. */
  readonly width: number;
}

export type CellLine = readonly Cell[];

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

const wide =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303E\uFF01-\uFF60\uFFE0-\uFFE6\p{Emoji_Presentation}\uFE0F]/u;
const narrow = /^[\p{M}\p{Cf}]/u;

/** The characters of a text that is safe to print. */
export function cells(tone: Tone, text: string): CellLine {
  return Array.from(segmenter.segment(text), ({ segment }) => ({
    text: segment,
    tone,
    width: wide.test(segment) ? 2 : narrow.test(segment) ? 0 : 1,
  }));
}

export function widthOf(line: CellLine): number {
  return line.reduce((sum, cell) => sum + cell.width, 0);
}

/** Cuts a line to so many columns, with an ellipsis in the last of them, or in as many as it has characters. */
export function clippedLine(line: CellLine, columns: number, ellipsis = "…"): CellLine {
  if (widthOf(line) <= columns) return line;
  const kept: Cell[] = [];
  let left = Math.max(0, columns - ellipsis.length);
  for (const cell of line) {
    left -= cell.width;
    if (left < 0) break;
    kept.push(cell);
  }
  const tone = line[kept.length]?.tone ?? "plain";
  return [...kept, ...cells(tone, ellipsis.slice(0, columns))];
}
