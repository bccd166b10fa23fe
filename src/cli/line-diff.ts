import { Buffer } from "node:buffer";
import { structuredPatch } from "diff";
import type { LineDiff } from "../views/foreseen.ts";
import { clipped } from "../views/wording.ts";

/** Lines of one diff that are kept, and characters of one line. */
const linesMax = 400;
const lineMax = 300;

/** Changed lines beyond which two files are no edit of each other: the search for one costs their square. */
const editsMax = 2000;

/** Lines around a change, as in `diff -u`. */
const context = 3;

/** Text for people, one character a byte where it is not UTF-8 (as `\xHH`); null: it is binary. */
export function textOf(bytes: Uint8Array): string | null {
  if (bytes.includes(0)) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return Buffer.from(bytes)
      .toString("latin1")
      .replace(
        /[\u0080-\u00ff]/g,
        (one) => String.raw`\x` + one.charCodeAt(0).toString(16).padStart(2, "0"),
      );
  }
}

/** The unified diff of two texts; null: too much of it is another. */
export function lineDiff(before: string, after: string): LineDiff | null {
  const patch = structuredPatch("", "", before, after, undefined, undefined, {
    context,
    maxEditLength: editsMax,
  });
  if (patch === undefined) return null;
  const lines = patch.hunks.flatMap((hunk) => [
    `@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`,
    ...hunk.lines,
  ]);
  const count = (sign: string) =>
    patch.hunks.reduce((sum, hunk) => sum + hunk.lines.filter((it) => it[0] === sign).length, 0);
  return {
    added: count("+"),
    removed: count("-"),
    lines: lines.slice(0, linesMax).map((line) => clipped(line, lineMax)),
    more: Math.max(0, lines.length - linesMax),
  };
}

/** Lines in a text: what an editor would count. */
export function linesIn(text: string): number {
  return text === "" ? 0 : text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
}
