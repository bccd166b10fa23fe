import { isGuarded } from "../core/stand-down.ts";
import type { Itinerary, ItineraryInstance } from "../core/itinerary.ts";
import type { Allowance, ProtectedPath, StepSpec } from "../core/plan/plan.ts";
import { valueOf } from "../core/variables.ts";
import { type Prevention, prevention } from "../core/verdict/prevention.ts";
import type { Remembered } from "../core/rehearsal/remembered.ts";
import type { ReviewFinding } from "../core/static-review/finding.ts";
import { allowanceWords } from "./policy-words.ts";
import { type EffectGroup, effectGroups } from "./preview-effects.ts";
import type { PreviewHost } from "./preview-hosts.ts";
import { type RehearsedOn, rehearsalsOf, wasShown } from "./preview-rehearsed.ts";
import { type KnownBy, knownBy, type Reversal, reversal } from "./reversal.ts";

/** What a step comes to on one instance, with every value filled in but those of secrets. */
export interface StepForecast {
  /** One line: what the kind's orders say of themselves. */
  readonly summary: string;
  /** Text of the program, where the plan gives one; else "". */
  readonly text: string;
  readonly writes: readonly string[];
  readonly allow: readonly Allowance[];
  readonly protect: readonly ProtectedPath[];
  /** Variables whose values are in all this. */
  readonly names: readonly string[];
}

export interface PreviewStep {
  readonly name: string;
  readonly kind: string;
  /** In the words of the plan, for the instance that `values` names. */
  readonly summary: string;
  /** Variables in it that say something else on other instances. */
  readonly differs: readonly string[];
  readonly knownBy: KnownBy;
  /** What rehearsals of this very plan found of it, oldest first. */
  readonly rehearsals: readonly RehearsedOn[];
  readonly reversal: Reversal;
  /** What the static review asks about its commands, and those that take it back. */
  readonly review: readonly ReviewFinding[];
  /** Paths that it says it writes or removes. */
  readonly writes: readonly string[];
  /** What it would do to files, held against those of the instances; null: nobody looked. */
  readonly effects: readonly EffectGroup[] | null;
  readonly touches: readonly string[];
  readonly allows: readonly string[];
  /** Protected paths that it can't write to, where the host allows it, and why others stay open. */
  readonly prevention: Prevention;
  /** Does the dead-man switch of the host stand behind it? */
  readonly guarded: boolean;
  readonly hosts: "all" | "first";
  readonly on: "host" | "controller";
  readonly onFail: string;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly idempotent: boolean;
  readonly required: boolean;
}

export interface ForecastOptions {
  readonly forecast: (step: StepSpec, instance: ItineraryInstance) => StepForecast;
  /** Of the static review; default: none. */
  readonly findings?: readonly ReviewFinding[];
  /** What was found on the hosts; default and null: nobody has looked at them. */
  readonly hosts?: readonly PreviewHost[] | null;
  /** What rehearsals with this plan's digest found, oldest first; default: nobody rehearsed it. */
  readonly rehearsed?: readonly Remembered[];
}

/** The plan's steps as the first instance will see them; [] where there is none. */
export function previewSteps(
  itinerary: Itinerary,
  { forecast, findings = [], hosts = null, rehearsed = [] }: ForecastOptions,
): readonly PreviewStep[] {
  const instance = firstInstance(itinerary);
  if (instance === null) return [];
  return itinerary.plan.steps.map((step, index) => {
    const it = forecast(step, instance);
    const { prevent } = itinerary.plan.rollout.guard;
    const rehearsals = rehearsalsOf(rehearsed, index);
    return {
      name: step.name,
      kind: step.action === null ? step.work.kind : `${step.work.kind}, action ${step.action}`,
      summary: it.summary,
      differs: differing(itinerary, it.names),
      knownBy: knownBy(step, wasShown(rehearsals)),
      rehearsals,
      reversal: reversal(step),
      review: findings.filter((finding) => finding.step === step.name),
      writes: it.writes,
      effects: hosts === null ? null : effectGroups(hosts, index),
      touches: step.touches,
      allows: it.allow.map(allowanceWords),
      prevention: prevention({ ...it, step, prevent }),
      guarded: isGuarded(itinerary, index),
      hosts: step.hosts,
      on: step.on,
      onFail: step.onFail,
      timeoutMs: step.timeoutMs,
      retries: step.retries,
      idempotent: step.idempotent,
      required: step.required,
    };
  });
}

/** The instance that the rollout touches first. */
export function firstInstance({ regions, instances }: Itinerary): ItineraryInstance | null {
  const name = regions[0]?.batches[0]?.instances[0];
  return (name === undefined ? undefined : instances[name]) ?? null;
}

/** Those of these names that don't say the same on every host of every instance. */
export function differing(itinerary: Itinerary, names: readonly string[]): readonly string[] {
  const all = Object.values(itinerary.instances).flatMap(({ variables, byHost }) => [
    variables,
    ...Object.values(byHost ?? {}),
  ]);
  return names.filter((name) => {
    const [first, ...others] = all.map((variables) => valueOf(name, variables));
    return others.some((value) => value !== first);
  });
}
