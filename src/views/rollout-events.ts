import { z } from "zod";
import {
  asked,
  at,
  count,
  failure,
  inBatch,
  inRegion,
  instance,
  ms,
  names,
  region,
  rollout,
} from "./public-event-parts.ts";
import { summaryEventSchema } from "./summary-event-schema.ts";

/** Raised when a field or a type is renamed or taken away. */
export const eventSchemaVersion = 1;

/** What happens to the rollout, its regions and its batches, in the order in which it happens. */
export const rolloutEventSchemas = {
  version: z
    .strictObject({
      type: z.literal("version"),
      schema: z.literal(eventSchemaVersion),
      handrail: z.string().describe("Version of the tool."),
    })
    .describe("Always the first line."),
  "rollout.started": z
    .strictObject({
      type: z.literal("rollout.started"),
      ...rollout,
      plan: z.string(),
      summary: z.string(),
      digest: z.string().describe("sha256 of the plan with all it refers to."),
      inventory: z.string(),
      production: z.boolean(),
      by: z.string(),
      regions: z.array(z.strictObject({ region, batches: z.array(names) })),
      steps: z.array(z.string()),
      emergency: z
        .strictObject({ reason: z.string(), approvers: names })
        .optional()
        .describe("It bakes shorter, once one of these has approved it; absent: it is none."),
    })
    .describe("The order that the preview printed, frozen."),
  resumed: z
    .strictObject({ type: z.literal("resumed"), ...rollout, runner: z.string(), epoch: count })
    .describe("Another runner took the rollout up, after a crash or a pause."),
  "outliers.found": z
    .strictObject({
      type: z.literal("outliers.found"),
      ...rollout,
      outliers: z.array(
        z.strictObject({
          region,
          instance,
          host: z.string(),
          about: z.string().describe("The thing: facts of the same name are compared."),
          says: z.string().describe("What it has, and what the others have, in one sentence."),
        }),
      ),
    })
    .describe("Targets that are not like the others. Nothing is touched yet."),
  "order.decided": z
    .strictObject({
      type: z.literal("order.decided"),
      ...rollout,
      regions: z.array(
        z.strictObject({
          region,
          batches: z.array(names),
          last: names.describe("Those that are not like the others, at the end of it."),
        }),
      ),
    })
    .describe(
      "Regions in which those that are not like the others go last. Nothing is touched yet; the order holds in place of the one that `rollout.started` told.",
    ),
  "preflight.passed": z
    .strictObject({ type: z.literal("preflight.passed"), ...rollout })
    .describe("Every instance was reached and its checks passed; nothing is touched yet."),
  "preflight.failed": z
    .strictObject({
      type: z.literal("preflight.failed"),
      ...rollout,
      instances: z.array(z.strictObject({ instance, failure })),
    })
    .describe("Refused: nothing was touched anywhere."),
  "region.started": z
    .strictObject({ type: z.literal("region.started"), ...inRegion, instances: names })
    .describe("The region before it is sealed."),
  "batch.started": z
    .strictObject({
      type: z.literal("batch.started"),
      ...inBatch,
      batches: count.describe("Batches of this region."),
      instances: names,
    })
    .describe("The first batch of a region is its canary."),
  "region.sealed": z
    .strictObject({ type: z.literal("region.sealed"), ...inRegion, excluded: names })
    .describe("Done and good; excluded ones are out by a recorded decision."),
  "approval.waiting": z
    .strictObject({
      type: z.literal("approval.waiting"),
      ...inRegion,
      needed: count.describe("People that it takes."),
      people: names.describe("Who let it begin so far."),
      from: names.nullable().describe("Who may; null: anybody."),
    })
    .describe("The region waits for a person, or for several."),
  "approval.given": z
    .strictObject({
      type: z.literal("approval.given"),
      ...inRegion,
      ...asked,
      digest: z.string().optional().describe("Of what was approved."),
      approved: z.boolean().describe("Is that enough for the region to begin?"),
      until: at.optional().describe("It counts until then; absent: for ever."),
    })
    .describe("A person let the region begin."),
  "approval.lapsed": z
    .strictObject({ type: z.literal("approval.lapsed"), ...inRegion, people: names })
    .describe("These approvals are too old to count: the region waits again."),
  "emergency.approved": z
    .strictObject({
      type: z.literal("emergency.approved"),
      ...rollout,
      ...asked,
      digest: z.string().describe("Of the rollout."),
    })
    .describe("A person whom the plan names lets it go on with the bakes of an emergency."),
  window: z
    .strictObject({
      type: z.literal("window"),
      ...inRegion,
      open: z.boolean(),
      until: z.string().nullable().describe("RFC 3339 in UTC, when that changes; null: not known."),
      timezone: z.string().nullable().describe("The region's; null: UTC."),
    })
    .describe("Are the maintenance windows of the region open? While none is, no batch begins."),
  "window.overridden": z
    .strictObject({ type: z.literal("window.overridden"), ...inRegion, ...asked })
    .describe("A person let the region go on outside its maintenance windows."),
  asked: z
    .strictObject({
      type: z.literal("asked"),
      ...rollout,
      ...asked,
      wish: z.enum([
        "pause",
        "resume",
        "abort",
        "undo",
        "reconcile",
        "release-lock",
        "interrupt",
        "deadline",
      ]),
    })
    .describe("A person, a signal or a deadline asked for something."),
  halted: z
    .strictObject({
      type: z.literal("halted"),
      ...rollout,
      rule: z.string(),
      limit: count.nullable(),
      bad: count.nullable(),
      instances: names,
      where: z.string(),
      scope: z.enum(["none", "under-way", "region", "all"]).describe("What is taken back."),
      sentence: z.string(),
      late: z
        .array(
          z.strictObject({
            instance,
            region,
            during: z.string().nullable().describe("The region under way then; null: none."),
          }),
        )
        .optional()
        .describe("Those of them that were sealed before they turned bad; absent: none."),
    })
    .describe("No new work starts. Written before the first rollback."),
  paused: z
    .strictObject({
      type: z.literal("paused"),
      ...rollout,
      why: z.enum([
        "approval",
        "emergency",
        "window",
        "inconclusive",
        "ask",
        "bad-in-region",
        "paused",
        "interrupted",
      ]),
      region: z.string().optional(),
      opens: z
        .string()
        .nullable()
        .optional()
        .describe("Of a window: when the next one opens, RFC 3339 in UTC; null: not known."),
      timezone: z.string().nullable().optional().describe("Of a window: the region's."),
      because: z.string().optional().describe("Why, where no person asked for it."),
      instances: names,
    })
    .describe("Nothing goes on without a person; the runner leaves."),
  "rollout.finished": z
    .strictObject({
      type: z.literal("rollout.finished"),
      ...rollout,
      outcome: z.enum(["sealed", "halted", "refused", "undone"]),
    })
    .describe("The journal is closed."),
  "lock.waiting": z
    .strictObject({
      type: z.literal("lock.waiting"),
      at,
      rollout: z.null().describe("There is none yet."),
      failure: failure.describe("Who holds what is waited for: LOCKED or HOST_LOCKED."),
      leftMs: ms.describe("Milliseconds that are left of the wait."),
    })
    .describe("With --wait: another rollout holds the inventory or a host; nothing is touched."),
  summary: summaryEventSchema,
} as const;
