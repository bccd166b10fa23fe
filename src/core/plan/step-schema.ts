import { z } from "zod";
import { duration } from "./durations.ts";
import { findingIds } from "../static-review/finding.ts";
import { become, text, title } from "./fields.ts";
import type { Kinds } from "./kinds.ts";
import { onFail } from "./rollout-schema.ts";

const places = z.enum(["host", "controller"]);

const effectGlob = text.describe(
  "A glob of absolute paths: * within a folder, ** through folders.",
);

const allowance = z
  .strictObject({
    create: effectGlob.optional(),
    change: effectGlob.optional(),
    delete: effectGlob.optional(),
    max: z
      .int({ error: "must be a whole number" })
      .min(0, { error: "must not be negative" })
      .optional()
      .describe("At most so many; more breaks the contract. Default: as many as there are."),
  })
  .describe("An effect that this step is meant to have, and how much of it.");

const acceptance = z
  .strictObject({
    finding: z
      .enum(findingIds)
      .describe("The name of a finding, as `validate` and `preview` tell it."),
    path: text
      .optional()
      .describe(
        "Only where it is about this path, or comes near this protected one. Default: any.",
      ),
    reason: z
      .string()
      .regex(/^\S(?:[^\p{Cc}]{0,298}\S)?$/u, {
        error: "must say in one line of at most 300 characters why that is meant",
      })
      .describe("Why it is meant; shown with the finding."),
  })
  .describe("Something that the static review finds in this step, and that is meant.");

/** The keys of a step beside its kind. */
export const stepKeys = {
  name: title.describe("What this step does, in a few words; unique in the plan."),
  timeout: duration
    .optional()
    .describe("The longest that it may run. Default: rollout.deadline.step."),
  retries: z
    .int({ error: "must be a whole number" })
    .min(0, { error: "must not be negative" })
    .max(10, { error: "must be at most 10" })
    .optional()
    .describe("Further attempts after a failed one; needs idempotent: true. Default 0."),
  onFail: onFail.optional(),
  touches: z
    .array(title, { error: "must be a list of surfaces, such as [ui, api]" })
    .optional()
    .describe(
      "Surfaces that this step can harm; each needs a probe there that looks at content or effect, not only at a status.",
    ),
  allow: z.array(allowance).optional().describe("A budget for effects on protected paths."),
  writes: z
    .array(text, { error: "must be a list of absolute paths" })
    .optional()
    .describe("Paths that a run or script writes: snapshotted, and put back on rollback."),
  hosts: z
    .enum(["all", "first"])
    .optional()
    .describe("On every host of the instance, or its first only. Default all."),
  on: places
    .optional()
    .describe("Where it runs. Default host, or controller where the kind knows no other."),
  idempotent: z
    .boolean({ error: "must be true or false" })
    .optional()
    .describe(
      "true: running it twice does no more than once, so it may be repeated. Default false.",
    ),
  required: z
    .boolean({ error: "must be true or false" })
    .optional()
    .describe("true: nobody may decide to go on without it. Default false."),
  probes: z
    .boolean({ error: "must be true or false" })
    .optional()
    .describe("false: it takes the service out on purpose, so probes wait. Default true."),
  prevent: z
    .boolean({ error: "must be true or false" })
    .optional()
    .describe(
      "false: protected paths are not read-only for this step, because it starts a daemon that writes to them. Default true, but for a command line that starts one itself.",
    ),
  accept: z
    .array(acceptance, { error: "must be a list of { finding: NAME, reason: WHY }" })
    .optional()
    .describe("What the static review finds in its commands, and why that is meant."),
  become: become
    .optional()
    .describe("Run as this user instead of the inventory's; false: as the login user."),
};

const workError = { error: "must be a command line, or one kind of step with its settings" };

/** One step: the common keys, and one key that is the kind. */
export function stepSchema(kinds: Kinds) {
  const work = workKeys(kinds);
  return z
    .strictObject({
      ...stepKeys,
      ...work,
      undo: z
        .union([text, z.strictObject(work)], workError)
        .optional()
        .describe(
          "How it is taken back: a command line for the host, or a kind of step with its settings.",
        ),
    })
    .meta({ description: "One guarded change.", oneOf: exactlyOne(Object.keys(work)) });
}

/** What an action does: one key that is the kind. */
export function actionSchema(kinds: Kinds) {
  const { do: _do, ...keys } = workKeys(kinds);
  return z
    .strictObject(keys)
    .meta({ description: "Something to do, by name.", oneOf: exactlyOne(Object.keys(keys)) });
}

const jitterError = { error: 'must be 0 or a percentage up to "100%"' };

const inRow = z
  .int({ error: "must be a whole number" })
  .min(1, { error: "must be at least 1" })
  .max(100, { error: "must be at most 100" });

export function probeSchema(kinds: Kinds) {
  const keys = kindKeys(kinds.probes);
  return z
    .strictObject({
      name: title.describe("Unique in the plan."),
      surface: title.describe("What users see through it: ui, api, jobs …"),
      on: places.optional().describe("Where it is asked from."),
      interval: duration.optional().describe("Time between two looks while baking. Default 2s."),
      jitter: z
        .union([z.literal(0), z.string().regex(/^(\d{1,2}|100)%$/, jitterError)], jitterError)
        .transform((written) => (written === 0 ? 0 : Number(written.slice(0, -1)) / 100))
        .optional()
        .describe("Each interval is longer by chance, by up to this much of it. Default 10%."),
      failAfter: inRow
        .optional()
        .describe("So many failing answers in a row end a healthy stretch. Default 1."),
      errorAfter: inRow
        .optional()
        .describe(
          "So many errors in a row end a healthy stretch: nobody could tell for too long. Default 3.",
        ),
      ...keys,
    })
    .meta({ description: "One health check.", oneOf: exactlyOne(Object.keys(keys)) });
}

export const check = z
  .strictObject({
    name: title.describe("Unique in the plan."),
    run: text.describe("A read-only command line (POSIX sh) that must end with 0."),
    why: title.optional().describe("What it means when it does not."),
  })
  .describe("A condition on every instance, looked at before anything is touched.");

function workKeys(kinds: Kinds): Record<string, z.ZodOptional> {
  return {
    ...kindKeys(kinds.steps),
    do: z.optional(text).describe("The name of one of the plan's actions."),
  };
}

/** A key for each of these kinds, with its args; none is required by itself. */
export function kindKeys(
  kinds: readonly { readonly name: string; readonly args: z.ZodType }[],
): Record<string, z.ZodOptional> {
  return Object.fromEntries(kinds.map((kind) => [kind.name, z.optional(kind.args)]));
}

/** For editors: a JSON Schema clause that is true when exactly one of the keys is there. */
export function exactlyOne(keys: readonly string[]): { readonly required: readonly string[] }[] {
  return keys.map((key) => ({ required: [key] }));
}
