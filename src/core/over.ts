import { countIn } from "./persistent-map.ts";
import { owesStandDown } from "./stand-down.ts";
import { type InstanceState, isSettled, needsPerson, type RolloutState } from "./state.ts";

/** Is there nothing left to do on any instance but to give the locks back? */
export function isOver(state: RolloutState): boolean {
  const { instances } = state;
  if (countIn(instances, isAtWork) > 0) return false;
  if (countIn(instances, owesStandDown) > 0) return false;
  const rests = countIn(instances, isAtRest) === instances.size;
  switch (state.mode) {
    case "preflight":
      return false;
    case "forward":
      // An excluded instance may be asked about again after its region was sealed.
      return rests && state.regions.every((region) => region.stage === "sealed");
    case "halting":
    case "undoing":
      return rests;
  }
}

function isAtWork({ pending }: InstanceState): boolean {
  return pending !== null && pending.kind !== "release";
}

function isAtRest(it: InstanceState): boolean {
  return isSettled(it) || isUntouched(it);
}

/** A lock whose state is unknown, or whose instance needs a hand, is kept until a person frees it. */
export function keepsLock(it: InstanceState): boolean {
  return needsPerson(it) && !it.freed;
}

/** Not one byte of it was changed by this rollout. */
export function isUntouched(it: InstanceState): boolean {
  return (
    it.phase === "unchecked" ||
    it.phase === "waiting" ||
    it.phase === "beginning" ||
    it.phase === "unfit"
  );
}
