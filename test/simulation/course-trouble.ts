import type { RolloutEvent } from "../../src/core/event.ts";
import { evolve } from "../../src/core/evolve.ts";
import type { Failure } from "../../src/core/failure.ts";
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
  const memory: Memory = { judged: new Set(), found: new Set(), fired: new Set(), kept: new Map() };
  let state = openRollout(itinerary);
  for (const event of events) {
    const next = evolve(state, event);
    broken.push(...brokenPromises(state, event, next), ...trouble(event, state, memory));
    remember(memory, event);
    state = next;
  }
  return { state, broken };
}

/** What was told before, by instance and step. */
interface Memory {
  /** Switches that were told that their step is good. */
  readonly judged: Set<string>;
  /** Attempts whose contract was seen broken. */
  readonly found: Set<string>;
  /** Hosts that went back by themselves, and of which no person has said that it may be tried again. */
  readonly fired: Set<string>;
  /** Hosts on which something was left alone that was changed later. */
  readonly kept: Map<string, string>;
}

function remember({ judged, found, fired, kept }: Memory, event: RolloutEvent): void {
  if (event.kind === "intent" && "step" in event.action) {
    const { kind, instance, step } = event.action;
    // Asked again, a step is judged anew.
    if (kind === "apply") judged.delete(`${instance}/${step}`);
    if (kind === "revert")
      for (const [at, of] of kept) if (of === `${instance}/${step}`) kept.delete(at);
  }
  if (event.kind === "asked" && event.wish.kind === "decide" && event.wish.choice === "retry")
    for (const host of fired) if (host.startsWith(`${event.wish.instance}/`)) fired.delete(host);
  if (event.kind !== "noted") return;
  const { note } = event;
  const host = note.host ?? note.instance;
  if (note.kind === "guard.disarmed" && note.because === "judged")
    judged.add(`${note.instance}/${note.step}`);
  if (note.kind === "guard.fired") fired.add(`${note.instance}/${note.step}/${host}`);
  if (note.kind === "verdict" && note.verdict.is === "broken")
    found.add(`${note.instance}/${note.step}/${note.attempt}`);
  if (note.kind === "restored" && note.conflicts.length > 0)
    kept.set(`${note.instance}/${note.step}/${host}`, `${note.instance}/${note.step}`);
}

function trouble(event: RolloutEvent, state: RolloutState, memory: Memory): readonly string[] {
  if (event.kind === "noted" && event.note.kind === "step.started") {
    const { instance, step, host = instance } = event.note;
    return memory.fired.has(`${instance}/${step}/${host}`)
      ? [`6: step ${step} of ${instance} began again on ${host}, which had gone back by itself`]
      : [];
  }
  if (event.kind !== "outcome") return [];
  const { action, outcome } = event;
  if (action.kind === "apply") {
    const name = `${action.instance}/${action.step}`;
    if (outcome.is === "done")
      return memory.found.has(`${name}/${action.attempt}`)
        ? [`9: ${name} counts as done, and its contract was broken`]
        : [];
    const bad = judgedBad.has(outcome.failure.code) && memory.judged.has(name);
    return bad ? [`11: ${name} was told to be good, and is not`] : [];
  }
  if (outcome.is !== "failed") return [];
  return conflictTrouble(action.instance, { failure: outcome.failure, state, memory });
}

/** Words of hosts whose snapshots are damaged, or that deny leave to write. */
const standsInTheWay = /can't be unpacked|no leave to write/;

/** Only a person who takes back is asked what to do with later changes. */
function conflictTrouble(
  instance: string,
  it: { readonly failure: Failure; readonly state: RolloutState; readonly memory: Memory },
): readonly string[] {
  const { failure, state, memory } = it;
  const { code, message } = failure;
  // Hosts of this world put back whatever they are asked to, unless they say what stands in the way.
  const kept = [...memory.kept.values()].some((of) => of.startsWith(`${instance}/`));
  if (code === "RESTORE_INCOMPLETE" && !kept && !standsInTheWay.test(message))
    return [`4: ${instance} is not as before, and nobody kept it from that`];
  if (code !== "RESTORE_CONFLICT" || (state.mode === "undoing" && !state.over)) return [];
  return [`4: ${instance} is left half-way for what was changed later`];
}
