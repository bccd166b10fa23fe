import type { RolloutEvent, Wish } from "../core/event.ts";
import type { JournalRecord, LeftWish } from "../ports/journal.ts";

/** Wishes that may wait for one rollout. Nobody types that many; a script gone wild does. */
export const wishesMax = 1000;

/**
 * What the list says after this record: the outcome once it is closed, null again when it is opened
 * anew or work goes on after that (an undo). Giving the locks back is no work.
 */
export function outcomeAfter(before: string | null, event: RolloutEvent): string | null {
  if (event.kind === "closed") return event.outcome;
  if (event.kind === "asked" && reopening.has(event.wish.kind)) return null;
  if (event.kind === "intent" && event.action.kind !== "release") return null;
  return before;
}

/** Wishes that are heard by a rollout that is over. */
const reopening: ReadonlySet<Wish["kind"]> = new Set<Wish["kind"]>(["undo", "reconcile"]);

/**
 * Does this record lead further out, so that a full disk must stop it? Everything else ends, undoes
 * or explains what has begun, and may use the space that was kept for that.
 */
export function leadsOn(event: RolloutEvent): boolean {
  switch (event.kind) {
    case "opened":
    case "preflight-passed":
    case "region-started":
    case "batch-started":
    case "bake-started":
    case "approval-waiting":
    case "window":
      return true;
    case "intent":
      switch (event.action.kind) {
        case "preflight":
        case "begin":
        case "snapshot":
        case "apply":
        case "bake":
          return true;
        case "stand-down":
        case "rewind":
        case "revert":
        case "verify":
        case "release":
          return false;
      }
      break;
    case "taken-up":
    case "outcome":
    case "forgotten":
    case "noted":
    case "outliers-found":
    case "order-decided":
    case "bake-finished":
    case "region-sealed":
    case "approval-lapsed":
    case "late-harm":
    case "halting":
    case "parked":
    case "asked":
    case "closed":
      return false;
  }
}

/** A key used again: the first record, if it is the same append; anything else is a bug. */
export function repeated(first: JournalRecord, event: RolloutEvent, key: string): JournalRecord {
  if (JSON.stringify(first.event) === JSON.stringify(event)) return first;
  throw new Error(
    `record key "${key}" names record ${first.seq} already, which says something else`,
  );
}

/**
 * A record takes out only the wish that it repeats, and only once; anything else is a bug. The
 * texts may differ: secrets are struck out on the way into the journal.
 */
export function requireAsked(id: string, left: LeftWish | null, event: RolloutEvent): void {
  if (left === null) throw new Error(`wish "${id}" is not in the inbox of this rollout`);
  if (event.kind === "asked" && event.wish.kind === left.wish.kind) return;
  throw new Error(`wish "${id}" can only be taken out by the "asked" record that repeats it`);
}
