import { z } from "zod";
import { count, inBatch, names, onHost } from "./public-event-parts.ts";

/** What came of comparing a metric. */
const comparison = {
  metric: z.string().describe("surface.name, as the plan has it."),
  mode: z.enum(["shadow", "gate"]).describe("shadow: nothing came of it."),
  is: z.enum(["harm", "no harm", "inconclusive"]),
  because: z.string().describe("One sentence with the numbers."),
  few: z.boolean().describe("So few numbers prove nothing, whatever they are."),
  chance: z
    .number()
    .nullable()
    .describe("How likely chance alone would put them so far apart; null: not asked."),
};

/** One side of a control group. */
const group = z.strictObject({
  instances: count,
  mean: z.number().nullable().describe("Of the instances' own means; null: there is none."),
});

/** What is told of metrics, by type. */
export const metricEventSchemas = {
  "control.compared": z
    .strictObject({
      type: z.literal("control.compared"),
      ...inBatch,
      instances: names.describe("The changed ones."),
      ...comparison,
      changed: group,
      control: group,
    })
    .describe("A metric of the batch against instances not yet changed, at the same time."),
  "baseline.measured": z
    .strictObject({
      type: z.literal("baseline.measured"),
      ...onHost,
      metric: z.string().describe("surface.name, as the plan has it."),
      values: z.array(z.number()).describe("Of a counter: its growth per second."),
      missed: z.string().optional().describe("Why one of them is missing."),
    })
    .describe("What the instance showed before it was touched."),
  "bake.evidence": z
    .strictObject({
      type: z.literal("bake.evidence"),
      ...onHost,
      metric: z.string(),
      seen: z.number().describe("Of a counter: since the bake began."),
      wanted: z.string().describe("As the plan writes it: ui.requests >= 100."),
      number: z.number().describe("The number in it."),
      enough: z.boolean(),
    })
    .describe("How far the evidence is that its bake waits for."),
  "baseline.compared": z
    .strictObject({ type: z.literal("baseline.compared"), ...onHost, ...comparison })
    .describe("A metric of the instance against itself before it was touched."),
} as const;
