import { HandrailError } from "../core/failure.ts";
import type { RolloutState } from "../core/state.ts";
import type { Held, Holder, JournalRecord, JournalSession, Journals } from "../ports/journal.ts";
import { utcMoment } from "../core/lock-words.ts";
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

/**
 * The same for a rollout that is over, where a wish waits that would have it work again. To give a lock
 * back is no such wish: whoever is in its way may be the other one.
 */
export async function refuseReopening(
  log: Journals,
  { inventory, rollout }: { readonly inventory: string; readonly rollout: string },
): Promise<void> {
  const head = (await log.list()).find((it) => it.rollout === rollout);
  if (head === undefined || head.outcome === null) return;
  const left = await log.waiting(rollout);
  if (left.some(({ wish: { kind } }) => kind === "undo" || kind === "reconcile"))
    await refuseUnfinished(log, { inventory, but: rollout });
}

export interface HeldInventory {
  readonly inventory: string;
  /** The rollout that asks, where it is in the journal already. */
  readonly but?: string | null;
}

/** The session of a rollout that was taken up. Rejects where a process holds the inventory right now. */
export function sessionOf(held: Held): JournalSession {
  if (held.kind === "held") return held.session;
  throw heldBy(held.holder);
}

function heldBy({ rollout, inventory, holder, since }: Holder): HandrailError {
  return new HandrailError({
    code: "LOCKED",
    message: `inventory "${inventory}" is held by rollout "${rollout}" (${holder}) since ${utcMoment(since)}; its process is at work here`,
    hint: `wait for it: the same command with --wait 30m; or look at it: handrail status ${rollout} --watch`,
  });
}

function unfinished(state: RolloutState, records: readonly JournalRecord[]): HandrailError {
  const { rollout, inventory } = state.itinerary;
  const first = records[0];
  const by = first?.event.kind === "opened" ? `(${first.event.by}) ` : "";
  const since = first === undefined ? "" : `since ${utcMoment(first.at)}, `;
  const last = records.at(-1);
  const heard = last === undefined ? "" : `, last heard ${utcMoment(last.at)}`;
  return new HandrailError({
    code: "LOCKED",
    message: `inventory "${inventory.name}" is held by rollout "${rollout}" ${by}${since}which is not over: ${whyUnfinished(state)}${heard}`,
    hint: `${leadOn(state)}, or end it: handrail abort ${rollout}`,
  });
}

/** What lets it go on, and so gives its locks back in the end. */
function leadOn({ parked, itinerary: { rollout } }: RolloutState): string {
  switch (parked?.kind) {
    case "approval":
      return `let it go on: handrail approve ${rollout} ${parked.region}`;
    case "emergency":
      return `approve its emergency: handrail approve ${rollout} --emergency --reason "…"`;
    case "window":
      return `once its window is open, go on with it: handrail resume ${rollout}`;
    case "inconclusive":
    case "ask":
    case "bad-in-region":
      return `decide: handrail status ${rollout} says about what and how`;
    case "paused":
    case "interrupted":
    case undefined:
      return `go on with it: handrail resume ${rollout}`;
  }
}

/** Why a rollout that nobody runs is not over: what it waits for. */
export function whyUnfinished({ parked }: RolloutState): string {
  switch (parked?.kind) {
    case "approval":
      return `region ${parked.region} waits for approval`;
    case "emergency":
      return "its emergency waits for approval";
    case "window":
      return `region ${parked.region} waits for its maintenance window`;
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
