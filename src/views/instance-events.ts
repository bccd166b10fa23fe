import { z } from "zod";
import {
  asked,
  at,
  count,
  failure,
  finding,
  ms,
  onHost,
  onInstance,
  onStep,
  treeEffects,
} from "./public-event-parts.ts";

/** What happens to one instance, in the order in which it happens. */
export const instanceEventSchemas = {
  "instance.started": z
    .strictObject({ type: z.literal("instance.started"), ...onInstance })
    .describe("Its hosts are being locked, and its health looked at before anything is touched."),
  "snapshot.taken": z
    .strictObject({
      type: z.literal("snapshot.taken"),
      ...onStep,
      entries: count,
      bytes: count,
      durationMs: ms,
      losses: z.array(z.string()).describe("What the host's tools could not keep, in words."),
      added: count.optional().describe("Bytes that it added to what the host keeps."),
      drilled: count
        .optional()
        .describe("Entries that were restored to a scratch folder and found the same."),
    })
    .describe("Complete and durable on the host, before the step's first byte ran."),
  "guard.armed": z
    .strictObject({ type: z.literal("guard.armed"), ...onStep, leaseMs: ms })
    .describe("The host goes back by itself when it hears nothing for as long as the lease."),
  "guard.disarmed": z
    .strictObject({
      type: z.literal("guard.disarmed"),
      ...onStep,
      because: z.enum(["judged", "taken back", "waits for a person", "not begun"]),
    })
    .describe("Acknowledged by the host: it will not go back by itself any more."),
  "guard.fired": z
    .strictObject({
      type: z.literal("guard.fired"),
      ...onStep,
      firedAt: z.string().describe("RFC 3339 in UTC, by the host's clock."),
      complete: z.boolean().describe("false: it was ended before it had done everything."),
      restored: count.describe("Entries put back."),
      conflicts: z.array(z.string()).describe("Paths where something else stood: left alone."),
      failed: z.array(z.string()).describe("Paths that could not be put back."),
    })
    .describe("The host heard nothing for as long as its lease, and went back by itself."),
  "step.started": z
    .strictObject({ type: z.literal("step.started"), ...onStep, attempt: z.int().positive() })
    .describe("The step begins on this host."),
  "step.finished": z
    .strictObject({
      type: z.literal("step.finished"),
      ...onStep,
      attempt: z.int().positive(),
      exitCode: z.int().nullable().describe("128 + n after signal n; null: it has none."),
      timedOut: z.boolean(),
      durationMs: ms,
      output: z.string().describe("The last part of what it printed, bounded and redacted."),
    })
    .describe("The command ended. An exit code of 0 is no verdict yet."),
  verdict: z
    .strictObject({
      type: z.literal("verdict"),
      ...onStep,
      is: z.enum(["kept", "broken"]),
      findings: z.array(finding),
      counts: z.record(z.string(), count).describe("Every effect seen, the allowed ones too."),
      remarks: z.array(z.string()).describe("What is no finding and should still be told."),
      trees: z
        .array(treeEffects)
        .optional()
        .describe("What the step did, by protected path: the envelope is made of it."),
    })
    .describe("What the comparison with the snapshot says."),
  recovery: z
    .strictObject({
      type: z.literal("recovery"),
      ...onStep,
      path: z.string(),
      did: z.array(z.string()).describe("In order: restore, or names of actions."),
      verified: z.boolean(),
    })
    .describe("A `regenerates` path did not come back: the declared recovery ran."),
  probe: z
    .strictObject({
      type: z.literal("probe"),
      ...onHost,
      probe: z.string(),
      surface: z.string().describe("ui, api, jobs, …"),
      is: z.enum(["pass", "fail", "error"]).describe("error: could not tell."),
      because: z.string(),
      tookMs: ms,
      while: z.enum(["before", "after-step", "bake", "verify", "watch"]),
    })
    .describe("One health check."),
  "bake.stage": z
    .strictObject({
      type: z.literal("bake.stage"),
      ...onHost,
      stage: z
        .enum(["retry", "stable", "evidence"])
        .describe(
          "stable: every probe passes. retry: one does not, or did not yet. evidence: healthy, and waits for enough to judge by.",
        ),
      until: at.describe("When the stage ends, if nothing changes."),
      ofMs: ms.describe("How long it takes in all."),
    })
    .describe("A bake of one instance came into another stage, after it had settled."),
  retrying: z
    .strictObject({
      type: z.literal("retrying"),
      ...onHost,
      what: z.string(),
      failure,
      inMs: ms,
    })
    .describe("The same question is put again after an answer was lost."),
  remark: z
    .strictObject({ type: z.literal("remark"), ...onHost, text: z.string() })
    .describe("Worth knowing; changes nothing."),
  "instance.sealed": z
    .strictObject({ type: z.literal("instance.sealed"), ...onInstance })
    .describe("Done and good."),
  "instance.harmed": z
    .strictObject({
      type: z.literal("instance.harmed"),
      ...onHost,
      is: z.enum(["unhealthy", "lost"]).describe("A probe fails; or protected entries are gone."),
      says: z.string(),
      during: z.string().nullable().describe("The region under way then; null: none."),
      path: z.string().optional().describe("The protected path."),
      count: count.optional().describe("Entries that are gone."),
      examples: z.array(z.string()).optional().describe("The first of them."),
    })
    .describe("Harm on an instance that was sealed, while the rollout goes on elsewhere."),
  "instance.bad": z
    .strictObject({
      type: z.literal("instance.bad"),
      ...onInstance,
      as: z.enum(["failed", "unreachable", "unknown", "contract broken", "rolled back"]),
      failure,
      step: z.string().optional().describe("The step that it failed at."),
      stepNumber: z.int().positive().optional(),
      touched: z.boolean().describe("Had anything been changed there?"),
    })
    .describe("Counts against maxBad from here on, whatever becomes of it."),
  "instance.inconclusive": z
    .strictObject({ type: z.literal("instance.inconclusive"), ...onInstance, failure })
    .describe("Neither good nor bad: waits for a decision."),
  "instance.asking": z
    .strictObject({ type: z.literal("instance.asking"), ...onInstance, failure })
    .describe("Failed under `onFail: ask`: waits for a decision."),
  "instance.left": z
    .strictObject({ type: z.literal("instance.left"), ...onInstance, failure })
    .describe("Left as it is; needs a person."),
  "instance.unknown": z
    .strictObject({ type: z.literal("instance.unknown"), ...onInstance, failure })
    .describe("What the last command did could not be found out; needs `reconcile` or a person."),
  "rollback.started": z
    .strictObject({
      type: z.literal("rollback.started"),
      ...onInstance,
      steps: count.describe("Steps to take back."),
    })
    .describe("Newest step first, with no canary, bake or approval on the way."),
  restored: z
    .strictObject({
      type: z.literal("restored"),
      ...onStep,
      restored: count.describe("Entries put back."),
      conflicts: z.array(z.string()).describe("Paths where something else stands now: left alone."),
      setAside: z
        .array(z.string())
        .describe("Paths whose later version was taken out of the way and is kept on the host."),
    })
    .describe("A step's snapshot was put back."),
  "rollback.finished": z
    .strictObject({
      type: z.literal("rollback.finished"),
      ...onInstance,
      is: z.enum(["verified", "not verified", "failed"]),
      failure: failure.optional(),
    })
    .describe("Verified: content and health are as before."),
  decided: z
    .strictObject({
      type: z.literal("decided"),
      ...onInstance,
      ...asked,
      choice: z.enum(["accept", "retry", "rollback", "leave", "exclude"]),
    })
    .describe("A person decided about one instance."),
} as const;
