/**
 * Which notices of a rollout need not be told any more. It is no part of the journal: the journal says
 * which notices there are, and a notice that is not settled here is told again, under the same id.
 *
 * - `settle` MUST be durable before it resolves.
 * - An entry that was torn by a crash MUST read as if it had not been made.
 */
export interface NoticeLog {
  /** Before the first record of the rollout: from here on, whatever is not settled is still to be told. */
  begin(rollout: string): Promise<void>;
  /** What is settled, by id; null: `begin` was never called for it. */
  settled(rollout: string): Promise<ReadonlyMap<string, SettledNotice> | null>;
  settle(rollout: string, notice: SettledNotice): Promise<void>;
}

export interface SettledNotice {
  readonly id: string;
  /** `given up`: it was tried as often as it may be, and reached nobody. */
  readonly is: "told" | "given up";
  /** The kind of notifier. */
  readonly by: string;
  readonly tries: number;
  /** RFC 3339, UTC. */
  readonly at: string;
}
