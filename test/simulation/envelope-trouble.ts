import type { RolloutEvent } from "../../src/core/event.ts";
import { evolve } from "../../src/core/evolve.ts";
import type { Itinerary } from "../../src/core/itinerary.ts";
import { openRollout, type RolloutState } from "../../src/core/state.ts";
import type { HostModel } from "./host-model.ts";

/** How many instances must have shown what a step does before another is held against them. */
const earlierMin = 2;

/**
 * What a journal says of the envelope, held against what really became of the hosts: an instance that
 * alone has lost something for good counts as good by a person's word only, and none waits for a person
 * that has done as the others.
 */
export function envelopeTrouble(
  itinerary: Itinerary,
  events: readonly RolloutEvent[],
  hosts: ReadonlyMap<string, HostModel>,
): readonly string[] {
  const broken: string[] = [];
  /** By step and instance: did it lose something there for good? */
  const ended = new Map<string, boolean>();
  let state = openRollout(itinerary);
  for (const event of events) {
    if (event.kind === "outcome" && event.action.kind === "apply" && state.mode === "forward") {
      const { instance, step, attempt } = event.action;
      const lost = (itinerary.instances[instance]?.hosts ?? []).some((host) =>
        hosts.get(host.name)?.lost.has(`${itinerary.rollout}/${instance}.${step + 1}.${attempt}`),
      );
      ended.set(`${step}/${instance}`, lost);
      const others = [...state.instances.values()].filter(
        (it) => it.name !== instance && it.step > step && it.bad === null,
      );
      const isAlone =
        lost &&
        others.length >= earlierMin &&
        others.every((it) => ended.get(`${step}/${it.name}`) !== true);
      const { outcome } = event;
      if (outcome.is === "done" && isAlone)
        broken.push(`9: ${instance} alone lost something by step ${step}, and counts as good`);
      if (isPaused(event) && !isAlone)
        broken.push(`9: ${instance} did by step ${step} as the others, and a person is asked`);
    }
    broken.push(...begunInDoubt(state, event));
    state = evolve(state, event);
  }
  return broken;
}

function isPaused(event: RolloutEvent): boolean {
  return (
    event.kind === "outcome" &&
    event.outcome.is === "inconclusive" &&
    event.outcome.failure.code === "OUTSIDE_ENVELOPE"
  );
}

/** Nothing new begins while somebody must say whether that is how the step is. */
function begunInDoubt(state: RolloutState, event: RolloutEvent): readonly string[] {
  if (event.kind !== "intent" || event.action.kind !== "begin") return [];
  const waiting = [...state.instances.values()].find(
    (it) => it.phase === "inconclusive" && it.doubt?.code === "OUTSIDE_ENVELOPE",
  );
  return waiting === undefined
    ? []
    : [`9: ${event.action.instance} begins while ${waiting.name} waits for a person`];
}
