/** A lock as a host shows it. */
export interface HostLock {
  readonly rollout: string;
  /** Who works there for it: "deploy@laptop, pid 4711". */
  readonly holder: string;
  /** RFC 3339, UTC, by the host's clock. */
  readonly since: string;
  /** What it is held for, or why it is kept; empty: nobody said. */
  readonly message: string;
  /** null: the host can't tell when it last heard a runner of that rollout. */
  readonly lease: LockLease | null;
  /** What is at work there for that rollout, in words; empty: nothing. */
  readonly atWork: string;
}

/** How long ago a host last heard whoever holds it. Says nothing of what that rollout does elsewhere. */
export interface LockLease {
  readonly lengthMs: number;
  /** RFC 3339, UTC, by the host's clock. */
  readonly heardAt: string;
  readonly silentMs: number;
  /** Was the host restarted since? Then the clock of its wall is all that it can tell by. */
  readonly restarted: boolean;
}
