import { type Cell, type CellLine, widthOf } from "./screen-cells.ts";
import type { Paint } from "./paint.ts";

/**
 * What to write so that a screen which shows `before` shows `after`: only what differs. The cursor stands in
 * the first column of the first line, before and afterwards: there a terminal that changes its size keeps it
 * beside the drawing, however it wraps what stood there.
 */
export function repaint(
  before: readonly CellLine[],
  after: readonly CellLine[],
  paint: Paint,
): string {
  let text = "";
  let row = 0;
  const goTo = (line: number): void => {
    // Only a newline makes room at the bottom of the screen.
    const down = Math.min(line, Math.max(row, before.length - 1)) - row;
    if (down > 0) text += `\u001B[${down}B`;
    text += "\r\n".repeat(line - row - down);
    row = line;
  };
  after.forEach((line, index) => {
    const change = changeOf(before[index] ?? [], line, paint);
    if (change === "" && index < before.length) return;
    goTo(index);
    text += change;
    if (change !== "") text += "\r";
  });
  if (after.length < before.length) {
    goTo(after.length);
    text += "\u001B[J";
  }
  return row === 0 ? text : `${text}\u001B[${row}A`;
}

/** From the first column of a line: goes to what differs, and writes it; "" where nothing does. */
function changeOf(before: CellLine, after: CellLine, paint: Paint): string {
  let from = 0;
  while (from < after.length && same(before[from], after[from])) from += 1;
  if (from === after.length && from === before.length) return "";
  // Where every character takes one column, what stands behind a change needs no drawing again.
  const plain = [...before, ...after].every(({ width }) => width === 1);
  let to = after.length;
  if (plain && before.length === after.length)
    while (to > from && same(before[to - 1], after[to - 1])) to -= 1;
  const skipped = plain ? from : 0;
  const column = widthOf(after.slice(0, skipped));
  const move = column === 0 ? "" : `\u001B[${column}C`;
  const clear = plain && before.length <= after.length ? "" : "\u001B[K";
  return `${move}${painted(after.slice(skipped, to), paint)}${clear}`;
}

/** Neighbours of one colour are painted together. */
function painted(line: CellLine, paint: Paint): string {
  let text = "";
  for (let from = 0; from < line.length;) {
    const { tone } = line[from]!;
    let to = from;
    let run = "";
    while (line[to]?.tone === tone) {
      run += line[to]!.text;
      to += 1;
    }
    text += paint(tone, run);
    from = to;
  }
  return text;
}

function same(a: Cell | undefined, b: Cell | undefined): boolean {
  return a?.text === b?.text && a?.tone === b?.tone;
}
