import { printable } from "../core/printable.ts";
import { inAscii } from "./ascii.ts";
import { type Paint, painter, type Tone } from "./paint.ts";

/** A piece of text for people: a heading, a paragraph, or a row with a column of names. */
export type Block =
  | { readonly kind: "heading"; readonly text: string; readonly tone?: Tone }
  | {
      readonly kind: "text";
      readonly text: string;
      readonly tone?: Tone;
      /** Columns of two spaces. */
      readonly level?: number;
      /** Put before the first line; further lines stand below its end. */
      readonly bullet?: string;
    }
  /** Printed as it is, never wrapped: host output, commands. */
  | {
      readonly kind: "verbatim";
      readonly text: string;
      readonly level?: number;
      readonly tone?: Tone;
    }
  | {
      readonly kind: "rows";
      readonly rows: readonly (readonly [string, string])[];
      readonly tone?: Tone;
      readonly level?: number;
    }
  | { readonly kind: "gap" };

export interface PageOptions {
  /** Lines are wrapped at this many columns; null: never. */
  readonly columns: number | null;
  readonly color: boolean;
  /** Only signs of ASCII; default: any. */
  readonly ascii?: boolean;
}

/** For a file or a pipe. */
export const plainPage: PageOptions = { columns: null, color: false };

/** Narrower than this, wrapped text is harder to read than text that runs over. */
const columnsMin = 30;

/** Lays blocks out below each other. All text is made safe to print. Ends with a newline. */
export function layOut(
  blocks: readonly Block[],
  { columns, color, ascii = false }: PageOptions,
): string {
  const width = columns === null ? null : Math.max(columnsMin, columns - 1);
  const paint = painter(color);
  const shown = ascii ? blocks.map(blockInAscii) : blocks;
  return `${shown.flatMap((block) => linesOf(block, width, paint)).join("\n")}\n`;
}

function blockInAscii(block: Block): Block {
  switch (block.kind) {
    case "gap":
      return block;
    case "rows":
      return { ...block, rows: block.rows.map(([name, text]) => [inAscii(name), inAscii(text)]) };
    case "text":
      return { ...block, text: inAscii(block.text), bullet: inAscii(block.bullet ?? "") };
    case "heading":
    case "verbatim":
      return { ...block, text: inAscii(block.text) };
  }
}

function linesOf(block: Block, width: number | null, paint: Paint): readonly string[] {
  switch (block.kind) {
    case "gap":
      return [""];
    case "heading":
      return wrapped(printable(block.text), width).map((line) =>
        paint("strong", paint(block.tone ?? "plain", line)),
      );
    case "text": {
      const indent = indentOf(block.level);
      const bullet = block.bullet ?? "";
      return wrapped(printable(block.text), left(width, indent.length + bullet.length)).map(
        (line, index) =>
          indent +
          (index === 0 ? bullet : " ".repeat(bullet.length)) +
          paint(block.tone ?? "plain", line),
      );
    }
    case "verbatim": {
      const indent = indentOf(block.level);
      return printable(block.text)
        .split("\n")
        .map((line) => indent + paint(block.tone ?? "plain", line));
    }
    case "rows":
      return rowLines(block, width, paint);
  }
}

/** A column of names and one of text; below each other where there is no room side by side. */
function rowLines(
  { rows, level, tone }: Extract<Block, { kind: "rows" }>,
  width: number | null,
  paint: Paint,
): readonly string[] {
  const indent = indentOf(level);
  const names = rows.map(([name]) => printable(name));
  const first = Math.max(0, ...names.map((name) => name.length));
  const beside = width === null || width - indent.length - first - 2 >= besideMin;
  return rows.flatMap(([, text], index) => {
    const name = names[index]!;
    const painted = paint(tone ?? "strong", beside ? name.padEnd(first) : name);
    if (!beside) {
      const below = wrapped(printable(text), left(width, indent.length + 2));
      const title = name === "" ? [] : [indent + painted];
      return [...title, ...below.map((line) => `${indent}  ${line}`)];
    }
    const lines = wrapped(printable(text), left(width, indent.length + first + 2));
    const gap = " ".repeat(first);
    return lines.map((line, at) => `${indent}${at === 0 ? painted : gap}  ${line}`.trimEnd());
  });
}

/** Columns that text beside a name needs. */
const besideMin = 24;

function indentOf(level = 0): string {
  return "  ".repeat(level);
}

function left(width: number | null, used: number): number | null {
  return width === null ? null : Math.max(besideMin, width - used);
}

/** Breaks at spaces; a word that is longer than a line stays whole, so that it can be copied. */
function wrapped(text: string, width: number | null): readonly string[] {
  if (width === null) return text.split("\n");
  return text.split("\n").flatMap((paragraph) => {
    const lines: string[] = [];
    let line = "";
    for (const word of paragraph.split(" ")) {
      if (line !== "" && line.length + 1 + word.length > width) {
        lines.push(line);
        line = word;
      } else line = line === "" ? word : `${line} ${word}`;
    }
    return [...lines, line];
  });
}
