import type { Itinerary, ItineraryInstance, ItineraryRegion } from "../core/itinerary.ts";
import type { Plan, StepSpec } from "../core/plan/plan.ts";
import { safeDeep } from "./event-facts.ts";
import { type KnownBy, knownBy, type Reversal, reversal } from "./reversal.ts";
import { allowanceWords, policyWords } from "./policy-words.ts";
import { resolved } from "./wording.ts";

/** What a rollout of this itinerary would do, as plain data: `preview --json`. */
export interface Preview {
  readonly plan: string;
  readonly summary: string;
  /** What `apply --approve` takes. */
  readonly digest: string;
  readonly inventory: string;
  readonly production: boolean;
  readonly instances: number;
  /** In rollout order. */
  readonly regions: readonly PreviewRegion[];
  readonly steps: readonly PreviewStep[];
  readonly protect: readonly { readonly path: string; readonly policy: string }[];
  readonly checks: readonly { readonly name: string; readonly why: string }[];
  readonly probes: readonly {
    readonly name: string;
    readonly surface: string;
    readonly kind: string;
    readonly everyMs: number;
  }[];
  readonly limits: PreviewLimits;
  /** Names of the secrets that it will ask for. */
  readonly secrets: readonly string[];
  /** Names of steps that can't be taken back. */
  readonly notReversible: readonly string[];
}

export interface PreviewRegion {
  readonly name: string;
  readonly timezone: string | null;
  /** Waits for a person before its first instance is touched. */
  readonly approve: boolean;
  readonly batches: readonly PreviewBatch[];
  readonly bake: { readonly settleMs: number; readonly stableMs: number; readonly retryMs: number };
  /** Bad instances that the region may have. */
  readonly maxBad: number;
}

export interface PreviewBatch {
  /** As the plan says it, with what that is here: "20 % = 3". */
  readonly size: string;
  readonly instances: readonly string[];
  readonly maxBad: number;
  /** Instances of it that are in hand at the same time. */
  readonly atOnce: number;
}

export interface PreviewStep {
  readonly name: string;
  readonly kind: string;
  /** In the words of the plan, for the first instance. */
  readonly summary: string;
  readonly knownBy: KnownBy;
  readonly reversal: Reversal;
  readonly touches: readonly string[];
  readonly allows: readonly string[];
  readonly hosts: "all" | "first";
  readonly on: "host" | "controller";
  readonly onFail: string;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly idempotent: boolean;
}

export interface PreviewLimits {
  readonly maxBad: string;
  readonly maxBadRollout: number;
  /** Worst case: instances under way when a step does harm and is caught at once. */
  readonly atOnce: number;
  /** Worst case: instances changed when harm shows only while a batch bakes. */
  readonly largestBatch: number;
  readonly onFail: string;
  readonly instanceMs: number;
  readonly progressMs: number;
  readonly retentionMs: number;
}

export interface PreviewOptions {
  /** One line for a step on an instance: what the kind's orders say of themselves. */
  readonly summary: (step: StepSpec, instance: ItineraryInstance) => string;
}

/** Pure: everything in it is in the itinerary. All text is safe to print. */
export function previewJson(itinerary: Itinerary, { summary }: PreviewOptions): Preview {
  const { plan } = itinerary;
  const first = Object.values(itinerary.instances)[0];
  const steps = plan.steps.map((step) =>
    previewStep(step, first === undefined ? "" : summary(step, first)),
  );
  return safeDeep<Preview>({
    plan: plan.name,
    summary: plan.summary,
    digest: itinerary.digest,
    inventory: itinerary.inventory.name,
    production: itinerary.inventory.production,
    instances: Object.keys(itinerary.instances).length,
    regions: itinerary.regions.map((region) => previewRegion(region, plan)),
    steps,
    protect: plan.protect.map(({ path, policy }) => ({ path, policy: policyWords(policy) })),
    checks: plan.checks.map(({ name, why }) => ({ name, why })),
    probes: plan.probes.map(({ name, surface, kind, intervalMs }) => ({
      name,
      surface,
      kind,
      everyMs: intervalMs,
    })),
    limits: previewLimits(itinerary),
    secrets: Object.keys(plan.secrets),
    notReversible: steps.filter((step) => !step.reversal.is).map((step) => step.name),
  });
}

function previewRegion(region: ItineraryRegion, plan: Plan): PreviewRegion {
  const { batches, concurrency } = plan.rollout;
  return {
    name: region.name,
    timezone: region.timezone,
    approve: region.approve,
    batches: region.batches.map((batch, index) => {
      const count = batch.instances.length;
      const asked = batches[index] ?? batches.at(-1) ?? { number: count };
      return {
        size: resolved("number" in asked ? { number: count } : asked, count),
        instances: batch.instances,
        maxBad: batch.maxBad,
        atOnce: Math.min(count, concurrency),
      };
    }),
    bake: region.bake,
    maxBad: region.maxBad,
  };
}

function previewStep(step: StepSpec, summary: string): PreviewStep {
  return {
    name: step.name,
    kind: step.action === null ? step.work.kind : `${step.work.kind}, action ${step.action}`,
    summary,
    knownBy: knownBy(step),
    reversal: reversal(step),
    touches: step.touches,
    allows: step.allow.map(allowanceWords),
    hosts: step.hosts,
    on: step.on,
    onFail: step.onFail,
    timeoutMs: step.timeoutMs,
    retries: step.retries,
    idempotent: step.idempotent,
  };
}

function previewLimits({ plan, maxBad, regions }: Itinerary): PreviewLimits {
  const { rollout } = plan;
  const sizes = regions.flatMap(({ batches }) => batches.map((batch) => batch.instances.length));
  const largestBatch = Math.max(0, ...sizes);
  return {
    maxBad: resolved(rollout.maxBad, maxBad.rollout),
    maxBadRollout: maxBad.rollout,
    atOnce: Math.min(rollout.concurrency, largestBatch),
    largestBatch,
    onFail: rollout.onFail,
    instanceMs: rollout.deadline.instanceMs,
    progressMs: rollout.deadline.progressMs,
    retentionMs: rollout.retentionMs,
  };
}
