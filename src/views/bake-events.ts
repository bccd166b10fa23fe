import { z } from "zod";
import { inBatch, ms, names } from "./public-event-parts.ts";

/** What a bake waits for beside health. */
const bakeGoal = {
  until: z
    .strictObject({
      timeMs: ms.describe("It lasts at least so long."),
      and: z.string().nullable().describe("ui.requests >= 100, on each instance; null: none."),
    })
    .optional()
    .describe("What else must be there before it ends well; absent: being healthy is enough."),
  deadlineMs: ms.optional().describe("What is missing by then is for a person to decide."),
};

/** What is told of the bake of a batch, by type. */
export const bakeEventSchemas = {
  "bake.started": z
    .strictObject({
      type: z.literal("bake.started"),
      ...inBatch,
      instances: names,
      settleMs: ms,
      stableMs: ms,
      retryMs: ms,
      ...bakeGoal,
    })
    .describe("Watching health before going on."),
  "bake.finished": z
    .strictObject({ type: z.literal("bake.finished"), ...inBatch, sealed: names, bad: names })
    .describe("Every instance of the batch is settled."),
} as const;
