import type { RolloutEvent, Wish } from "../core/event.ts";
import type { Failure } from "../core/failure.ts";

/**
 * The durable record of rollouts, and the only thing shared between the processes of a controller.
 *
 * - `append` MUST be durable (power cut included) before it resolves, and MUST reject, with nothing
 *   written, once another runner has taken the rollout up (FENCED).
 * - At most one runner holds a rollout, and at most one rollout of an inventory is held, at a time.
 *   The hold MUST end with the process, however it ends.
 * - A journal that was cut anywhere reads as a prefix of what was appended.
 * - A wish MUST NOT be lost, and MUST NOT be journaled twice, wherever a runner dies.
 *
 * Expected trouble rejects with a HandrailError: FENCED, STATE_UNUSABLE, STATE_FULL, STATE_NEWER,
 * JOURNAL_DAMAGED, JOURNAL_LIMIT, ROLLOUT_UNKNOWN, ROLLOUT_EXISTS.
 */
export interface Journals extends AsyncDisposable {
  /** Newest first. */
  list(): Promise<readonly RolloutHead[]>;
  /** From record `after` + 1 on (0: all). Reads only, takes no lock, works while a runner writes. */
  read(rollout: string, after: number): Promise<readonly JournalRecord[]>;
  /** Walks the chain of hashes and names the first record that is not what was appended. */
  verify(rollout: string): Promise<JournalCheck>;
  /** Creates a rollout and takes it up. It is listed from its first record on. */
  open(order: OpenOrder): Promise<Held>;
  /** Takes an existing rollout up, with the next epoch. Refuses a damaged journal. */
  takeUp(rollout: string, runner: RunnerIdentity): Promise<Held>;
  /** Leaves a wish for whoever runs the rollout, now or later. */
  ask(rollout: string, wish: AskedWish): Promise<void>;
  /** Wishes that were left and that no runner has heard yet, oldest first. Reads only. */
  waiting(rollout: string): Promise<readonly AskedWish[]>;
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
  /** Resolves while no other runner has taken the rollout up; rejects FENCED else. Reads only. */
  confirm(): Promise<void>;
  /** Resolves with the record's number when it is durable. */
  append(event: RolloutEvent, options?: AppendOptions): Promise<JournalRecord>;
  /**
   * Wishes not yet journaled, oldest first; each is given once to one session. The runner takes a
   * wish out of the inbox by `append({ kind: "asked", … }, { wish: id })`: one transaction, so that
   * a runner that dies before it leaves the wish to the next one, and after it can't repeat it.
   */
  wishes(): Promise<readonly LeftWish[]>;
}

export interface AppendOptions {
  /** Id of the wish that this `asked` record takes out of the inbox. */
  readonly wish?: string;
  /**
   * Names the record within its rollout, so that an append whose fate is unknown can be repeated:
   * the same key gives the first record again. Without it every append is a new record.
   */
  readonly key?: string;
}

export interface LeftWish extends AskedWish {
  readonly id: string;
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

export type JournalCheck =
  /** `head` is the hash of the last record, in hex: note it elsewhere, and a later cut shows. */
  | { readonly kind: "sound"; readonly records: number; readonly head: string }
  /** Every record before `seq` is as it was appended. */
  | { readonly kind: "damaged"; readonly seq: number; readonly failure: Failure };
