import type { RolloutEvent, Wish } from "../core/event.ts";

/**
 * The durable record of rollouts, and the only thing shared between the processes of a controller.
 *
 * - `append` MUST be durable (power cut included) before it resolves, and MUST reject, with nothing
 *   written, once another runner has taken the rollout up (FENCED).
 * - At most one runner holds a rollout, and at most one rollout of an inventory is held, at a time.
 *   The hold MUST end with the process, however it ends.
 * - A journal that was cut anywhere reads as a prefix of what was appended.
 */
export interface Journals extends AsyncDisposable {
  /** Newest first. */
  list(): Promise<readonly RolloutHead[]>;
  /** From record `after` + 1 on (0: all). Reads only, takes no lock, works while a runner writes. */
  read(rollout: string, after: number): Promise<readonly JournalRecord[]>;
  /** Creates a rollout and takes it up. */
  open(order: OpenOrder): Promise<Held>;
  /** Takes an existing rollout up, with the next epoch. */
  takeUp(rollout: string, runner: RunnerIdentity): Promise<Held>;
  /** Leaves a wish for whoever runs the rollout, now or later. */
  ask(rollout: string, wish: AskedWish): Promise<void>;
  /** Who holds what right now. */
  holders(): Promise<readonly Holder[]>;
  /** Content by its sha256, kept beside the journal so that resume needs no working copy. */
  keep(content: Uint8Array): Promise<string>;
  recall(sha256: string): Promise<Uint8Array>;
}

export interface OpenOrder {
  readonly rollout: string;
  readonly inventory: string;
  readonly digest: string;
  readonly runner: RunnerIdentity;
}

export interface RunnerIdentity {
  /** Unique for this process, e.g. "host:pid:random". */
  readonly runner: string;
  /** For people: "deploy@laptop, pid 4711". */
  readonly holder: string;
}

export type Held =
  | { readonly kind: "held"; readonly session: JournalSession }
  | { readonly kind: "refused"; readonly holder: Holder };

export interface Holder {
  readonly rollout: string;
  readonly inventory: string;
  readonly holder: string;
  /** RFC 3339, UTC. */
  readonly since: string;
}

export interface JournalSession extends AsyncDisposable {
  readonly epoch: number;
  /** Resolves with the record's number when it is durable. */
  append(event: RolloutEvent): Promise<JournalRecord>;
  /** Wishes left since the last call, oldest first; each is given once. */
  wishes(): Promise<readonly AskedWish[]>;
}

export interface AskedWish {
  readonly wish: Wish;
  readonly by: string;
  readonly reason: string;
}

export interface JournalRecord {
  /** 1, 2, 3 … without a gap. */
  readonly seq: number;
  /** RFC 3339 in UTC. For people only, never for decisions. */
  readonly at: string;
  readonly event: RolloutEvent;
}

export interface RolloutHead {
  readonly rollout: string;
  readonly inventory: string;
  readonly digest: string;
  readonly openedAt: string;
  readonly records: number;
  /** null while it is not closed. */
  readonly outcome: string | null;
}
