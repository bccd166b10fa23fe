import { z } from "zod";
import { duration } from "./durations.ts";
import { argv, name, text, title, vars } from "./fields.ts";
import type { Kinds } from "./kinds.ts";
import { metricSchema } from "./metric-schema.ts";
import { rollout } from "./rollout-schema.ts";
import { notifySchema } from "./notify-schema.ts";
import { actionSchema, check, probeSchema, stepSchema } from "./step-schema.ts";

/** The format that this Handrail reads and writes. */
export const formatVersion = 1;

const simplePolicies = ["keep", "keep-content", "may-change"] as const;

const policy = z
  .union(
    [
      z.enum(simplePolicies),
      z.strictObject({
        regenerates: z
          .strictObject({
            within: duration.describe("It must be back within this time."),
            recover: z
              .array(text, { error: "must be a list of restore and names of actions" })
              .min(1, { error: "must name what brings it back: restore, or an action" })
              .describe(
                "What runs, in this order, when it is not back: restore, or names of actions.",
              ),
          })
          .describe("It may go, and must come back."),
      }),
    ],
    {
      error:
        "must be keep, keep-content, may-change or { regenerates: { within: 60s, recover: [restore] } }",
    },
  )
  .describe(
    "keep: nothing that was there is deleted. keep-content: nor changed. regenerates: may go, and must come back. may-change: recorded only.",
  );

const secret = z
  .union(
    [
      z.strictObject({ command: argv.describe("A program and its arguments: prints the value.") }),
      z.strictObject({ env: text.describe("An environment variable that holds the value.") }),
    ],
    {
      error: "must be { command: [program, argument] } or { env: NAME }",
    },
  )
  .describe("Where the value comes from: a command that prints it, or an environment variable.");

/** The shape of a plan as written. What the keys mean together is reviewed apart. */
export function planSchema(kinds: Kinds) {
  return z
    .strictObject({
      handrail: z.literal(formatVersion).describe("The version of this format."),
      name: name.describe("Names the change; part of every rollout's id."),
      summary: z.string().optional().describe("What the change does, for people."),
      inventory: z
        .union(
          [
            text,
            z.strictObject({
              command: argv.describe("A program and its arguments: prints an inventory as JSON."),
            }),
            z.strictObject({
              ansible: text.describe("An Ansible inventory, read through ansible-inventory."),
            }),
          ],
          {
            error: "must be a file, { command: [program, argument] } or { ansible: FILE }",
          },
        )
        .optional()
        .describe(
          "The fleet: a file beside the plan, a command that prints one as JSON, or an Ansible inventory.",
        ),
      targets: z
        .strictObject({
          regions: z
            .array(name)
            .min(1, { error: "must name a region" })
            .optional()
            .describe("Default: all."),
          labels: vars.optional().describe("Only instances with all of these labels."),
          exclude: z.array(name).optional().describe("Instances to leave out."),
        })
        .optional()
        .describe("Which instances the rollout goes to. Default: all."),
      vars: vars.optional().describe("Values for ${name}. They win over the inventory's."),
      rollout: rollout.optional(),
      protect: z
        .array(
          z.strictObject({
            path: text.describe("An absolute path on the hosts: a file or a folder."),
            policy,
          }),
        )
        .optional()
        .describe("Paths that every step is judged by."),
      actions: z.record(title, actionSchema(kinds)).optional().describe("Things to do, by name."),
      probes: z.array(probeSchema(kinds)).optional().describe("How users are served."),
      metrics: z
        .array(metricSchema(kinds))
        .optional()
        .describe("Numbers by which bakes end and instances are compared."),
      checks: z.array(check).optional().describe("Conditions before anything is touched."),
      steps: z.array(stepSchema(kinds)).describe("The change, step by step."),
      secrets: z
        .record(z.string(), secret)
        .optional()
        .describe("Values that are shown nowhere: ${secret.NAME}, in commands ${secret_NAME}."),
      notify: z
        .array(notifySchema(kinds))
        .optional()
        .describe("Who is told of the turns of the rollout."),
    })
    .describe("A Handrail plan: what to do to a fleet, and what must stay true meanwhile.");
}

export type PlanText = z.output<ReturnType<typeof planSchema>>;
