import type { RolloutEvent } from "../../src/core/event.ts";
import { evolve } from "../../src/core/evolve.ts";
import { brokenPromises } from "../../src/core/promises.ts";
import { openRollout, type RolloutState } from "../../src/core/state.ts";
import type { Itinerary } from "../../src/core/itinerary.ts";

/** Failures of a step that was heard to its end: its switch was not told that it is good. */
const judgedBad: ReadonlySet<string> = new Set([
  "STEP_EXIT",
  "STEP_TIMEOUT",
  "CONTRACT_BROKEN",
  "BUDGET_EXCEEDED",
  "REGENERATION_LATE",
  "PROBE_FAILED",
  "PROBE_INCONCLUSIVE",
]);

/** What a journal says against itself, from its first record to its last, and where it leads. */
export function courseTrouble(
  itinerary: Itinerary,
  events: readonly RolloutEvent[],
): { readonly state: RolloutState; readonly broken: readonly string[] } {
  const broken: string[] = [];
  const told = new Set<string>();
  let state = openRollout(itinerary);
  for (const event of events) {
    const next = evolve(state, event);
    broken.push(...brokenPromises(state, event, next), ...conflictTrouble(event, state));
    state = next;
    if (event.kind === "noted" && event.note.kind === "guard.disarmed") {
      if (event.note.because === "judged") told.add(`${event.note.instance}/${event.note.step}`);
    }
    // Asked again, a step is judged anew.
    if (event.kind === "intent" && event.action.kind === "apply")
      told.delete(`${event.action.instance}/${event.action.step}`);
    if (event.kind !== "outcome" || event.action.kind !== "apply") continue;
    const step = `${event.action.instance}/${event.action.step}`;
    const bad = event.outcome.is !== "done" && judgedBad.has(event.outcome.failure.code);
    if (bad && told.has(step)) broken.push(`11: ${step} was told to be good, and is not`);
  }
  return { state, broken };
}

/** Only a person who takes back is asked what to do with later changes. */
function conflictTrouble(event: RolloutEvent, { mode, over }: RolloutState): readonly string[] {
  if (event.kind !== "outcome" || event.outcome.is !== "failed") return [];
  if (event.outcome.failure.code !== "RESTORE_CONFLICT") return [];
  if (mode === "undoing" && !over) return [];
  return [`4: ${event.action.instance} is left half-way for what was changed later`];
}
