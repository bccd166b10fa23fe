/** Seeds that once failed, and what each of them found. They run first, for ever. */
export const seedsThatFailed: readonly (readonly [number, string])[] = [
  [1, "a runner that died before its first record left a rollout that nobody could resume"],
  [37, "after a batch without a bake, the next batch never got its own: the rollout stood still"],
  [216, "`retry` of an instance that asks, while the rollout halts, led to a dead end"],
  [524, "an inconclusive answer left a step in doubt, and the next step began without a snapshot"],
  [135, "an abort while locks were given back took instances back that had no snapshots any more"],
  [341, "pausing a rollout that halts began and cancelled its bakes for ever"],
];
