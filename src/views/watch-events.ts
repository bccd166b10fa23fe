import { z } from "zod";
import { count, ms, names, onHost, rollout } from "./public-event-parts.ts";

/** What `watch --json` prints between the version line and the end. */
export const watchEventSchemas = {
  "watch.looked": z
    .strictObject({
      type: z.literal("watch.looked"),
      ...rollout,
      look: z.int().positive().describe("From 1."),
      instances: count,
      unseen: names,
      nextInMs: ms.nullable().describe("Milliseconds until the next look; null: it was the last."),
    })
    .describe("Every instance was looked at once more."),
  "watch.found": z
    .strictObject({
      type: z.literal("watch.found"),
      ...onHost,
      is: z
        .enum(["unhealthy", "lost", "unseen", "well"])
        .describe("`unseen`: could not be told. `well`: healthy, or seen, again."),
      says: z.string(),
      path: z.string().optional().describe("The protected path."),
      count: count.optional().describe("Entries that are gone."),
      examples: z.array(z.string()).optional().describe("The first of them."),
    })
    .describe("Something changed about one instance after it was sealed."),
  "watch.finished": z
    .strictObject({
      type: z.literal("watch.finished"),
      ...rollout,
      looks: count,
      harmed: names.describe("Those on which harm was seen, at whichever look."),
      unseen: names.describe("Those of which the last look could not tell something."),
      exit: z.int(),
    })
    .describe("Always the last line of a watch."),
} as const;
