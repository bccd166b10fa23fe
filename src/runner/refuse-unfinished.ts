import { HandrailError } from "../core/failure.ts";
import type { RolloutState } from "../core/state.ts";
import type { Holder, JournalRecord, Journals } from "../ports/journal.ts";
import { foldOf } from "./refuse-harm.ts";

/**
 * A rollout holds its inventory until it is over, also while nobody runs it: instances may be
 * half-way, and another rollout would build on what the first one may still take back.
 */
export async function refuseUnfinished(
  log: Journals,
  { inventory, but = null }: HeldInventory,
): Promise<void> {
  const open = (await log.list()).filter(
    (head) => head.inventory === inventory && head.outcome === null && head.rollout !== but,
  );
  const holders = await log.holders();
  for (const { rollout } of open) {
    const holder = holders.find((it) => it.rollout === rollout);
    if (holder !== undefined) throw heldBy(holder);
    const records = await log.read(rollout, 0);
    const state = foldOf(records);
    if (state.closed === null) throw unfinished(state, records);
  }
}

export interface HeldInventory {
  readonly inventory: string;
  /** The rollout that asks, where it is in the journal already. */
  readonly but?: string | null;
}

/** The failure where a process holds the inventory right now. */
export function heldBy({ rollout, inventory, holder, since }: Holder): HandrailError {
  return new HandrailError({
    code: "LOCKED",
    message: `inventory "${inventory}" is held by rollout "${rollout}" (${holder}, since ${since})`,
    hint: `wait for it, or look at it: handrail status ${rollout} --watch`,
  });
}

function unfinished(state: RolloutState, records: readonly JournalRecord[]): HandrailError {
  const { rollout, inventory } = state.itinerary;
  const first = records[0];
  const by = first?.event.kind === "opened" ? `${first.event.by}, since ${first.at}` : "";
  return new HandrailError({
    code: "LOCKED",
    message: `inventory "${inventory.name}" is held by rollout "${rollout}" (${by}), which is not over: ${whyOf(state)}`,
    hint: `go on with it: handrail resume ${rollout}, or end it: handrail abort ${rollout}`,
  });
}

function whyOf({ parked }: RolloutState): string {
  switch (parked?.kind) {
    case "approval":
      return `region ${parked.region} waits for approval`;
    case "inconclusive":
    case "ask":
      return `${parked.instances.join(", ")} waits for a decision`;
    case "bad-in-region":
      return `region ${parked.region} has bad instances, and waits for a decision`;
    case "paused":
      return "it was paused";
    case "interrupted":
      return `it was interrupted (${parked.signal})`;
    case undefined:
      return "its process is gone";
  }
}
