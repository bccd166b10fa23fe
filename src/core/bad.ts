import type { Failure } from "./failure.ts";
import type { Bad } from "./state.ts";

/** What counts against `maxBad` for this failure; `step` is null before the first and after the last. */
export function badOf(failure: Failure, step: number | null): Bad {
  return { as: contractCodes.has(failure.code) ? "contract broken" : "failed", failure, step };
}

const contractCodes: ReadonlySet<string> = new Set([
  "CONTRACT_BROKEN",
  "BUDGET_EXCEEDED",
  "REGENERATION_LATE",
]);
