import type { FailureCode } from "./failure.ts";
import type { RolloutState } from "./state.ts";

/**
 * What this rollout did to an instance that it touched, as one sentence; null when it did no harm.
 * A plan whose digest did harm is refused until it changes. An unreachable host, a guard that acted
 * because nobody was heard, an instance that was sick before, an abort by a person, a spool that somebody
 * emptied, or later work that an undo met is no harm of the plan.
 */
export function harmOf(state: RolloutState): string | null {
  for (const it of state.instances.values()) {
    if (it.bad === null || it.phase === "unfit") continue;
    if (noHarm.has(it.bad.failure.code)) continue;
    if (it.bad.as === "contract broken" || it.bad.as === "failed") return it.bad.failure.message;
  }
  return null;
}

/** Not the plan's doing: the connection's; or, on the way back, somebody's who came later. */
const noHarm: ReadonlySet<FailureCode> = new Set<FailureCode>([
  "GUARD_FIRED",
  "GUARD_NOT_ARMED",
  "RESTORE_CONFLICT",
  "SNAPSHOT_MISSING",
]);
