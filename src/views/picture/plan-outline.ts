import { stringify } from "yaml";
import type { Itinerary } from "../../core/itinerary.ts";
import type { Work } from "../../core/plan/plan.ts";
import { allowanceWords, policyWords } from "../policy-words.ts";
import { ruleWords } from "../region-waits.ts";
import { reversal } from "../reversal.ts";
import { span } from "../times.ts";
import { clipped, resolved } from "../wording.ts";

/** The plan as it was frozen when the rollout opened, in words. Secrets are names only. */
export interface PlanOutline {
  readonly name: string;
  readonly summary: string;
  readonly digest: string;
  readonly steps: readonly StepOutline[];
  readonly protect: readonly { readonly path: string; readonly policy: string }[];
  readonly probes: readonly {
    readonly name: string;
    readonly surface: string;
    readonly kind: string;
    readonly on: string;
    readonly every: string;
  }[];
  readonly checks: readonly { readonly name: string; readonly why: string; readonly run: string }[];
  /** How it goes: batches, limits, bake, deadlines, by name. */
  readonly rules: readonly (readonly [string, string])[];
  readonly files: readonly FileOutline[];
  readonly filesCut: number;
  /** The whole plan after parsing, in YAML; null: too long to print. */
  readonly source: string | null;
}

export interface StepOutline {
  readonly number: number;
  readonly name: string;
  readonly kind: string;
  /** What it does, as text: a command line, a program, or the arguments in YAML. */
  readonly text: string;
  readonly facts: readonly (readonly [string, string])[];
  readonly reversible: boolean;
}

export interface FileOutline {
  readonly path: string;
  readonly sha256: string;
  readonly mode: string;
  readonly bytes: number;
}

const textMax = 4_000;
const filesMax = 200;
const sourceMax = 60_000;

export function planOutline(itinerary: Itinerary): PlanOutline {
  const { plan, digest } = itinerary;
  const source = yamlText(plan);
  const files = Object.entries(itinerary.files).flatMap(([named, found]) =>
    found.map((it) => ({
      path: it.path === named || found.length === 1 ? named : `${named}: ${it.path}`,
      sha256: it.sha256,
      mode: it.mode,
      bytes: it.size,
    })),
  );
  return {
    name: plan.name,
    summary: plan.summary,
    digest,
    steps: plan.steps.map((step, index) => ({
      number: index + 1,
      name: step.name,
      kind: step.action === null ? step.work.kind : `${step.work.kind}, action ${step.action}`,
      text: clipped(workText(step.work), textMax),
      reversible: reversal(step).is,
      facts: [
        ["taken back", reversal(step).how],
        ...(step.touches.length > 0 ? [["can harm", step.touches.join(", ")] as const] : []),
        ...(step.writes.length > 0 ? [["writes", step.writes.join(", ")] as const] : []),
        ...(step.allow.length > 0
          ? [["may", step.allow.map(allowanceWords).join("; ")] as const]
          : []),
        ["if it fails", `${step.onFail}; timeout ${span(step.timeoutMs)}`],
      ],
    })),
    protect: plan.protect.map(({ path, policy }) => ({ path, policy: policyWords(policy) })),
    probes: plan.probes.map(({ name, surface, kind, on, intervalMs }) => ({
      name,
      surface,
      kind,
      on: on === "controller" ? "the controller" : "the host",
      every: span(intervalMs),
    })),
    checks: plan.checks.map(({ name, why, run }) => ({ name, why, run: clipped(run, textMax) })),
    rules: rules(itinerary),
    files: files.slice(0, filesMax),
    filesCut: Math.max(0, files.length - filesMax),
    source: source.length > sourceMax ? null : source,
  };
}

function workText({ args }: Work): string {
  if (typeof args === "string") return args;
  return args === null || args === undefined ? "" : yamlText(args);
}

/** As plans are written; never folded, so that a line of a script stays one. */
function yamlText(data: unknown): string {
  return stringify(data, { lineWidth: 0 }).trimEnd();
}

function rules(itinerary: Itinerary): readonly (readonly [string, string])[] {
  const { rollout } = itinerary.plan;
  const { settleMs, stableMs, retryMs } = rollout.bake;
  const batches = rollout.batches.map((it) => ("percent" in it ? `${it.percent} %` : it.number));
  const approvals = itinerary.regions
    .filter((region) => region.approve)
    .map((region) => `${region.name}: ${ruleWords(region)}`);
  return [
    ["batches", `${batches.join(", ")}; the last repeats`],
    ["at once", String(rollout.concurrency)],
    ["bad, at most", resolved(rollout.maxBad, itinerary.maxBad.rollout)],
    ["on failure", rollout.onFail],
    ["bake", `settle ${span(settleMs)}, stable ${span(stableMs)}, retried for ${span(retryMs)}`],
    ...(approvals.length === 0 ? [] : [["approvals", approvals.join("; ")] as const]),
    [
      "deadlines",
      `step ${span(rollout.deadline.stepMs)}, instance ${span(rollout.deadline.instanceMs)}, progress ${span(rollout.deadline.progressMs)}`,
    ],
    ["guard", `a host that hears nothing for ${span(rollout.guard.leaseMs)} goes back by itself`],
    ["snapshots are kept for", span(rollout.retentionMs)],
  ];
}
