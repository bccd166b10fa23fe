import { type Standing, standingOf, type Unlike } from "./envelope.ts";
import { envelopeTable } from "./envelope-table.ts";
import type { RolloutEvent } from "./event.ts";
import type { Failure } from "./failure.ts";
import { sampleOf } from "./step-sample.ts";
import type { InstanceState, RolloutState } from "./state.ts";

/** Of these a sentence tells; the table beside it has all. */
const toldMax = 2;

/**
 * What is written where a step has ended well: the same, or its instance is inconclusive because of
 * what it did there, or a remark goes before it. Only while the rollout goes forward: whoever is taken
 * back is judged by how it was before. Any other event is given back as it is.
 */
export function heldToEnvelope(state: RolloutState, event: RolloutEvent): readonly RolloutEvent[] {
  const standing = endingOf(state, event);
  if (standing === null || event.kind !== "outcome" || event.action.kind !== "apply")
    return [event];
  const { envelope } = state.itinerary.plan.rollout;
  const outside = standing.unlike.filter((it) => it.outside);
  const inside = standing.unlike.filter((it) => !it.outside);
  const { instance, step } = event.action;
  const of = { instance, name: state.itinerary.plan.steps[step]?.name ?? String(step + 1) };
  const unlike: readonly RolloutEvent[] =
    envelope === "warn" && outside.length > 0
      ? [remark(of, standing.unlike)]
      : inside.length > 0
        ? [remark(of, inside)]
        : [];
  const remarked = [...unknownUnits(state, { instance, step, standing }), ...unlike];
  if (envelope === "warn" || outside.length === 0) return [...remarked, event];
  const failure = failureOf(of, standing, state);
  return [...remarked, { ...event, outcome: { is: "inconclusive", failure } }];
}

/** Is this the good end of a step whose effects lie outside what the earlier instances showed? */
export function endsOutside(state: RolloutState, event: RolloutEvent): boolean {
  if (state.itinerary.plan.rollout.envelope !== "pause") return false;
  return endingOf(state, event)?.unlike.some((it) => it.outside) === true;
}

function endingOf(state: RolloutState, event: RolloutEvent): Standing | null {
  if (event.kind !== "outcome" || event.action.kind !== "apply") return null;
  if (event.outcome.is !== "done" || state.mode !== "forward") return null;
  const { envelope = "off" } = state.itinerary.plan.rollout;
  return envelope === "off" ? null : standingOf(state, event.action);
}

interface StepOf {
  readonly instance: string;
  /** The step's. */
  readonly name: string;
}

function remark({ instance, name }: StepOf, unlike: readonly Unlike[]): RolloutEvent {
  const text = `step "${name}" did here what it did on none of the earlier instances: ${told(unlike)}`;
  return { kind: "noted", note: { kind: "remark", instance, text } };
}

/** Said once of an instance: what is not known is told, and is no 0. */
function unknownUnits(
  state: RolloutState,
  it: { readonly instance: string; readonly step: number; readonly standing: Standing },
): readonly RolloutEvent[] {
  const { instance, step, standing } = it;
  const because = standing.own.unitsUnknown;
  const before = (state.seen.get(instance) ?? []).slice(0, step);
  if (because === null || before.some((seen) => sampleOf(seen)?.unitsUnknown === because))
    return [];
  const text = `nobody can tell whether steps restart services here: ${because}`;
  return [{ kind: "noted", note: { kind: "remark", instance, text } }];
}

function failureOf({ instance, name }: StepOf, it: Standing, state: RolloutState): Failure {
  const outside = it.unlike.filter((each) => each.outside);
  return {
    code: "OUTSIDE_ENVELOPE",
    message: `step "${name}" did on ${instance} what it did on none of the earlier instances: ${told(outside)}`,
    hint: `see why ${instance} is unlike them, then decide: accept it with a reason, rollback or leave`,
    detail: envelopeTable(it, state.itinerary.plan),
  };
}

function told(unlike: readonly Unlike[]): string {
  const says = unlike.slice(0, toldMax).map((it) => it.says);
  const more = unlike.length - says.length;
  return [...says, ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
}

/** Does this instance wait for a decision about what a step did on it? */
export function isOutside(it: InstanceState): boolean {
  return it.phase === "inconclusive" && it.doubt?.code === "OUTSIDE_ENVELOPE";
}
