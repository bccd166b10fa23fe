import type { ClosedOutcome, ParkedReason } from "./event.ts";
import { isOver } from "./over.ts";
import type { RolloutState } from "./state.ts";

/** It goes by itself, as long as somebody runs it. */
const going = [
  "preflight",
  "forward",
  "pausing",
  "halting",
  "aborting",
  "undoing",
  "releasing",
] as const;

export type Going = (typeof going)[number];

/**
 * Where a rollout stands, as far as it matters for what may be asked of it. Nobody runs one that is
 * parked or closed.
 */
export type Standing = Going | ParkedReason["kind"] | ClosedOutcome;

export function standingOf(state: RolloutState): Standing {
  if (state.closed !== null) return state.closed;
  if (state.parked !== null) return state.parked.kind;
  if (isOver(state)) return "releasing";
  if (state.mode === "undoing") return "undoing";
  if (state.abort !== null) return "aborting";
  if (state.mode === "halting" || state.overdue !== null) return "halting";
  return state.held === null ? state.mode : "pausing";
}

export function isGoing(standing: Standing): standing is Going {
  return going.some((it) => it === standing);
}
