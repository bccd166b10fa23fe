import { z } from "zod";
import { at, count, failure, ms, names } from "./public-event-parts.ts";

/** What may have become of an instance, as keys of the summary. */
const fateKeys = [
  "sealed",
  "rolledBack",
  "rolledBackNotVerified",
  "rollbackFailed",
  "left",
  "unknown",
  "unfit",
  "inconclusive",
  "asking",
  "underWay",
  "notTouched",
] as const;

type FateKey = (typeof fateKeys)[number];

function byFate<Schema>(schema: Schema): Record<FateKey, Schema> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- made from all of its keys
  return Object.fromEntries(fateKeys.map((key) => [key, schema])) as Record<FateKey, Schema>;
}

/** The last line of a rollout. */
export const summaryEventSchema = z
  .strictObject({
    type: z.literal("summary"),
    at,
    rollout: z.string().nullable().describe("null: refused before there was one."),
    outcome: z.enum(["sealed", "halted", "paused", "refused", "undone", "interrupted", "running"]),
    exit: z.int().nonnegative().describe("The exit code."),
    startedAt: at.nullable(),
    durationMs: ms.nullable(),
    timeLeft: z
      .strictObject({
        ms: ms.describe("If it goes on as it did."),
        waits: z
          .boolean()
          .describe("A person or a maintenance window may be waited for; that time is not in it."),
      })
      .optional()
      .describe(
        "Only in `handrail status --json`; absent: it does not run, or nobody can tell yet.",
      ),
    counts: z
      .strictObject({ instances: count, ...byFate(count) })
      .describe("Instances in all, and by what became of them."),
    instances: z.strictObject(byFate(names)).describe("The same by name."),
    halt: z.string().nullable().describe("The rule, the numbers and the names, in one sentence."),
    failures: z.array(
      z.strictObject({
        instance: z.string().nullable(),
        region: z.string().nullable(),
        failure,
        detectedAt: at.nullable(),
        recoveredAt: at.nullable(),
        timeToDetectMs: ms.nullable().describe("From the step that did harm to the verdict."),
        timeToRecoverMs: ms.nullable().describe("From the verdict to content and health verified."),
        surfaces: z
          .array(
            z.strictObject({
              surface: z.string(),
              now: z.enum(["up", "down", "not known"]),
              askedAt: at,
              down: z
                .array(z.strictObject({ from: at, to: at.nullable() }))
                .describe("From the first failing answer to the one that passed again."),
            }),
          )
          .optional()
          .describe("How its users fared, surface by surface; absent: it was refused unseen."),
      }),
    ),
    next: z.array(z.strictObject({ command: z.string(), why: z.string() })),
  })
  .describe("Always the last line.");
