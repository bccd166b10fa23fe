/**
 * Seeds that once failed, and what each of them found. They run first, for ever. A seed tells the same
 * story only while worlds are drawn alike: when `draw.ts` or `fate.ts` changes, the faults that are
 * planted in `test/mutants` say whether they would still be found.
 */
export const seedsThatFailed: readonly (readonly [number, string])[] = [
  [1, "a runner that died before its first record left a rollout that nobody could resume"],
  [37, "after a batch without a bake, the next batch never got its own: the rollout stood still"],
  [216, "`retry` of an instance that asks, while the rollout halts, led to a dead end"],
  [524, "an inconclusive answer left a step in doubt, and the next step began without a snapshot"],
  [135, "an abort while locks were given back took instances back that had no snapshots any more"],
  [341, "pausing a rollout that halts began and cancelled its bakes for ever"],
  [470, "`retry` after a refused snapshot put back a snapshot that was never taken"],
  [1239, "an undo that had failed on one host ran again on the other, where it had gone well"],
  [1987, "a step began from a snapshot of before a pause, which nobody had answered for"],
  [3278, "a runner died after a recovery had mended what a step destroyed: it counted as good"],
  [4816, "a lock that was given back in doubt took the doubt away, and the rollout stood still"],
  [
    6766,
    "an excluded instance that was found good after its region was sealed waited for ever for its bake",
  ],
  [8389, "the late request of a runner that was replaced met a host that had been given back"],
  [17157, "a late claim took a host that had been given back, and the runner went to work on it"],
  [
    17518,
    "a change by hand that an undo had replaced as it was asked to counted as replaced unasked",
  ],
  [26985, "a late claim of a runner that was replaced left a lock that nobody held"],
  [42665, "a host was given up while the undo of a step that was in doubt still ran there"],
  [71437, "a way back that went on put back a newer step while the undo of an older one still ran"],
  [100973, "the undo of a step that had worked at its second attempt asked for its first alone"],
];
