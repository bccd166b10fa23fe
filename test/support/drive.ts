import type { Action } from "../../src/core/action.ts";
import { decide } from "../../src/core/decide.ts";
import { due } from "../../src/core/due.ts";
import type { Outcome, RolloutEvent } from "../../src/core/event.ts";
import { evolve } from "../../src/core/evolve.ts";
import type { Itinerary } from "../../src/core/itinerary.ts";
import { openRollout, type RolloutState } from "../../src/core/state.ts";
import { toldTime } from "../../src/core/told-time.ts";

/** What the world answers to an action; "done" where it says nothing. */
export type Script = (action: Action, state: RolloutState) => Outcome | null;

export interface Driven {
  readonly state: RolloutState;
  readonly events: readonly RolloutEvent[];
  /** `begin ap01`, `apply ap01/1` …, in the order in which they began. */
  readonly actions: readonly string[];
}

const recordsMax = 2_000;

export interface DriveOptions {
  /** Default: nothing has happened. */
  readonly from?: RolloutState;
  /** Stops before what comes next; default: at the close, or where it waits for a person. */
  readonly until?: (state: RolloutState) => boolean;
  /** What the clock shows all the while, RFC 3339; default: nobody asks one. */
  readonly now?: string;
}

/** Carries the brain, without any runner, to its close or to where it waits for a person. */
export function drive(
  itinerary: Itinerary,
  script: Script,
  { from = openRollout(itinerary), until = () => false, now }: DriveOptions = {},
): Driven {
  let state = from;
  const events: RolloutEvent[] = [];
  const actions: string[] = [];
  const record = (event: RolloutEvent): void => {
    events.push(event);
    state = evolve(state, event);
  };
  while (events.length < recordsMax) {
    if (until(state)) return { state, events, actions };
    const next = (now === undefined ? null : toldTime(state, now)) ?? due(state);
    if (next !== null) {
      record(next);
      continue;
    }
    if (state.closed !== null || state.parked !== null) return { state, events, actions };
    for (const action of decide(state)) {
      actions.push(`${action.kind} ${action.instance}${"step" in action ? `/${action.step}` : ""}`);
      record({ kind: "intent", action });
    }
    if (until(state)) return { state, events, actions };
    const pending = [...state.instances.values()].flatMap((it) => (it.pending ? [it.pending] : []));
    const [action] = pending;
    if (action === undefined) throw new Error("nothing is due, decided or pending");
    record({ kind: "outcome", action, outcome: script(action, state) ?? { is: "done" } });
  }
  throw new Error(`no end after ${recordsMax} records`);
}
