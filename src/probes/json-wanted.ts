import { z } from "zod";
import { oneLine } from "../core/printable.ts";
import { javascriptRegexTrouble, matchesWithin } from "./bounded-regex.ts";
import { readJsonPath, valueAtJsonPath } from "./json-path.ts";

/** Characters of a value that a sentence quotes. */
const shownMax = 60;

/** A path to one value in JSON. */
export const jsonPath = z.string().superRefine((text, check) => {
  const read = readJsonPath(text);
  if (typeof read === "string") check.addIssue({ code: "custom", message: read });
});

/** A pattern for text that comes from outside, read as JavaScript does. */
export const pattern = z
  .string()
  .min(1)
  .superRefine((text, check) => {
    const trouble = javascriptRegexTrouble(text.replace(/\$\{[^}]*\}/g, "x"));
    if (trouble !== null) check.addIssue({ code: "custom", message: trouble });
  });

const condition = z
  .strictObject({
    exists: z.boolean().optional().describe("false: there must be no such value."),
    contains: z.string().min(1).optional().describe("Text that the text there must contain."),
    matches: pattern.optional().describe("Regular expression that the text there must match."),
    min: z.number().optional().describe("The number there must be at least this."),
    max: z.number().optional().describe("The number there must be at most this."),
  })
  .refine((given) => Object.keys(given).length > 0, {
    error: "must ask for something: exists, contains, matches, min or max",
  })
  .refine((given) => given.exists !== false || Object.keys(given).length === 1, {
    error: "asks for a value that must not be there",
  });

/** Values that an answer in JSON must have, by the path to each. */
export const jsonWanted = z
  .record(
    jsonPath,
    z.union([z.string(), z.number(), z.boolean(), z.null(), condition], {
      error: "must be a value, or { exists, contains, matches, min, max }",
    }),
  )
  .describe(
    "Values that an answer in JSON must have, by path: $.status, $.items[0], $['a name']. Each is the value itself, or { exists, contains, matches, min, max }.",
  );

export type JsonWanted = z.output<typeof jsonWanted>;

export type JsonFound =
  | { readonly is: "pass" }
  | { readonly is: "fail" | "error"; readonly because: string };

/** The first value that is not as wanted. */
export function judgeJson(text: string, wanted: JsonWanted): JsonFound {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (problem) {
    const words = problem instanceof Error ? problem.message : String(problem);
    return { is: "fail", because: `the answer is no JSON (${oneLine(words, { max: shownMax })})` };
  }
  for (const [written, expected] of Object.entries(wanted)) {
    const steps = readJsonPath(written);
    if (typeof steps === "string") return { is: "error", because: `"${written}" ${steps}` };
    const found = judgeValue(valueAtJsonPath(value, steps), expected);
    if (found !== null) return { is: found.is, because: `${written} ${found.because}` };
  }
  return { is: "pass" };
}

/** The finite number at this path of a text in JSON; null: there is none. */
export function numberAt(text: string, written: string): number | null {
  const steps = readJsonPath(written);
  if (typeof steps === "string") return null;
  let value: unknown;
  try {
    value = valueAtJsonPath(JSON.parse(text), steps);
  } catch {
    // No JSON holds no number: whoever asked for one says so.
    return null;
  }
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function judgeValue(
  seen: unknown,
  expected: JsonWanted[string],
): { readonly is: "fail" | "error"; readonly because: string } | null {
  if (typeof expected !== "object" || expected === null) {
    if (seen === undefined) return fail("is not there");
    return seen === expected ? null : fail(`is ${shown(seen)}, expected ${shown(expected)}`);
  }
  if (expected.exists === false) return seen === undefined ? null : fail(`is ${shown(seen)}`);
  if (seen === undefined) return fail("is not there");
  if (expected.min !== undefined || expected.max !== undefined) {
    if (typeof seen !== "number") return fail(`is ${shown(seen)}, which is no number`);
    if (seen < (expected.min ?? -Infinity))
      return fail(`is ${seen}, expected at least ${expected.min}`);
    if (seen > (expected.max ?? Infinity))
      return fail(`is ${seen}, expected at most ${expected.max}`);
  }
  const { contains, matches } = expected;
  if (contains === undefined && matches === undefined) return null;
  if (typeof seen !== "string") return fail(`is ${shown(seen)}, which is no text`);
  if (contains !== undefined && !seen.includes(contains))
    return fail(`is ${shown(seen)}, and ${shown(contains)} is not in it`);
  const matched = matches === undefined ? true : matchesWithin(matches, seen);
  if (matched === null) return { is: "error", because: `could not be held against /${matches}/` };
  return matched ? null : fail(`is ${shown(seen)}, which is not like /${matches}/`);
}

function shown(value: unknown): string {
  return oneLine(JSON.stringify(value) ?? "nothing", { max: shownMax });
}

function fail(because: string) {
  return { is: "fail", because } as const;
}
