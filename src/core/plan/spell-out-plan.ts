import type { Kinds } from "./kinds.ts";
import type {
  Allowance,
  ApprovalRule,
  Bake,
  EffectKind,
  Plan,
  Policy,
  ProbeSpec,
  RolloutPolicy,
  StepSpec,
  Work,
} from "./plan.ts";
import type { PlanText } from "./plan-schema.ts";
import { noticeKinds, type NotifySpec } from "./notice.ts";
import { isMapping } from "./raw.ts";
import type { RolloutText } from "./rollout-schema.ts";
import { spellOutMetrics, spellOutUntil, usualDeadlines } from "./spell-out-metrics.ts";
import type { MetricSpec } from "./metric.ts";

/** What holds where a plan does not say. Milliseconds. */
export const defaults = {
  batches: [{ number: 1 }, { percent: 20 }],
  concurrency: 20,
  maxBad: { number: 0 },
  onFail: "rollback",
  bake: { settleMs: 5_000, stableMs: 30_000, retryMs: 60_000 },
  deadline: { stepMs: 300_000, instanceMs: 900_000, progressMs: 1_800_000 },
  leaseMs: 60_000,
  observeMs: 3_000,
  envelope: "pause",
  onOutlier: "warn",
  watchEveryMs: 30_000,
  retentionMs: 604_800_000,
  probeIntervalMs: 2_000,
} as const;

/** A guard that gives up sooner would take a slow network for a dead controller. */
export const shortestLeaseMs = 5_000;

/** Between two looks at a sealed instance: more would be a load, and less would see nothing in time. */
export const watchEvery = { minMs: 1_000, maxMs: 3_600_000 } as const;

/** Stands where a plan names no kind, or an action that is not there: its review says so. */
export const nothing: Work = { kind: "", args: null };

/** Fills defaults in, spells shorthand out, and puts the work of actions in place of `do`. */
export function spellOutPlan(text: PlanText, kinds: Kinds): Plan {
  const probes = (text.probes ?? []).map((probe) => spellOutProbe(probe, kinds));
  const metrics = spellOutMetrics(text.metrics ?? [], kinds, probes);
  const rollout = spellOutRollout(text.rollout ?? {}, metrics);
  const actions = Object.fromEntries(
    Object.entries(text.actions ?? {}).map(([name, work]) => [name, workOf(work, kinds, {})]),
  );
  return {
    name: text.name,
    summary: text.summary ?? "",
    inventory:
      typeof text.inventory === "string" ? { file: text.inventory } : (text.inventory ?? null),
    targets: {
      regions: text.targets?.regions ?? null,
      labels: text.targets?.labels ?? {},
      exclude: text.targets?.exclude ?? [],
    },
    vars: text.vars ?? {},
    rollout,
    protect: (text.protect ?? []).map(({ path, policy }) => ({ path, policy: policyOf(policy) })),
    actions,
    probes,
    ...(metrics.length === 0 ? {} : { metrics }),
    checks: (text.checks ?? []).map(({ name, run, why = "" }) => ({ name, run, why })),
    steps: text.steps.map((step) => spellOutStep({ step, kinds, actions, rollout })),
    secrets: text.secrets ?? {},
    notify: (text.notify ?? []).map((notify): NotifySpec => {
      const { on = noticeKinds, severity, template } = notify;
      return {
        on,
        ...(severity === undefined ? {} : { severity }),
        ...(template === undefined ? {} : { template }),
        ...firstKind(notify, kinds.notifiers),
      };
    }),
  };
}

function spellOutRollout(text: RolloutText, metrics: readonly MetricSpec[]): RolloutPolicy {
  const bake = spellOutBake(text.bake, defaults.bake, metrics);
  const bakeFirst = spellOutBake(text.bakeFirst, bake, metrics);
  const usual = usualDeadlines([bake, bakeFirst], defaults.deadline);
  const instanceMs = text.deadline?.instance ?? usual.instanceMs;
  return {
    batches: text.batches ?? defaults.batches,
    concurrency: text.concurrency ?? defaults.concurrency,
    maxBad: text.maxBad ?? defaults.maxBad,
    onFail: text.onFail ?? defaults.onFail,
    bake,
    bakeFirst,
    ...spellOutEmergency(text.emergency),
    ...spellOutApprovals(text.approve ?? []),
    deadline: {
      stepMs: text.deadline?.step ?? defaults.deadline.stepMs,
      instanceMs,
      progressMs: text.deadline?.progress ?? usual.progressMs(instanceMs),
    },
    guard: {
      leaseMs: text.guard?.lease ?? usualLease(instanceMs),
      prevent: text.guard?.prevent ?? true,
      observeMs: text.guard?.observe ?? defaults.observeMs,
    },
    retentionMs: text.retention ?? defaults.retentionMs,
    envelope: text.envelope ?? defaults.envelope,
    onOutlier: text.onOutlier ?? defaults.onOutlier,
    ...(text.watch === false
      ? {}
      : { watch: { everyMs: text.watch?.every ?? defaults.watchEveryMs } }),
  };
}

/** Only what is written there: what is not is as always. */
function spellOutEmergency(text: RolloutText["emergency"]): Pick<RolloutPolicy, "emergency"> {
  if (text === undefined) return {};
  const { settle, stable, retry, until } = text.bake;
  const bake = {
    ...(settle === undefined ? {} : { settleMs: settle }),
    ...(stable === undefined ? {} : { stableMs: stable }),
    ...(retry === undefined ? {} : { retryMs: retry }),
    ...(until === undefined ? {} : { untilMs: until.time }),
  };
  return { emergency: { bake, approvers: text.approvers, starter: text.starter ?? false } };
}

/** The short form of an approval says only the region: anybody may, once. */
function spellOutApprovals(
  text: NonNullable<RolloutText["approve"]>,
): Pick<RolloutPolicy, "approve" | "approvals"> {
  const rules = text.flatMap((one): [string, ApprovalRule][] => {
    if (typeof one === "string") return [];
    const { region, by = 1, from = null, expires = null, starter = false } = one;
    return [[region, { by, from, expiresMs: expires, starter }]];
  });
  return {
    approve: text.map((one) => (typeof one === "string" ? one : one.region)),
    ...(rules.length === 0 ? {} : { approvals: Object.fromEntries(rules) }),
  };
}

/** A host goes back by itself before its instance's own deadline is over. */
function usualLease(instanceMs: number): number {
  return Math.max(shortestLeaseMs, Math.min(defaults.leaseMs, Math.floor(instanceMs / 2)));
}

function spellOutBake(
  text: RolloutText["bake"],
  fallback: Bake,
  metrics: readonly MetricSpec[],
): Bake {
  const healthy = {
    settleMs: text?.settle ?? fallback.settleMs,
    stableMs: text?.stable ?? fallback.stableMs,
    retryMs: text?.retry ?? fallback.retryMs,
  };
  return { ...healthy, ...spellOutUntil(text, healthy, { fallback, metrics }) };
}

function spellOutStep(parts: {
  readonly step: PlanText["steps"][number];
  readonly kinds: Kinds;
  readonly actions: Readonly<Record<string, Work>>;
  readonly rollout: RolloutPolicy;
}): StepSpec {
  const { step, kinds, actions, rollout } = parts;
  const work = workOf(step, kinds, actions);
  const places = kinds.steps.find((kind) => kind.name === work.kind)?.places ?? ["host"];
  return {
    name: step.name,
    work,
    action: actionOf(step),
    undo: undoOf(step.undo, kinds, actions),
    timeoutMs: step.timeout ?? rollout.deadline.stepMs,
    retries: step.retries ?? 0,
    onFail: step.onFail ?? rollout.onFail,
    touches: step.touches ?? [],
    allow: (step.allow ?? []).map(allowanceOf),
    writes: step.writes ?? [],
    hosts: step.hosts ?? "all",
    on: step.on ?? (places.includes("host") ? "host" : "controller"),
    idempotent: step.idempotent ?? false,
    required: step.required ?? false,
    probes: step.probes ?? true,
    become: step.become ?? null,
    prevent: step.prevent ?? true,
    ...(step.accept === undefined
      ? {}
      : { accept: step.accept.map((one) => ({ ...one, path: one.path ?? null })) }),
  };
}

function undoOf(undo: unknown, kinds: Kinds, actions: Readonly<Record<string, Work>>): Work | null {
  if (typeof undo === "string") return { kind: "run", args: undo };
  return isMapping(undo) ? workOf(undo, kinds, actions) : null;
}

/** The first kind that is there; more than one is a problem that the review reports. */
function workOf(text: object, kinds: Kinds, actions: Readonly<Record<string, Work>>): Work {
  const action = actionOf(text);
  if (action !== null) {
    return Object.hasOwn(actions, action) ? (actions[action] ?? nothing) : nothing;
  }
  return firstKind(text, kinds.steps);
}

function actionOf(text: object): string | null {
  const action = (text as { readonly do?: unknown }).do;
  return typeof action === "string" ? action : null;
}

function firstKind(text: object, kinds: readonly { readonly name: string }[]): Work {
  const values: Readonly<Record<string, unknown>> = { ...text };
  const kind = kinds.find(({ name }) => values[name] !== undefined);
  return kind === undefined ? nothing : { kind: kind.name, args: values[kind.name] };
}

function spellOutProbe(text: NonNullable<PlanText["probes"]>[number], kinds: Kinds): ProbeSpec {
  const { kind, args } = firstKind(text, kinds.probes);
  const shape = kinds.probes.find((one) => one.name === kind);
  const caveats = shape?.caveats?.(args) ?? [];
  return {
    name: text.name,
    surface: text.surface,
    kind,
    args,
    on: text.on ?? shape?.place ?? "controller",
    intervalMs: text.interval ?? defaults.probeIntervalMs,
    ...(text.failAfter === undefined ? {} : { failAfter: text.failAfter }),
    ...(text.errorAfter === undefined ? {} : { errorAfter: text.errorAfter }),
    ...(text.jitter === undefined ? {} : { jitter: text.jitter }),
    ...(caveats.length === 0 ? {} : { caveats }),
  };
}

function policyOf(text: NonNullable<PlanText["protect"]>[number]["policy"]): Policy {
  if (typeof text === "string") return { kind: text };
  const { within, recover } = text.regenerates;
  return { kind: "regenerates", withinMs: within, recover };
}

function allowanceOf(text: NonNullable<PlanText["steps"][number]["allow"]>[number]): Allowance {
  const effects: readonly EffectKind[] = ["create", "change", "delete"];
  const effect = effects.find((one) => text[one] !== undefined) ?? "delete";
  return { effect, glob: text[effect] ?? "", max: text.max ?? null };
}
