import { z } from "zod";
import type { DocumentPath } from "./problem.ts";
import { quoted, quotedList } from "./quoted.ts";
import { valueAt } from "./raw.ts";
import { nearest, nearestName } from "./suggest.ts";

/** An issue as zod gives it, with the fields that are read here. */
export interface Issue {
  readonly code: string;
  readonly path: DocumentPath;
  readonly message: string;
  readonly expected?: string;
  readonly keys?: readonly string[];
  readonly values?: readonly unknown[];
  readonly minimum?: number | bigint;
  readonly maximum?: number | bigint;
  readonly origin?: string;
  readonly inclusive?: boolean;
  readonly errors?: readonly (readonly Issue[])[];
  readonly issues?: readonly Issue[];
}

export interface Report {
  readonly path: DocumentPath;
  readonly on: "key" | "value";
  readonly message: string;
  readonly suggestion: string | null;
  /** The report is that something is not there. */
  readonly missing: boolean;
  /** The report is that there is not enough of something. */
  readonly tooShort: boolean;
  /** The key that was meant by one that is misspelled. */
  readonly meant: string | null;
}

/** Marks a message that carries the keys of an object instead of words for people. */
const mark = "\u001e";

/**
 * Given to zod for every issue that no schema words itself: remembers which keys there could have
 * been, because the issue that comes out does not say.
 */
export const issueHints: z.core.$ZodErrorMap = (issue) => {
  const keys = issue.inst instanceof z.ZodObject ? Object.keys(issue.inst.shape) : [];
  return mark + keys.join(mark);
};

/** What to say of an issue, in the words of the plan, and which parts to take out of it. */
export function wordsOf(
  issue: Issue,
  raw: unknown,
  written: (path: DocumentPath) => string | null,
): { readonly reports: readonly Report[]; readonly remove: readonly DocumentPath[] } {
  const leaves = leavesOf(issue, raw);
  return {
    reports: leaves.flatMap((leaf) => reportsOf(leaf, raw, written)),
    remove: leaves.flatMap((leaf) =>
      leaf.code === "unrecognized_keys"
        ? (leaf.keys ?? []).map((key) => [...leaf.path, key])
        : [leaf.path],
    ),
  };
}

/** Of the alternatives of a union, the one that was meant: whose outer shape fits what is there. */
function leavesOf(issue: Issue, raw: unknown): readonly Issue[] {
  if (issue.code !== "invalid_union" || issue.errors === undefined) return [issue];
  const fitting = issue.errors.filter((errors) => !errors.some((one) => isRootMismatch(one)));
  const [meant] = [...fitting].sort((a, b) => strangeness(a) - strangeness(b));
  if (meant === undefined || meant.length === 0) return [issue];
  return meant.flatMap((one) => leavesOf({ ...one, path: [...issue.path, ...one.path] }, raw));
}

/** Fewer issues are nearer to what was meant; a key that is only misspelled is nearest. */
function strangeness(issues: readonly Issue[]): number {
  const near = issues.filter((issue) =>
    issue.keys?.some((key) => nearestName(key, knownKeys(issue)) !== null),
  );
  return issues.length - 2 * near.length;
}

function isRootMismatch(issue: Issue): boolean {
  return issue.path.length === 0 && issue.code !== "unrecognized_keys";
}

function reportsOf(
  issue: Issue,
  raw: unknown,
  written: (path: DocumentPath) => string | null,
): readonly Report[] {
  const { path } = issue;
  if (issue.code === "unrecognized_keys")
    return (issue.keys ?? []).map((key) => unknownKey(issue, key, raw));
  const value = valueAt(raw, path);
  const subject = subjectOf(path);
  if (value === undefined && path.length > 0) {
    const message = `${subject} is missing`;
    return [
      { path, on: "value", message, suggestion: null, missing: true, tooShort: false, meant: null },
    ];
  }
  const [must, suggestion] = expectation(issue, value, written(path));
  // A sentence of a schema's own that does not say what "must" be stands by itself.
  const message = /^(must|needs?|can't|is) /.test(must)
    ? `${subject} ${must}, and is ${quoted(value)}`
    : `${subject}: ${must}`;
  const on = issue.code === "invalid_key" ? "key" : "value";
  const tooShort = issue.code === "too_small";
  return [{ path, on, message, suggestion, missing: false, tooShort, meant: null }];
}

function unknownKey(issue: Issue, key: string, raw: unknown): Report {
  const known = knownKeys(issue);
  const owner = issue.path.length === 0 ? "here" : `in ${ownerOf(issue.path, raw)}`;
  const braces = key.startsWith("{") ? "Handrail writes ${name}, not {{ name }}" : null;
  return {
    path: [...issue.path, key],
    on: "key",
    message: `${quoted(key)} is not a key ${owner}`,
    suggestion: braces ?? nearest(key, known) ?? keysThereAre(known),
    missing: false,
    tooShort: false,
    meant: nearestName(key, known),
  };
}

function keysThereAre(known: readonly string[]): string | null {
  return known.length === 0 ? null : `the keys are ${quotedList(known, 24)}`;
}

function knownKeys(issue: Issue): readonly string[] {
  if (!issue.message.startsWith(mark)) return [];
  return issue.message.split(mark).filter((key) => key !== "");
}

/** "timeout", or `entry 2 of "batches"` for a list. */
function subjectOf(path: DocumentPath): string {
  const last = path.at(-1);
  if (last === undefined) return "the file";
  if (typeof last === "string") return quoted(last);
  return `entry ${last + 1} of ${subjectOf(path.slice(0, -1))}`;
}

/** `the step "restart"` where the entry has a name, `entry 2 of "steps"` where it has none. */
function ownerOf(path: DocumentPath, raw: unknown): string {
  const name = valueAt(raw, [...path, "name"]);
  const list = path.at(-2);
  if (typeof path.at(-1) !== "number" || typeof list !== "string") return subjectOf(path);
  if (typeof name !== "string" || !list.endsWith("s")) return subjectOf(path);
  return `the ${list.slice(0, -1)} ${quoted(name)}`;
}

function expectation(
  issue: Issue,
  value: unknown,
  written: string | null,
): readonly [string, string | null] {
  if (!issue.message.startsWith(mark)) {
    const hint = unitHint(issue.message, value) ?? quoteHint(issue, value, written);
    return [issue.message, hint ?? alternative(issue, value)];
  }
  switch (issue.code) {
    case "invalid_type":
      return [`must be ${typeWords(issue.expected)}`, quoteHint(issue, value, written)];
    case "invalid_value": {
      const values = (issue.values ?? []).map(String);
      if (
        typeof value === "string" &&
        !(issue.values ?? []).includes(value) &&
        values.includes(value)
      ) {
        return [`must not be in quotes`, `write ${value}`];
      }
      const near = typeof value === "string" ? nearest(value, values) : null;
      return [`must be ${oneOf(values)}`, near];
    }
    case "too_small":
      return [`must be at least ${amount(issue.minimum, issue.origin)}`, null];
    case "too_big":
      return [`must be at most ${amount(issue.maximum, issue.origin)}`, null];
    case "invalid_key": {
      const inner = issue.issues?.[0];
      const own = inner !== undefined && !inner.message.startsWith(mark) ? inner.message : null;
      return [own ?? "is not a name that can be used here", null];
    }
    default:
      return ["is not written as it must be", null];
  }
}

/** The nearest of the fixed words that a union offers beside its other shapes. */
function alternative(issue: Issue, value: unknown): string | null {
  const words = (issue.errors ?? []).flat().flatMap((one) => one.values ?? []);
  return typeof value === "string" ? nearest(value, words.map(String)) : null;
}

function unitHint(message: string, value: unknown): string | null {
  if (!message.startsWith("must be a duration") || !/^\d+(\.\d+)?$/.test(String(value)))
    return null;
  return `write ${quoted(`${String(value)}s`)} for seconds`;
}

function quoteHint(issue: Issue, value: unknown, written: string | null): string | null {
  if (issue.expected !== "string" || (typeof value !== "number" && typeof value !== "boolean"))
    return null;
  return `put it in quotes: ${quoted(written ?? String(value))}`;
}

function typeWords(expected: string | undefined): string {
  switch (expected) {
    case "string":
      return "a text";
    case "number":
    case "int":
      return "a number";
    case "boolean":
      return "true or false";
    case "array":
      return "a list";
    case "object":
    case "record":
      return "a mapping of keys and values";
    case undefined:
      return "of another kind";
    default:
      return `of the kind ${quoted(expected)}`;
  }
}

function oneOf(values: readonly string[]): string {
  if (values.length === 1) return quoted(values[0]);
  return `one of ${quotedList(values, 24).replace(/ and (?="[^"]*"$)/, " or ")}`;
}

function amount(limit: number | bigint | undefined, origin: string | undefined): string {
  if (origin === "string") return `${limit} characters long`;
  if (origin === "array" || origin === "record") return `${limit} long`;
  return String(limit);
}
