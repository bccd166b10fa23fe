/** Time, passed in so that a simulator can drive it. Steady: never goes backwards. */
export interface Clock {
  /** Milliseconds on a steady clock; only differences mean anything. */
  now(): number;
  /**
   * Wall time for people and records, RFC 3339 in UTC. It decides nothing by itself: what hangs on the
   * time of day (maintenance windows, how long an approval counts) is a record first.
   */
  wall(): string;
  /** Resolves after `ms`, or rejects with the signal's reason as soon as it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** A number in [0, 1), for pauses that should not all fall together; absent: they do. */
  chance?(): number;
}
