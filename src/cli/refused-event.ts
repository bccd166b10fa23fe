import { HandrailError, RolloutStopped } from "../core/failure.ts";
import type { PublicEventOf } from "../views/public-events.ts";
import { refusalEvent } from "../views/summary-event.ts";
import { WaitInterrupted } from "../wait-interrupted.ts";
import { exitCodes, signalCode } from "./exit-codes.ts";
import { PlanRefused, UsageError } from "./refusal.ts";

/** The last line for programs, where a rollout was refused or stopped half-way. A bug has no such line: null. */
export function refusedEvent(error: unknown): PublicEventOf<"summary"> | null {
  const failures = error instanceof HandrailError ? [error.failure] : [];
  const isRefusal =
    error instanceof UsageError || error instanceof PlanRefused || error instanceof WaitInterrupted;
  if (failures.length === 0 && !isRefusal) return null;
  const at = new Date().toISOString();
  const refused = refusalEvent({ at, exit: exitCodes.refused, failures });
  if (error instanceof RolloutStopped) {
    const { rollout } = error;
    return { ...refused, rollout, outcome: "interrupted", exit: exitCodes.needsPerson };
  }
  if (error instanceof WaitInterrupted)
    return { ...refused, outcome: "interrupted", exit: signalCode(error.why.signal) };
  return refused;
}
