import type { Action } from "./action.ts";
import { approvalRule, isApproved, refusedApprover } from "./approval.ts";
import { refusedEmergency, waitsForEmergency } from "./emergency.ts";
import type { Wish } from "./event.ts";
import { needsApproval } from "./odd-ones.ts";
import { goesOnWithout, lacksRequired } from "./required.ts";
import {
  type InstanceState,
  isBad,
  type RegionState,
  type RolloutState,
  wasSealed,
} from "./state.ts";
import { hasWindows, shutRegion } from "./told-time.ts";
import { afterWish, beginsWork, mended } from "./wish.ts";

/** What decides between the answers of one cell of the verb table. */
export type Condition =
  | "it means something"
  | "something was touched"
  | "something is open"
  | "a way back stopped"
  | "it accepts what a required step did"
  | "it goes on without a required step"
  | "a required step failed"
  | "it begins no region"
  | "it has no such approval"
  | "it is approved"
  | "another digest was approved"
  | "who asks is not named for it"
  | "who asks began the rollout"
  | "who asks approved it already"
  | "it takes more people"
  | "it is no emergency"
  | "its emergency is approved"
  | "it has no such window"
  | "it waits for no window there"
  | "it waits for it";

interface Asked {
  readonly state: RolloutState;
  readonly attended: boolean;
  readonly wish: Wish;
  /** Who asks: "deploy@laptop". Default: nobody in particular. */
  readonly by?: string;
}

export function holds(condition: Condition, asked: Asked): boolean {
  const { state, attended, wish, by = "" } = asked;
  const all = [...state.instances.values()];
  switch (condition) {
    case "it means something":
      return afterWish(state, wish, by) !== state;
    case "something was touched":
      return all.some((it) => it.touched > 0);
    case "something is open":
      return state.lingering.size > 0 || all.some((it) => isOpen(it, attended));
    case "a way back stopped":
      return all.some((it) => it.pending === null && mended(it) !== it);
    case "it accepts what a required step did":
      return wish.kind === "decide" && wish.choice === "accept" && skipsRequired(state, wish);
    case "it goes on without a required step":
      return wish.kind === "decide" && wish.choice === "exclude" && skipsRequired(state, wish);
    case "a required step failed":
      return all.some((it) => isBad(it) && lacksRequired(state, it.name));
    case "it begins no region":
      return !beginsWork(state);
    case "it has no such approval":
      return !needsApproval(state, regionOf(wish) ?? "");
    case "it is approved":
      return state.regions.some((it) => it.name === regionOf(wish) && approvedAt(asked, it));
    case "another digest was approved":
      return (wish.kind === "approve" || wish.kind === "approve-emergency") &&
        wish.digest !== undefined
        ? wish.digest !== state.itinerary.digest
        : false;
    case "who asks is not named for it":
      return refusal(asked) === "not named";
    case "who asks began the rollout":
      return refusal(asked) === "started it";
    case "who asks approved it already":
      return afterWish(state, wish, by) === state;
    case "it takes more people":
      return !afterWish(state, wish, by).regions.some(
        (it) => it.name === regionOf(wish) && it.approved,
      );
    case "it is no emergency":
      return state.itinerary.emergency === undefined;
    case "its emergency is approved":
      return !waitsForEmergency(state);
    case "it has no such window":
      return !state.itinerary.regions.some((it) => it.name === regionOf(wish) && hasWindows(it));
    case "it waits for no window there":
      return afterWish(state, wish, by) === state;
    case "it waits for it":
      if (wish.kind === "approve-emergency") return state.parked?.kind === "emergency";
      return wish.kind === "override-window"
        ? shutRegion(state)?.name === wish.region
        : state.regions.some((it) => it.name === regionOf(wish) && it.stage === "approval");
  }
}

/** Could asking its hosts tell or finish something? Whoever works on it finds out by itself. */
function isOpen(it: InstanceState, attended: boolean): boolean {
  if (attended && it.pending !== null) return false;
  if (it.phase === "unknown" || mended(it) !== it) return true;
  return !attended && (it.inDoubt || (it.pending !== null && leavesDoubt.has(it.pending.kind)));
}

/** What may have been done to a host, although its runner is gone. */
const leavesDoubt: ReadonlySet<Action["kind"]> = new Set<Action["kind"]>([
  "apply",
  "stand-down",
  "rewind",
  "revert",
  "verify",
]);

type Decision = Extract<Wish, { kind: "decide" }>;

/** Would it mean something, were the step not required? */
function skipsRequired(state: RolloutState, wish: Decision): boolean {
  if (!goesOnWithout(state, wish.instance, wish.choice)) return false;
  const { requires: _requires, ...itinerary } = state.itinerary;
  const unbound: RolloutState = { ...state, itinerary };
  return afterWish(unbound, wish, "") !== unbound;
}

function regionOf(wish: Wish): string | null {
  return wish.kind === "approve" || wish.kind === "override-window" ? wish.region : null;
}

function approvedAt({ state, wish }: Asked, region: RegionState): boolean {
  if (region.stage === "started" || wasSealed(region)) return true;
  const planned = state.itinerary.regions.find((it) => it.name === region.name);
  const at = wish.kind === "approve" ? (wish.at ?? null) : null;
  return isApproved(approvalRule(planned), region, at);
}

function refusal({ state, wish, by = "" }: Asked): "not named" | "started it" | null {
  if (wish.kind === "approve-emergency") return refusedEmergency(state, by);
  const planned = state.itinerary.regions.find((it) => it.name === regionOf(wish));
  return refusedApprover(approvalRule(planned), by, state.startedBy);
}
