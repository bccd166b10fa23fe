import { z } from "zod";
import { duration } from "./durations.ts";
import { title } from "./fields.ts";
import type { Kinds } from "./kinds.ts";

const name = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, {
  error: 'must be a name of letters, digits, "_" and "-", at most 64, beginning with a letter',
});

const worseError = { error: 'must say how much worse is harm, such as "50%" or "3x"' };

const compare = z
  .strictObject({
    with: z
      .enum(["control", "baseline"])
      .describe(
        "control: instances that are not yet changed, measured at the same time. baseline: the instance itself, before it is touched.",
      ),
    among: z
      .enum(["region", "targets"])
      .optional()
      .describe(
        "Where the control group is looked for: in the batch's own region, which has the same hour of the day, or among all targets. Default region.",
      ),
    worseBy: z
      .string(worseError)
      .regex(/^(?:\d{1,5}(?:\.\d{1,3})?%|\d{1,4}(?:\.\d{1,3})?x)$/, worseError)
      .describe(
        "Harm is worse by at least so much: 50% is half as much again (or half as much, where higher is better), 3x three times as much (or a third).",
      ),
    atLeast: z
      .union([z.number().nonnegative(), duration], {
        error: "must be a number, or for a time a duration such as 200ms",
      })
      .optional()
      .describe(
        "And by at least so much in the metric's own unit, so that 2 ms after 1 ms is no harm; of a counter, per second. Default 0.",
      ),
    samples: z
      .int({ error: "must be a whole number" })
      .min(2, { error: "must be at least 2" })
      .max(1000, { error: "must be at most 1000" })
      .optional()
      .describe(
        "Measurements that an instance must have to count. Default 5 with control, 8 with baseline.",
      ),
    mode: z
      .enum(["shadow", "gate"])
      .optional()
      .describe(
        "shadow: it is told, and decides nothing. gate: harm makes instances bad, and what can't be told pauses the rollout. Default shadow.",
      ),
    whenTooFew: z
      .enum(["ask", "shadow"])
      .optional()
      .describe(
        "What a gate does where there are too few instances or measurements to tell anything: ask a person, or only tell it. Default ask.",
      ),
  })
  .describe("What it is held against while a batch bakes.");

/** Keys of every metric. */
export const metricKeys = {
  name: name.describe("Unique on its surface; surface.name is how a bake names it."),
  surface: title
    .optional()
    .describe("What users see through it: ui, api, jobs … Default: its probe's."),
  of: z
    .enum(["value", "time"])
    .optional()
    .describe(
      "value: the number in an answer. time: how long an answer that passes takes, in milliseconds. Default value.",
    ),
  as: z
    .enum(["gauge", "counter"])
    .optional()
    .describe(
      "counter: a number that only grows, and begins anew at 0 when its process does; it is counted from the start of a bake, and compared by its growth per second. Default gauge.",
    ),
  better: z
    .enum(["lower", "higher"])
    .optional()
    .describe("Which way is good. Needed to compare; a time is better lower."),
  on: z.enum(["host", "controller"]).optional().describe("Where it is asked from."),
  interval: duration.optional().describe("Time between two measurements. Default 2s."),
  compare: compare.optional(),
};

/** One metric: the common keys, and one key that says what is asked. */
export function metricSchema(kinds: Kinds) {
  const questions = {
    ...Object.fromEntries(
      kinds.probes.map((kind) => [kind.name, z.optional(kind.measured ?? kind.args)]),
    ),
    probe: z.optional(title).describe("The name of one of the plan's probes: its question."),
  };
  return z.strictObject({ ...metricKeys, ...questions }).meta({
    description: "A number that instances give.",
    oneOf: Object.keys(questions).map((key) => ({ required: [key] })),
  });
}
