import type { DocumentPath } from "./problem.ts";
import { quoted, quotedList } from "./quoted.ts";
import { isMapping } from "./raw.ts";
import type { Reviewed } from "./reviewed.ts";

/** Exactly one kind must stand in a step, an action, an undo, a probe, a metric and a notice. */
export function reviewKind(
  { plan: read }: Reviewed,
  path: DocumentPath,
  options: {
    readonly kinds: readonly string[];
    readonly others: readonly string[];
    readonly what: string;
  },
): void {
  const { kinds, others, what } = options;
  const value = read.raw(path);
  if (!isMapping(value)) return;
  const keys = Object.keys(value);
  const present = keys.filter((key) => kinds.includes(key));
  const [first, second] = present;
  const who = nameOf(value, what);
  if (first !== undefined && second !== undefined) {
    const message = `${who} has two kinds, ${quoted(first)} and ${quoted(second)}`;
    read.report([...path, second], message, `make two of it, each with one`, "key");
  }
  // A key that is no key at all was reported, and may well be the kind, misspelled.
  const misspelled = keys.some((key) => !kinds.includes(key) && !others.includes(key));
  if (first === undefined && !misspelled) {
    read.report(path, `${who} does not say what to do`, `give it one of ${quotedList(kinds, 12)}`);
  }
}

function nameOf(value: Readonly<Record<string, unknown>>, what: string): string {
  return typeof value["name"] === "string"
    ? `the ${what} ${quoted(value["name"])}`
    : `this ${what}`;
}
