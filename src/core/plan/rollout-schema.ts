import { z } from "zod";
import { duration } from "./durations.ts";
import { count, name } from "./fields.ts";

export const onFail = z
  .enum(["rollback", "rollback-region", "rollback-all", "halt", "ask"])
  .describe(
    "What happens when an instance turns bad: take back the instances under way, their region, everything touched; stop and leave it; or stop and ask.",
  );

/** How long a bake lasts. */
const lengths = {
  settle: duration
    .optional()
    .describe("Wait this long before the first look at health. Default 5s."),
  stable: duration
    .optional()
    .describe("Every probe must pass this long without a break. Default 30s."),
  retry: duration
    .optional()
    .describe("The stable stretch must begin within this time after settling. Default 60s."),
};

const bake = (what: string) =>
  z
    .strictObject({
      ...lengths,
      until: z
        .strictObject({
          time: duration.optional().describe("It lasts at least this long, from its start on."),
          and: z
            .string()
            .min(1, { error: "must be a comparison, such as ui.requests >= 100" })
            .optional()
            .describe(
              "And until each instance has shown so much: a surface or probe, a dot, a metric, a comparison. A counter counts from the bake's start.",
            ),
        })
        .optional()
        .describe("Goes on, once it is healthy, until there is enough to judge by."),
      deadline: duration
        .optional()
        .describe(
          "With until: what is missing by then makes the bake inconclusive, and a person decides. Default: three times the longer of until.time and stable + retry.",
        ),
    })
    .describe(what);

/** A login name, as `whoami` prints it. */
const login = z.string().regex(/^[\x21-\x3f\x41-\x7e]{1,64}$/, {
  error: 'must be a login name, such as ann, without "@" and spaces',
});

/** The name of a region, or that and who it takes. */
const approval = z.union(
  [
    name,
    z
      .strictObject({
        region: name.describe("The region that waits."),
        by: z
          .int({ error: "must be a whole number" })
          .min(1, { error: "must be at least 1, or nobody would be asked" })
          .max(20, { error: "must be at most 20" })
          .optional()
          .describe("How many different people it takes. Default 1."),
        from: z
          .array(login)
          .min(1, { error: "must name at least one person" })
          .optional()
          .describe("Login names of those who may. Default: anybody."),
        expires: duration
          .optional()
          .describe(
            "How long an approval counts; a region that has not begun by then waits again. Default: for ever.",
          ),
        starter: z
          .boolean({ error: "must be true or false" })
          .optional()
          .describe("May whoever started the rollout be one of them? Default false."),
      })
      .describe("A region, and who lets it begin."),
  ],
  { error: "must be the name of a region, or { region: …, by: 2, from: […], expires: 4h }" },
);

/** How the rollout goes: every key may be left out. */
export const rollout = z
  .strictObject({
    batches: z
      .array(count)
      .min(1, { error: "must hold at least one size" })
      .optional()
      .describe(
        'How many instances of a region go together: numbers or percentages of the region, one batch after the other; the last repeats. The first batch is the canary. Default [1, "20%"].',
      ),
    concurrency: z
      .int({ error: "must be a whole number" })
      .min(1, { error: "must be at least 1, or nothing would ever start" })
      .max(1000, { error: "must be at most 1000" })
      .optional()
      .describe("How many instances are worked on at once. Default 20."),
    maxBad: count
      .optional()
      .describe(
        'The rollout halts when more instances than this are bad, in a batch, a region or the whole rollout: a number, or a percentage such as "10%". Default 0: the first bad one halts.',
      ),
    onFail: onFail.optional(),
    bake: bake("Watching health after each batch.").optional(),
    bakeFirst: bake("Watching health in the first region, where it differs from bake.").optional(),
    emergency: z
      .strictObject({
        bake: z
          .strictObject({
            ...lengths,
            until: z
              .strictObject({
                time: duration.describe("It lasts at least this long, from its start on."),
              })
              .optional()
              .describe("Goes on for a shorter time; what it waits for beside that stays."),
          })
          .describe("What is shorter then, in every region; what is not here is as always."),
        approvers: z
          .array(login)
          .min(1, { error: "must name at least one person" })
          .describe("Login names of those of whom one must approve it before anything is touched."),
        starter: z
          .boolean({ error: "must be true or false" })
          .optional()
          .describe("May whoever starts it be that person? Default false."),
      })
      .optional()
      .describe("What apply --emergency shortens, and who has to approve it."),
    approve: z
      .array(approval)
      .optional()
      .describe("Regions that wait for a person, or for several, before they begin."),
    deadline: z
      .strictObject({
        step: duration
          .optional()
          .describe("The longest a step may run unless it says so itself. Default 5m."),
        instance: duration
          .optional()
          .describe("The longest one instance may take in all. Default 15m."),
        progress: duration
          .optional()
          .describe("The rollout halts when no instance gets further for this long. Default 30m."),
      })
      .optional()
      .describe(
        "Limits of time; step and settle + stable must be shorter than instance, instance than progress.",
      ),
    guard: z
      .strictObject({
        lease: duration
          .optional()
          .describe(
            "A host that hears nothing from the controller for this long goes back by itself: at least 5s. Default 60s, or half the deadline of an instance where that is shorter.",
          ),
        prevent: z
          .boolean({ error: "must be true or false" })
          .optional()
          .describe(
            "Steps run with keep and keep-content paths read-only, where the host allows it. Default true.",
          ),
        observe: duration
          .optional()
          .describe(
            "How long a protected tree that changes by itself is watched before the first step, so that what it loses by itself is no alarm. Default 3s.",
          ),
      })
      .optional()
      .describe("The dead-man switch on each host."),
    envelope: z
      .enum(["pause", "warn", "off"])
      .optional()
      .describe(
        "When a step does on an instance what it did on none of the earlier ones: pause for a decision, only tell it, or do not look. Default pause.",
      ),
    onOutlier: z
      .enum(["warn", "ask", "last", "stop"])
      .optional()
      .describe(
        "When a target is not like the others (mounts, owners, versions, …): tell it, have its region wait for a person, have it go last in its region and in a batch of its own, or refuse before anything is touched. Default warn.",
      ),
    watch: z
      .union(
        [
          z.literal(false),
          z.strictObject({
            every: duration
              .optional()
              .describe("How often, unless a probe's own interval is longer. Default 30s."),
          }),
        ],
        { error: "must be false, or { every: 30s }" },
      )
      .optional()
      .describe(
        "Looking at probes and protected paths of sealed instances while the rollout goes on elsewhere: harm there halts it and is rolled back. false: nobody looks. Default { every: 30s }.",
      ),
    retention: duration
      .optional()
      .describe(
        "How long a sealed rollout can be undone: hosts keep its snapshots so long. Default 7d.",
      ),
  })
  .describe("How the rollout goes through the fleet.");

export type RolloutText = z.output<typeof rollout>;
