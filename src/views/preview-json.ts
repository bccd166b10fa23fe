import { type PreviewEmergency, previewEmergency } from "./emergency.ts";
import type { Itinerary } from "../core/itinerary.ts";
import type { NotifySpec } from "../core/plan/notice.ts";
import type { EnvelopePolicy, OutlierPolicy } from "../core/plan/plan.ts";
import { type RegenerationKnown, regenerationWords } from "../core/regeneration-history.ts";
import type { SealedBefore } from "../core/sealed-before.ts";
import { fill, namesIn, valueOf, type Variables } from "../core/variables.ts";
import type { ReviewFinding } from "../core/static-review/finding.ts";
import { safeDeep } from "./event-facts.ts";
import { type OddOneOut, oddOnesOut, orderSeen } from "./preview-odd.ts";
import { type PreviewRegion, previewRegion } from "./preview-regions.ts";
import type { Calendar } from "./preview-windows.ts";
import { type PreviewSnapshots, previewSnapshots } from "./preview-snapshots.ts";
import { policyWords } from "./policy-words.ts";
import { sureFailures } from "./preview-effects.ts";
import { type PreviewMetric, previewMetrics } from "./preview-metrics.ts";
import { type PreviewNotice, previewNotices } from "./preview-notices.ts";
import type { PreviewHost } from "./preview-hosts.ts";
import { type RehearsedBreak, rehearsedBreaks } from "./preview-rehearsed.ts";
import {
  differing,
  firstInstance,
  type ForecastOptions,
  type PreviewStep,
  previewSteps,
} from "./preview-steps.ts";
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
  /**
   * The instance whose values are shown, and the variables that say something else on others; null
   * where there is no instance.
   */
  readonly values: { readonly instance: string; readonly differ: readonly string[] } | null;
  /** In rollout order. */
  readonly regions: readonly PreviewRegion[];
  /** What its plan declares for an emergency, and whether this preview is of one; null: nothing. */
  readonly emergency: PreviewEmergency | null;
  /** Persons that will be waited for, in order. */
  readonly approvals: readonly PreviewApproval[];
  readonly steps: readonly PreviewStep[];
  /** What the static review asks about actions that only a `recover` names. */
  readonly recoveries: readonly ReviewFinding[];
  readonly protect: readonly {
    /** On the instance that `values` names. */
    readonly path: string;
    /** As the plan writes it. */
    readonly written: string;
    readonly policy: string;
  }[];
  readonly checks: readonly { readonly name: string; readonly why: string }[];
  readonly probes: readonly {
    readonly name: string;
    readonly surface: string;
    readonly kind: string;
    readonly on: "host" | "controller";
    readonly everyMs: number;
    /** What its answers leave open, or what it does without: "certificate not checked". */
    readonly caveats: readonly string[];
  }[];
  /** Numbers by which bakes end and instances are compared. */
  readonly metrics: readonly PreviewMetric[];
  /** The dead-man switch on the hosts, and what else they do before and around a step. */
  readonly guard: {
    readonly leaseMs: number;
    readonly prevent: boolean;
    readonly observeMs: number;
  };
  readonly limits: PreviewLimits;
  /** Who will be told of its turns, in the plan's order. */
  readonly notices: readonly PreviewNotice[];
  /** What the first snapshots of the rollout take; null: the hosts were not looked at. */
  readonly snapshots: PreviewSnapshots | null;
  /** Steps that would surely fail, as the hosts are now; empty also where nobody looked. */
  readonly wouldFail: readonly {
    readonly step: string;
    readonly instance: string;
    readonly path: string;
    readonly says: string;
  }[];
  /** Names of the secrets that it will ask for. */
  readonly secrets: readonly string[];
  /** Names of steps that can't be taken back. */
  readonly notReversible: readonly string[];
  /** null: the hosts were not looked at. */
  readonly hosts: readonly PreviewHost[] | null;
  /** Hosts that are not like the others, in words; empty also where nobody looked. */
  readonly oddOnesOut: readonly OddOneOut[];
  /** How long `regenerates` paths took to come back in earlier rollouts, in the plan's order. */
  readonly regenerations: readonly (RegenerationKnown & { readonly says: string })[];
  /** Policies that steps would break, as rehearsals of this very plan found. */
  readonly rehearsedBreaks: readonly (Omit<RehearsedBreak, "step"> & { readonly step: string })[];
  /** What is kept on this controller and could not be read, in sentences. */
  readonly notKnown: readonly string[];
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
  /** What comes of a step that does on an instance what it did on none of the earlier ones. */
  readonly envelope: EnvelopePolicy;
  /** What comes of targets that are not like the others. */
  readonly onOutlier: OutlierPolicy;
  /** Milliseconds between two looks at what is sealed, while the rollout goes on; null: nobody looks. */
  readonly watchEveryMs: number | null;
}

export interface PreviewOptions extends ForecastOptions {
  /** What was found on the hosts, in rollout order; null: nobody has looked at them. */
  readonly hosts: readonly PreviewHost[] | null;
  /** Maintenance windows by region, as the inventory has them, and when it is now; default: none. */
  readonly calendar?: Calendar;
  /** Whom an entry of `notify` reaches, in words without a secret; default: the kind alone. */
  readonly receiver?: (spec: NotifySpec) => string;
  /** What earlier rollouts measured of paths that come back; default: nothing. */
  readonly regenerations?: readonly RegenerationKnown[];
  /** Which earlier rollouts stand on the targets; default: nobody knows. */
  readonly sealedBefore?: SealedBefore | null;
  /** What of all that was kept can't be read, in sentences. */
  readonly notKnown?: readonly string[];
}

/** Pure: everything in it is in the itinerary, or in what was seen. All text is safe to print. */
export function previewJson(frozen: Itinerary, options: PreviewOptions): Preview {
  const { itinerary, last } = orderSeen(frozen, options);
  const { plan } = itinerary;
  const first = firstInstance(itinerary);
  const steps = previewSteps(itinerary, options);
  const named = namesIn(plan.protect.map(({ path }) => path));
  const names = steps.flatMap(({ differs }) => differs);
  return safeDeep<Preview>({
    plan: plan.name,
    summary: plan.summary,
    digest: itinerary.digest,
    inventory: itinerary.inventory.name,
    production: itinerary.inventory.production,
    instances: Object.keys(itinerary.instances).length,
    values:
      first === null
        ? null
        : {
            instance: first.name,
            differ: [...new Set([...names, ...differing(itinerary, named)])],
          },
    regions: itinerary.regions.map((region) =>
      previewRegion(region, { plan, last, calendar: options.calendar }),
    ),
    emergency: previewEmergency(itinerary),
    approvals: approvals(itinerary),
    steps,
    recoveries: (options.findings ?? []).filter((finding) => finding.step === null),
    protect: plan.protect.map(({ path, policy }) => ({
      path: first === null ? path : filled(path, first.variables),
      written: path,
      policy: policyWords(policy),
    })),
    checks: plan.checks.map(({ name, why }) => ({ name, why })),
    probes: plan.probes.map(({ name, surface, kind, on, intervalMs, caveats = [] }) => ({
      name,
      surface,
      kind,
      on,
      everyMs: intervalMs,
      caveats,
    })),
    metrics: previewMetrics(itinerary),
    guard: plan.rollout.guard,
    limits: previewLimits(itinerary),
    notices: previewNotices(plan.notify, options.receiver ?? (({ kind }) => kind)),
    snapshots: options.hosts === null ? null : previewSnapshots(options.hosts),
    wouldFail: sureFailures(options.hosts ?? []).map(({ step, ...it }) => ({
      step: steps[step]?.name ?? "?",
      ...it,
    })),
    secrets: Object.keys(plan.secrets),
    notReversible: steps.filter((step) => !step.reversal.is).map((step) => step.name),
    hosts: options.hosts?.map(({ foreseen: _foreseen, places: _places, ...host }) => host) ?? null,
    oddOnesOut: oddOnesOut(options.hosts ?? [], options.sealedBefore ?? null),
    regenerations: (options.regenerations ?? []).map((it) => ({
      ...it,
      says: regenerationWords(it),
    })),
    rehearsedBreaks: rehearsedBreaks(options.rehearsed ?? []).map(({ step, ...it }) => ({
      step: steps[step]?.name ?? "?",
      ...it,
    })),
    notKnown: options.notKnown ?? [],
  });
}

/** A person says yes when all regions before it are sealed; who that is, the journal notes. */
export interface PreviewApproval {
  readonly region: string;
  /** Names of the regions before it. */
  readonly after: readonly string[];
  /** What that person types, with the id that the rollout has by then. */
  readonly command: string;
}

function approvals({ regions }: Itinerary): readonly PreviewApproval[] {
  return regions.flatMap(({ name, approve }, at) =>
    approve
      ? [
          {
            region: name,
            after: regions.slice(0, at).map((region) => region.name),
            command: `handrail approve ROLLOUT ${name}`,
          },
        ]
      : [],
  );
}

/** A path with the values of an instance; where one is not known, as it is written. */
function filled(path: string, variables: Variables): string {
  const { text, unknown } = fill(path, (name) => valueOf(name, variables));
  return unknown.length === 0 ? text : path;
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
    envelope: rollout.envelope ?? "off",
    onOutlier: rollout.onOutlier ?? "warn",
    watchEveryMs: rollout.watch?.everyMs ?? null,
  };
}
