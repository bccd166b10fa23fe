import type { RolloutEvent } from "../../src/core/event.ts";
import type { Halt } from "../../src/core/halt.ts";
import type { AskedWish, Held, JournalSession, OpenOrder } from "../../src/ports/journal.ts";
import { smallItinerary } from "../support/small-itinerary.ts";

export const opened: RolloutEvent = {
  kind: "opened",
  itinerary: smallItinerary({ regions: { eu: [["eu1"]] } }),
  by: "deploy",
  tool: "0.1.0",
  planFolder: "/srv/plans",
};

/** An intent that leads on: a full disk stops it. */
export const applying: RolloutEvent = {
  kind: "intent",
  action: { kind: "apply", instance: "eu1", step: 0, attempt: 1 },
};

export const reverting = {
  kind: "intent",
  action: { kind: "revert", instance: "eu1", step: 0 },
} as const satisfies RolloutEvent;

export const halt: Halt = {
  rule: "max-bad-rollout",
  limit: 0,
  bad: 1,
  instances: ["eu1"],
  where: "rollout",
  scope: "region",
  sentence: "1 bad instance, 0 allowed: eu1",
};

export const pause: AskedWish = { wish: { kind: "pause" }, by: "deploy", reason: "lunch" };

export const abort: AskedWish = {
  wish: { kind: "abort", rollback: true },
  by: "deploy",
  reason: "uploads fail",
};

export function remark(text: string): RolloutEvent {
  return { kind: "noted", note: { kind: "remark", instance: "eu1", text } };
}

export function order(rollout: string, inventory = "alma"): OpenOrder {
  return { rollout, inventory, digest: "d".repeat(64), runner: runner("deploy@laptop, pid 1") };
}

export function runner(holder: string) {
  return { runner: `test:${process.pid}:${holder}`, holder };
}

/** The session of a hold that must have been given. */
export function session(held: Held): JournalSession {
  if (held.kind === "held") return held.session;
  throw new Error(`refused: ${held.holder.holder} holds ${held.holder.inventory}`);
}

/** The code of the failure that a promise rejects with; throws when it doesn't. */
export async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error instanceof Error && "code" in error ? error.code : error;
  }
  throw new Error("it did not reject");
}
