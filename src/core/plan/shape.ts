import type { z } from "zod";
import type { DocumentPath, Problem } from "./problem.ts";
import { isMapping, originOf, removeAt, valueAt } from "./raw.ts";
import type { Source } from "./source.ts";
import { issueHints, wordsOf, type Issue, type Report } from "./wording.ts";

/** How often the unreadable parts are taken out before the rest counts as unreadable too. */
const roundsMax = 12;

/** What a document says, as far as it can be read, and everything about its shape that is wrong. */
export interface Shape<T> {
  /** null when not even the rest could be read. Complete only when there are no problems. */
  readonly value: T | null;
  readonly problems: readonly Problem[];
  /** From a path in `value` to the path in the document, which differ once list entries are out. */
  readonly origin: (path: DocumentPath) => DocumentPath;
}

/**
 * Reads a document by a schema. Parts that do not fit are reported, taken out, and the rest is
 * read again, so that the review of what the parts mean together still sees everything else.
 * `placeholders` stand in for missing keys of the root while that review runs.
 */
export function readShape<T>(
  schema: z.ZodType<T>,
  source: Source,
  placeholders: Readonly<Record<string, unknown>>,
): Shape<T> {
  const problems: Problem[] = [];
  let raw: unknown = source.value;
  const origin = (path: DocumentPath): DocumentPath => originOf(raw, path);
  for (let round = 0; round < roundsMax; round += 1) {
    const result = schema.safeParse(raw, { error: issueHints });
    if (result.success) return { value: result.data, problems, origin };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- plain data has no symbol keys
    const words = (result.error.issues as readonly Issue[]).map((issue) =>
      wordsOf(issue, raw, (path) => source.written(origin(path))),
    );
    for (const report of withoutEchoes(
      words.flatMap((one) => one.reports),
      round === 0,
    )) {
      const path = origin(report.path);
      problems.push({
        file: source.file,
        ...(report.on === "key" ? source.keyAt(path) : source.at(path)),
        path: path.join("/"),
        message: report.message,
        suggestion: report.suggestion,
      });
    }
    const out = words.flatMap((one) => one.remove);
    raw = without(raw, out, placeholders);
    if (raw === null) break;
  }
  return { value: null, problems, origin };
}

/**
 * One mistake, one report: what is missing because its unreadable value was just taken out, or
 * because its key is misspelled right here, is told already.
 */
function withoutEchoes(reports: readonly Report[], first: boolean): readonly Report[] {
  const meant = new Set(
    reports
      .filter((report) => report.meant !== null)
      .map((report) => [...report.path.slice(0, -1), report.meant].join("/")),
  );
  return reports.filter((one) => {
    if (one.missing) return first && !meant.has(one.path.join("/"));
    // A list is too short now because its unreadable entries are out.
    return first || !one.tooShort;
  });
}

/** Takes these paths out, the last entries of lists first, so that earlier positions hold. */
function without(
  raw: unknown,
  paths: readonly DocumentPath[],
  placeholders: Readonly<Record<string, unknown>>,
): unknown {
  let rest = raw;
  const order = [...paths].sort((a, b) => compareForRemoval(a, b));
  for (const path of order) {
    const key = path.at(-1);
    if (path.length === 1 && typeof key === "string" && Object.hasOwn(placeholders, key)) {
      if (!isMapping(rest)) return null;
      rest = { ...rest, [key]: placeholders[key] };
    } else if (path.length === 0) {
      return null;
    } else if (valueAt(rest, path) === undefined) {
      // Something required is missing: what holds it can't be read either.
      rest = path.length === 1 ? null : removeAt(rest, path.slice(0, -1));
    } else {
      rest = removeAt(rest, path);
    }
    if (rest === null) return null;
  }
  return rest;
}

function compareForRemoval(a: DocumentPath, b: DocumentPath): number {
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    const left = a[at]!;
    const right = b[at]!;
    if (left === right) continue;
    if (typeof left === "number" && typeof right === "number") return right - left;
    return String(left) < String(right) ? 1 : -1;
  }
  return b.length - a.length;
}
