import type { RolloutEvent } from "../core/event.ts";
import type { RolloutState } from "../core/state.ts";

/** Does a runner that was told to stay wait here? Not where somebody asked it to stop. */
export function staysAt({ parked, held }: RolloutState): boolean {
  if (parked === null || held !== null) return false;
  return parked.kind !== "paused" && parked.kind !== "interrupted";
}

/** By this instant (RFC 3339) the window that is waited for is open: it goes on; null: it waits for no such thing. */
export function windowOpened({ parked }: RolloutState, now: string): RolloutEvent | null {
  if (parked?.kind !== "window" || parked.opens === null) return null;
  if (Date.parse(now) < Date.parse(parked.opens)) return null;
  return {
    kind: "asked",
    wish: { kind: "resume" },
    by: "the process that stayed",
    reason: `the maintenance window of region ${parked.region} opens`,
  };
}

/** Is this the record by which something new begins? */
export function beginsMore({ kind }: RolloutEvent): boolean {
  return kind === "region-started" || kind === "batch-started";
}

/** As the watch of sealed instances is to see a rollout whose runner stays: it goes on looking. */
export function unparked(state: RolloutState): RolloutState {
  return staysAt(state) ? { ...state, parked: null } : state;
}
