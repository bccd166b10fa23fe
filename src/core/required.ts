import type { Wish } from "./event.ts";
import type { Itinerary } from "./itinerary.ts";
import type { InstanceState, RolloutState } from "./state.ts";

type Choice = Extract<Wish, { kind: "decide" }>["choice"];

/**
 * The step, from 0, that the plan marks `required` and that this instance failed at, or of which nobody
 * could tell whether it did; null: there is none. Rollouts of before it had an effect go on without.
 */
function stoppedAtRequired(it: InstanceState, itinerary: Itinerary): number | null {
  if (itinerary.requires !== true) return null;
  const step = it.phase === "inconclusive" ? doubtedStep(it) : (it.bad?.step ?? it.bad?.doubted);
  return itinerary.plan.steps[step ?? -1]?.required === true ? (step ?? null) : null;
}

/** The step that is neither good nor bad; null: it was no step, but the probes before or after all of them. */
export function doubtedStep(it: InstanceState): number | null {
  return it.resumeAt === "step" ? it.step : null;
}

/** The same of an instance by its name: is there such a step? */
export function lacksRequired(state: RolloutState, name: string): boolean {
  const it = state.instances.get(name);
  return it !== undefined && stoppedAtRequired(it, state.itinerary) !== null;
}

/** Would this decision let the rollout go on without a step that the plan marks `required`? */
export function goesOnWithout(state: RolloutState, instance: string, choice: Choice): boolean {
  return (choice === "accept" || choice === "exclude") && lacksRequired(state, instance);
}
