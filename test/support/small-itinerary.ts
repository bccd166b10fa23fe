import { emergencyBake, emergencyRule } from "../../src/core/emergency.ts";
import type { Itinerary } from "../../src/core/itinerary.ts";
import type { Bake, Plan, StepSpec } from "../../src/core/plan/plan.ts";
import { localHost } from "./local-host.ts";

export interface SmallWorld {
  /** Names by region, by batch: { eu: [["eu1"], ["eu2", "eu3"]] }. */
  readonly regions: Readonly<Record<string, readonly (readonly string[])[]>>;
  readonly steps?: readonly Partial<StepSpec>[];
  readonly maxBad?: number;
  readonly concurrency?: number;
  readonly onFail?: Plan["rollout"]["onFail"];
  readonly approve?: readonly string[];
  readonly approvals?: Plan["rollout"]["approvals"];
  /** Regions with a maintenance window, in UTC: at night, from 02:00 to 05:00. */
  readonly windows?: readonly string[];
  readonly bakeMs?: Bake;
  readonly metrics?: Plan["metrics"];
  readonly protect?: Plan["protect"];
  readonly receipted?: readonly boolean[];
  readonly probes?: Plan["probes"];
  readonly checks?: Plan["checks"];
  readonly actions?: Plan["actions"];
  readonly guard?: Partial<Plan["rollout"]["guard"]>;
  readonly retentionMs?: number;
  readonly envelope?: Plan["rollout"]["envelope"];
  readonly onOutlier?: Plan["rollout"]["onOutlier"];
  /** It was started as an emergency that these may approve; what is shorter then, of its bake. */
  readonly emergency?: Plan["rollout"]["emergency"];
  readonly watch?: Plan["rollout"]["watch"];
}

const night = { days: [0, 1, 2, 3, 4, 5, 6], fromMinute: 120, toMinute: 300 };

/** An itinerary for tests of the brain: everything that is not named has a plain default. */
export function smallItinerary(world: SmallWorld): Itinerary {
  const bake = world.bakeMs ?? { settleMs: 1_000, stableMs: 2_000, retryMs: 5_000 };
  const onFail = world.onFail ?? "rollback";
  const maxBad = world.maxBad ?? 0;
  const steps = (world.steps ?? [{}]).map((step, index): StepSpec => ({
    name: `step ${index + 1}`,
    work: { kind: "run", args: "true" },
    action: null,
    undo: null,
    timeoutMs: 60_000,
    retries: 0,
    onFail,
    touches: [],
    allow: [],
    writes: [],
    hosts: "all",
    on: "host",
    idempotent: false,
    required: false,
    probes: true,
    become: null,
    prevent: true,
    ...step,
  }));
  const names = Object.entries(world.regions);
  return {
    rollout: "small-20260101-0000-0000",
    digest: "0".repeat(64),
    plan: {
      name: "small",
      summary: "",
      inventory: null,
      targets: { regions: null, labels: {}, exclude: [] },
      vars: {},
      rollout: {
        batches: [{ number: 1 }],
        concurrency: world.concurrency ?? 2,
        maxBad: { number: maxBad },
        onFail,
        bake,
        bakeFirst: bake,
        approve: world.approve ?? [],
        deadline: { stepMs: 60_000, instanceMs: 600_000, progressMs: 3_600_000 },
        guard: { leaseMs: 60_000, prevent: true, observeMs: 3_000, ...world.guard },
        retentionMs: world.retentionMs ?? 0,
        ...(world.envelope === undefined ? {} : { envelope: world.envelope }),
        ...(world.onOutlier === undefined ? {} : { onOutlier: world.onOutlier }),
        ...(world.emergency === undefined ? {} : { emergency: world.emergency }),
        ...(world.watch === undefined ? {} : { watch: world.watch }),
      },
      protect: world.protect ?? [{ path: "/srv/app/tmp", policy: { kind: "keep" } }],
      actions: world.actions ?? {},
      probes: world.probes ?? [],
      ...(world.metrics === undefined ? {} : { metrics: world.metrics }),
      checks: world.checks ?? [],
      steps,
      secrets: {},
      notify: [],
    },
    inventory: { name: "small", production: false },
    regions: names.map(([name, batches]) => ({
      name,
      timezone: null,
      approve: (world.approve ?? []).includes(name),
      ...(world.approvals?.[name] === undefined ? {} : { approval: world.approvals[name] }),
      ...(world.windows?.includes(name) === true ? { windows: [night] } : {}),
      batches: batches.map((instances) => ({ instances, maxBad })),
      maxBad,
      bake: world.emergency === undefined ? bake : emergencyBake(bake, world.emergency),
    })),
    instances: Object.fromEntries(
      names.flatMap(([region, batches]) =>
        batches.flat().map((name) => [
          name,
          {
            name,
            region,
            hosts: [localHost(name)],
            variables: { name, region },
            byHost: {},
          },
        ]),
      ),
    ),
    maxBad: { rollout: maxBad },
    receipted: world.receipted ?? steps.map((step) => step.work.kind !== "http"),
    ...(world.emergency === undefined
      ? {}
      : { emergency: { reason: "users wait", rule: emergencyRule(world.emergency) } }),
    ...(steps.some((step) => step.required) ? { requires: true as const } : {}),
    files: {},
  };
}
