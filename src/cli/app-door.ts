import type { Itinerary } from "../core/itinerary.ts";
import type { ParkedReason } from "../core/event.ts";
import type { RolloutState } from "../core/state.ts";
import type { AskedWish, JournalRecord, Journals } from "../ports/journal.ts";

/** What the verbs ask of app.ts, where all parts meet. */
export interface App extends AsyncDisposable {
  readonly journals: Journals;
  /** Plan, inventory and files as an itinerary with a fresh id. Rejects with PlanRefused. */
  load(order: LoadOrder): Promise<Loaded>;
  /** Starts a rollout and carries it to its end, or to where a person is needed. */
  apply(order: ApplyOrder): Promise<RolloutEnd>;
  /** Takes a rollout up where its journal stands; `wish` is what a person asks of it first. */
  carryOn(order: CarryOnOrder): Promise<RolloutEnd>;
}

export interface LoadOrder {
  readonly plan: string;
  /** null: the one that the plan names. */
  readonly inventory: string | null;
}

export interface Loaded {
  readonly itinerary: Itinerary;
  /** The file of the inventory; null where it is no file. */
  readonly inventoryFile: string | null;
  /** One line for a step on an instance, in the words of the plan. */
  summaryOf(step: number, instance: string): string;
}

export interface Onlooker {
  /** Told of each record once it is durable; `before` is null at the first. */
  record(record: JournalRecord, before: RolloutState | null, after: RolloutState): void;
}

interface RunOrder {
  readonly onlookers: readonly Onlooker[];
  /** Aborts, with the signal's name as the reason: stop safely. */
  readonly interrupted: AbortSignal;
  /** Stay and wait for a person's wish from another terminal when parked for this reason? */
  readonly linger: (why: ParkedReason) => boolean;
}

export interface ApplyOrder extends RunOrder {
  readonly loaded: Loaded;
  /** Who starts it: "deploy@laptop". */
  readonly by: string;
  /** Why a plan that did harm is tried again: that rollout's id. */
  readonly despite: string | null;
}

export interface CarryOnOrder extends RunOrder {
  readonly rollout: string;
  readonly wish: AskedWish | null;
}

export interface RolloutEnd {
  readonly state: RolloutState;
  readonly records: readonly JournalRecord[];
}
