import type { Itinerary } from "./itinerary.ts";
import type { InstanceState } from "./state.ts";

/**
 * Does a dead-man switch stand behind this step? Only where the host has a receipt to end: not for a
 * request that the controller makes, and not for what runs on the controller itself.
 */
export function isGuarded(itinerary: Itinerary, step: number): boolean {
  return itinerary.receipted[step] === true && itinerary.plan.steps[step]?.on === "host";
}

/**
 * Must its switch be disarmed before anything else happens here? Whoever judges, rewinds or takes
 * back disarms it on the way; where an instance stops to wait for a person, nobody would, and the
 * host would go back under that person's hands.
 */
export function owesStandDown(it: InstanceState): boolean {
  if (it.guard !== "armed" || it.pending !== null) return false;
  switch (it.phase) {
    case "stepping":
      return !it.inDoubt;
    case "rewinding":
    case "reverting":
    case "unknown":
      return false;
    case "unchecked":
    case "waiting":
    case "unfit":
    case "beginning":
    case "stepped":
    case "baking":
    case "inconclusive":
    case "asking":
    case "verifying":
    case "sealed":
    case "rolled-back":
    case "rolled-back-unverified":
    case "rollback-failed":
    case "left":
      return true;
  }
}
