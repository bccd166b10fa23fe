import { emergencyTrouble } from "../core/emergency.ts";
import type { Plan } from "../core/plan/plan.ts";
import type { Io } from "./io.ts";
import { whoAsks } from "./open-app.ts";
import { UsageError } from "./refusal.ts";

interface Args {
  readonly emergency: boolean;
  readonly reason?: string | undefined;
}

/**
 * Why this rollout is an emergency; null: it is none. Rejects one that the plan does not declare, that has no
 * reason, or that nobody could approve.
 */
export function emergencyReason(plan: Plan, { emergency, reason }: Args, io: Io): string | null {
  if (!emergency) {
    if (reason === undefined) return null;
    throw new UsageError(
      "--reason says why it is an emergency, and none is asked for",
      "leave it out, or ask for one with --emergency",
    );
  }
  const trouble = emergencyTrouble(plan, whoAsks(io));
  if (trouble !== null) throw new UsageError(`no emergency: ${trouble.why}`, trouble.hint);
  if (reason !== undefined) return reason;
  throw new UsageError(
    "an emergency needs a reason, which its report and whoever approves it will read",
    'say it with --reason "…"',
  );
}
