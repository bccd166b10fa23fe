import { type BakesSoFar, withBake } from "./bakes-so-far.ts";
import type { RolloutEvent } from "./event.ts";
import { type KnownHosts, withFacts } from "./known-hosts.ts";
import { nothingSeen, type SeenSteps, withNote } from "./seen-steps.ts";

/** What records tell of the fleet beside where the rollout stands. No action depends on it by itself. */
export interface Told {
  /** What steps were seen to do, for the envelope. */
  readonly seen: SeenSteps;
  /** What hosts are like, as preflight saw them. */
  readonly facts: KnownHosts;
  /** How far bakes under way are with their evidence. */
  readonly bakes: BakesSoFar;
}

export const nothingTold: Told = { seen: nothingSeen, facts: new Map(), bakes: new Map() };

/** Folds one record in; the same state where it tells nothing of that kind. */
export function withTold<State extends Told>(state: State, event: RolloutEvent): State {
  const isNote = event.kind === "noted";
  const seen = isNote ? withNote(state.seen, event.note) : state.seen;
  const facts = isNote ? withFacts(state.facts, event.note) : state.facts;
  const bakes = withBake(state.bakes, event);
  const isSame = seen === state.seen && facts === state.facts && bakes === state.bakes;
  return isSame ? state : { ...state, seen, facts, bakes };
}
