import { z } from "zod";
import { text } from "./fields.ts";
import type { Kinds } from "./kinds.ts";
import { noticeKinds, noticeSeverities } from "./notice.ts";
import { exactlyOne, kindKeys } from "./step-schema.ts";

/** One entry of `notify`. */
export function notifySchema(kinds: Kinds) {
  const keys = kindKeys(kinds.notifiers);
  return z
    .strictObject({
      on: z
        .array(z.enum(noticeKinds), { error: `must be a list of ${noticeKinds.join(", ")}` })
        .min(1, { error: "must name at least one turn of the rollout" })
        .optional()
        .describe("The turns of the rollout that are told. Default: all."),
      severity: z
        .enum(noticeSeverities, { error: `must be one of ${noticeSeverities.join(", ")}` })
        .optional()
        .describe("Only what is at least so severe. Default: info, which is everything."),
      template: z
        .union([
          text.transform((written) => ({ text: written })),
          z.strictObject({ file: text.describe("A file beside the plan.") }),
        ])
        .optional()
        .describe("What is said instead: text with ${notice.text} and the like, or a file of it."),
      ...keys,
    })
    .meta({ description: "Somebody to tell.", oneOf: exactlyOne(Object.keys(keys)) });
}
