import type { Action } from "./action.ts";
import type { Wish } from "./event.ts";
import { needsApproval } from "./odd-ones.ts";
import type { InstanceState, RolloutState } from "./state.ts";
import { afterWish, beginsWork, mended } from "./wish.ts";

/** What decides between the answers of one cell of the verb table. */
export type Condition =
  | "it means something"
  | "something was touched"
  | "something is open"
  | "a way back stopped"
  | "it begins no region"
  | "it has no such approval"
  | "it is approved"
  | "it waits for it";

interface Asked {
  readonly state: RolloutState;
  readonly attended: boolean;
  readonly wish: Wish;
}

export function holds(condition: Condition, { state, attended, wish }: Asked): boolean {
  const all = [...state.instances.values()];
  switch (condition) {
    case "it means something":
      return afterWish(state, wish, "") !== state;
    case "something was touched":
      return all.some((it) => it.touched > 0);
    case "something is open":
      return state.lingering.size > 0 || all.some((it) => isOpen(it, attended));
    case "a way back stopped":
      return all.some((it) => it.pending === null && mended(it) !== it);
    case "it begins no region":
      return !beginsWork(state);
    case "it has no such approval":
      return !needsApproval(state, regionOf(wish) ?? "");
    case "it is approved":
      return state.regions.some((it) => it.name === regionOf(wish) && it.approved);
    case "it waits for it":
      return state.regions.some((it) => it.name === regionOf(wish) && it.stage === "approval");
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

function regionOf(wish: Wish): string | null {
  return wish.kind === "approve" ? wish.region : null;
}
