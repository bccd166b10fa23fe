import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { FileSeen } from "../core/file-seen.ts";
import type { Redactor } from "../core/redact.ts";
import type { LineDiff } from "../views/foreseen.ts";
import { counted, size } from "../views/wording.ts";
import { lineDiff, linesIn, textOf } from "./line-diff.ts";

/** What the content of a file would become. `says` is for people, without the file's name. */
export interface Compared {
  readonly is: "same" | "other" | "unknown";
  readonly says: string;
  readonly diff: LineDiff | null;
}

export interface Comparer {
  files(before: Extract<FileSeen, { is: "file" }>, after: Uint8Array): Compared;
  /** "text, 12 lines" or "binary, 12 kB". */
  kindOf(content: Uint8Array): string;
}

/**
 * Compares contents, and remembers: many instances have the same file. `redactor`: strikes secrets
 * out before anything is shown; null: they could not be had, so no line is shown at all.
 */
export function comparer(redactor: Redactor | null): Comparer {
  const known = new Map<string, Compared>();
  return {
    kindOf,
    files(before, after) {
      if (before.same === true) return same;
      if (before.content === null) return unread(before, after);
      if (Buffer.from(after).equals(before.content)) return same;
      const key = `${sum(before.content)} ${sum(after)}`;
      const result = known.get(key) ?? compared(before.content, after, redactor);
      known.set(key, result);
      return result;
    },
  };
}

/** The content and the rights that would change, in one line. */
export function changeWords({ is, says }: Compared, rights: readonly string[]): string {
  return [is === "same" ? "same content" : says, ...rights].join("; ");
}

const same: Compared = { is: "same", says: "", diff: null };

/** Not all of it is known; but another size, or another sum, is another content. */
function unread(before: Extract<FileSeen, { is: "file" }>, after: Uint8Array): Compared {
  const isOther = before.size !== after.length || before.same === false;
  const kind = textOf(after) === null ? "binary, " : "";
  const sizes = sizeWords(before.size, after.length);
  const why = before.why === "" ? "" : `; not shown: ${before.why}`;
  if (isOther) return { is: "other", says: `${kind}${sizes}${why}`, diff: null };
  return { is: "unknown", says: `nobody compared it: ${before.why}`, diff: null };
}

function compared(before: Uint8Array, after: Uint8Array, redactor: Redactor | null): Compared {
  const texts = [textOf(before), textOf(after)] as const;
  const [old, next] = texts;
  if (old === null || next === null) {
    return { is: "other", says: `binary, ${sizeWords(before.length, after.length)}`, diff: null };
  }
  const clean = (text: string): string => redactor?.redactDeep(text) ?? text;
  const diff = lineDiff(clean(old), clean(next));
  if (diff === null) {
    const says = `${counted(linesIn(old), "line")} → ${linesIn(next)}, too many of them other ones to show`;
    return { is: "other", says, diff: null };
  }
  if (diff.added + diff.removed === 0)
    return { is: "other", says: "only a secret in it would be another one", diff: null };
  const words = `+${diff.added} −${diff.removed} ${diff.added + diff.removed === 1 ? "line" : "lines"}`;
  if (redactor !== null) return { is: "other", says: words, diff };
  const says = `${words}; not shown: the plan's secrets can't be had, to strike them out`;
  return { is: "other", says, diff: null };
}

function sizeWords(before: number, after: number): string {
  return before === after ? `${size(after)}, other content` : `${size(before)} → ${size(after)}`;
}

function kindOf(content: Uint8Array): string {
  const text = textOf(content);
  if (text === null) return `binary, ${size(content.length)}`;
  return `text, ${counted(linesIn(text), "line")}, ${size(content.length)}`;
}

function sum(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
