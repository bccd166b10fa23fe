import { z } from "zod";
import { failureCodes } from "../core/failure.ts";

// What the shapes of public events have in common. Each is part of the contract with scripts.

/** How many of something. */
export const count = z.int().nonnegative();
/** How long something took. */
export const ms = z.number().nonnegative().describe("Milliseconds.");
/** Which instances. */
export const names = z.array(z.string()).describe("Instance names, in rollout order.");
/** When. */
export const at = z.iso.datetime().describe("When it became durable: RFC 3339, UTC.");
/** Where, as the inventory calls it. */
export const region = z.string().describe("Name of the region.");
/** Which one, as the inventory calls it. */
export const instance = z.string().describe("Name of the instance.");

/** Trouble, as the journal keeps it. */
export const failure = z
  .strictObject({
    code: z.enum(failureCodes).describe("One meaning each: docs/errors.md."),
    message: z.string().describe("What happened, where, with the value in quotes."),
    hint: z.string().describe("What to type or look at next."),
    host: z.string().optional(),
    path: z.string().optional(),
    detail: z.string().optional().describe("Host output that explains it, bounded and redacted."),
  })
  .describe("Expected trouble as data.");

/** On every event but the first line. */
export const rollout = { at, rollout: z.string().describe("Id of the rollout.") };
/** On events of one region. */
export const inRegion = { ...rollout, region };
/** On events of one instance. */
export const onInstance = { ...inRegion, instance };
/** On events that one host of an instance may tell. */
export const onHost = {
  ...onInstance,
  host: z.string().optional().describe("Absent where the whole instance is meant."),
};
/** On events of one step. */
export const onStep = {
  ...onHost,
  step: z.string().describe("Name of the step."),
  stepNumber: z.int().positive().describe("Place of the step in the plan, from 1."),
};
/** On events of one batch. */
export const inBatch = {
  ...inRegion,
  batch: z.int().positive().describe("Place in the region, from 1."),
};
/** On events that a person caused. */
export const asked = { by: z.string(), reason: z.string().describe("May be empty.") };

/** What broke the contract around a step. */
export const finding = z.strictObject({
  path: z.string().describe("The protected path, or the step's own write."),
  policy: z.string(),
  code: z.enum(["CONTRACT_BROKEN", "BUDGET_EXCEEDED", "REGENERATION_LATE"]),
  message: z.string(),
  count,
  examples: z.array(
    z.strictObject({
      path: z.string(),
      class: z.string().describe("deleted, created, content, metadata, type-changed, …"),
      size: count.describe("Bytes before."),
    }),
  ),
});

/** What a step did to one protected path. */
export const treeEffects = z.strictObject({
  path: z.string().describe("As the plan writes it: the same on every instance."),
  counts: z.record(z.string(), count).describe("By class: deleted, created, content, …"),
  notBack: count.describe("Deleted, and not back when nobody waited any longer."),
  backMs: ms.optional().describe("When all of it was back. Milliseconds after the first look."),
});
