import { PassThrough } from "node:stream";

/**
 * A stream that says it is a terminal of this size, and what is to be read on it then: as much of a terminal as a
 * drawing uses. An unknown sequence is a fault of the test, or of the drawing.
 */
export function terminal(columns: number, rows: number) {
  let text = "";
  const stream = Object.assign(new PassThrough(), { columns, rows, isTTY: true });
  stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
  return {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is used of a terminal is there
    stream: stream as unknown as NodeJS.WriteStream,
    written: () => text,
    lines: (): readonly string[] => screenAfter(text, columns),
  };
}

// oxlint-disable-next-line no-control-regex -- what moves a cursor is looked for
const sequence = /\x1b\[([\d;?]*)([A-Za-z])|\x1b|\r|\n|[^\x1b\r\n]/gu;

/** Everything that stands on a screen, from its first line on, without empty lines and colours. */
function screenAfter(text: string, columns: number): readonly string[] {
  const lines: string[][] = [[]];
  let [row, column] = [0, 0];
  for (const [whole, digits = "", letter] of text.matchAll(sequence)) {
    const count = digits === "" ? 1 : Number(digits);
    if (whole === "\r") column = 0;
    else if (whole === "\n") row += 1;
    else if (letter === undefined) {
      if (column >= columns) throw new Error(`a line is longer than ${columns} columns`);
      const line = (lines[row] ??= []);
      while (line.length < column) line.push(" ");
      line[column] = whole;
      column += 1;
    } else if (letter === "A") row -= count;
    else if (letter === "B") row += count;
    else if (letter === "C") column += count;
    else if (letter === "K") (lines[row] ??= []).splice(column);
    else if (letter === "J") {
      (lines[row] ??= []).splice(column);
      lines.splice(row + 1);
    } else if (letter !== "m" && letter !== "h" && letter !== "l")
      throw new Error(`the screen knows no ${JSON.stringify(whole)}`);
    if (row < 0) throw new Error("the cursor left the screen");
    while (lines.length <= row) lines.push([]);
  }
  return lines.map((line) => line.join("").trimEnd()).filter((line) => line !== "");
}
