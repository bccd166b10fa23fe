import type { RolloutState } from "../core/state.ts";
import type { GuardDoor } from "../ports/guard.ts";
import type { JournalRecord, Journals } from "../ports/journal.ts";
import type { LoadedPlan } from "../sources/load-plan.ts";

/** What the verbs ask of app.ts, where all parts meet. */
export interface App extends AsyncDisposable {
  /** Opened at the first call, so that a verb that needs no journal leaves no folder behind. */
  journals(): Promise<Journals>;
  /** For looks at hosts that write nothing anywhere. */
  readonly door: GuardDoor;
  /** Starts a rollout, and carries it to its end or to where a person is needed. */
  apply(order: ApplyOrder): Promise<RolloutEnd>;
  /** Takes a rollout up where its journal stands: what was asked of it meanwhile comes first. */
  carryOn(order: CarryOnOrder): Promise<RolloutEnd>;
}

export interface AppOptions {
  /** Folder of the journal. */
  readonly state: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Told of each record once it is durable; `before` is null at the first. */
export type OnRecord = (
  record: JournalRecord,
  before: RolloutState | null,
  after: RolloutState,
) => void;

export interface RunOrder {
  readonly onRecord: OnRecord;
  /** Aborts with the signal's name ("SIGINT") as the reason: stop safely. */
  readonly interrupted: AbortSignal;
  /** Who asks, for journal and locks: "deploy@laptop". */
  readonly by: string;
}

export interface ApplyOrder extends RunOrder {
  readonly loaded: LoadedPlan;
  readonly plan: string;
  /** The rollout that did harm with this very plan, named by who tries it again all the same. */
  readonly despite: string | null;
}

export interface CarryOnOrder extends RunOrder {
  readonly rollout: string;
}

export interface RolloutEnd {
  readonly state: RolloutState;
  readonly records: readonly JournalRecord[];
}
