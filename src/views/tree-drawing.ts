import { setTimeout as sleep } from "node:timers/promises";
import { inAscii } from "./ascii.ts";
import { isInForeground, listenForStops } from "./job-control.ts";
import { painter, type Tone } from "./paint.ts";
import { repaint } from "./repaint.ts";
import { type CellLine, cells, clippedLine } from "./screen-cells.ts";
import { screenWriter } from "./screen-writer.ts";
import type { TreeLook, TreeRow } from "./tree-row.ts";

/** A tree on a terminal, drawn over itself. */
export interface Drawing {
  /** Something changed: the next drawing need not wait for the second to be over. */
  touch(): void;
  /** Draws for the last time, then leaves the tree on the screen. */
  end(rows: readonly TreeRow[]): Promise<void>;
}

export interface DrawingOptions {
  readonly output: NodeJS.WriteStream;
  readonly errors: NodeJS.WriteStream;
  readonly color: boolean;
  /** Only signs of ASCII; default: any. */
  readonly ascii?: boolean | undefined;
  /** What is said below the tree where Ctrl-Z stops the process. */
  readonly stopWords?: () => string;
}

/** Milliseconds that a terminal has to take the last words before a stop. */
const stopMaxMs = 500;

/** Milliseconds between two drawings while things happen, and while only clocks go on. */
const tickMs = 250;
const idleMs = 1_000;

/** Columns and lines where a terminal does not say how many it has. */
const columnsDefault = 80;
const linesDefault = 24;

const hideCursor = "\u001B[?25l";
const showCursor = "\u001B[?25h";
const clearBelow = "\u001B[J";

/**
 * Draws what `look` gives, at most four times a second, and never while the screen has not taken the last
 * drawing yet, nor while the terminal is another job's.
 */
export function startDrawing(options: DrawingOptions, look: () => readonly TreeRow[]): Drawing {
  const { output } = options;
  const paint = painter(options.color);
  const plainly = output.write.bind(output);
  const screen = screenWriter(output, (text) => plainly(text));
  const held = [holdBack(output), holdBack(options.errors)];
  let shown: readonly CellLine[] = [];
  let touched = true;
  let drawnMs = -Infinity;
  let away = false;
  const draw = (rows: readonly TreeRow[]): void => {
    const { columns, lines } = screenOf(output);
    const next = treeLines(rows, { columns, ascii: options.ascii }).slice(0, lines);
    const text = repaint(shown, next, paint);
    if (text !== "") screen.write(text);
    shown = next;
  };
  const afresh = (): void => {
    if (away) return;
    screen.write(clearBelow);
    shown = [];
    draw(look());
  };
  const comeBack = (): void => {
    away = !isInForeground(output);
    if (away) return;
    screen.write(`\r${hideCursor}`);
    afresh();
  };
  const below = (): string => `${"\r\n".repeat(shown.length === 0 ? 0 : 1)}${showCursor}`;
  const farewell = (): string =>
    `${shown.length > 1 ? `\u001B[${shown.length - 1}B` : ""}${below()}`;
  const tick = setInterval(() => {
    const nowMs = performance.now();
    if (away) {
      // A shell lets a job that runs come to the foreground without telling it.
      comeBack();
      return;
    }
    if (screen.isBusy || (!touched && nowMs - drawnMs < idleMs)) return;
    touched = false;
    drawnMs = nowMs;
    draw(look());
  }, tickMs);
  const leave = (): void => {
    // A process that goes in the middle of it must not leave the terminal without a cursor.
    if (!away) plainly(farewell());
  };
  const stops = listenForStops({
    async stop() {
      if (away) return;
      const words = options.stopWords?.() ?? "";
      screen.write(`${farewell()}${words === "" ? "" : `${words}\r\n`}`);
      away = true;
      shown = [];
      await Promise.race([screen.idle(), sleep(stopMaxMs, undefined, { ref: false })]);
    },
    goOn: comeBack,
  });
  output.on("resize", afresh);
  process.once("exit", leave);
  comeBack();
  return {
    touch() {
      touched = true;
    },
    async end(rows) {
      clearInterval(tick);
      stops[Symbol.dispose]();
      output.off("resize", afresh);
      draw(rows);
      screen.write(farewell());
      await screen.idle();
      process.off("exit", leave);
      for (const release of held) release();
    },
  };
}

/** How much a terminal shows; one line is left for its cursor. */
export function screenOf({ columns = 0, rows = 0 }: { columns?: number; rows?: number }) {
  return {
    columns: columns === 0 ? columnsDefault : columns,
    lines: Math.max(1, (rows === 0 ? linesDefault : rows) - 1),
  };
}

/** Keeps what is written to a stream until the function that it gives is called. */
function holdBack(stream: NodeJS.WriteStream): () => void {
  const kept: (string | Uint8Array)[] = [];
  const write = stream.write.bind(stream);
  stream.write = (chunk: string | Uint8Array, ...rest: readonly unknown[]): boolean => {
    kept.push(chunk);
    const done = rest.at(-1);
    if (typeof done === "function") queueMicrotask(() => done());
    return true;
  };
  return () => {
    stream.write = write;
    for (const chunk of kept) stream.write(chunk);
  };
}

/** The lines of a tree, each on one line of the screen. Its last column stays free: some terminals wrap there. */
export function treeLines(
  rows: readonly TreeRow[],
  { columns, ascii = false }: { readonly columns: number; readonly ascii?: boolean | undefined },
  level = 0,
): CellLine[] {
  const shown = (text: string): string => (ascii ? inAscii(text) : text);
  return rows.flatMap((row) => [
    clippedLine(
      [
        ...cells("plain", "  ".repeat(level)),
        ...cells(iconTones[row.look], shown(icons[row.look])),
        ...cells(tones[row.look], shown(` ${row.title}`)),
      ],
      columns - 1,
      shown("…"),
    ),
    ...treeLines(row.children, { columns, ascii }, level + 1),
  ]);
}

/** Each look has a sign of its own, for screens and eyes without colour. */
const icons: Readonly<Record<TreeLook, string>> = {
  waiting: "·",
  running: "▸",
  back: "←",
  paused: "‖",
  stopped: "■",
  good: "✔",
  bad: "✖",
  skipped: "↓",
};

const iconTones: Readonly<Record<TreeLook, Tone>> = {
  waiting: "quiet",
  running: "strong",
  back: "warning",
  paused: "warning",
  stopped: "warning",
  good: "good",
  bad: "bad",
  skipped: "quiet",
};

const tones: Readonly<Record<TreeLook, Tone>> = {
  waiting: "quiet",
  running: "plain",
  back: "warning",
  paused: "warning",
  stopped: "plain",
  good: "plain",
  bad: "bad",
  skipped: "quiet",
};
