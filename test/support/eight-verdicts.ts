/** What a page can do to whoever asks for it. */
export const pageModes = [
  "pass",
  "fail",
  "error",
  "flap",
  "slow",
  "hang",
  "half",
  "wrong",
] as const;

export type PageMode = (typeof pageModes)[number];

/** Where a rollout comes to whose step did that to the page (PRODUCT.md §5.3). */
export type RolloutEnd = "sealed" | "halted" | "paused";

/**
 * One table for the test by a clock that jumps (test/runner/rollout-verdicts.test.ts) and for the one with
 * a real nginx in real time (test/e2e/probe-verdicts.test.ts): a failure is taken back, what nobody can tell
 * waits for a person, and nothing but a pass is sealed.
 */
export const endOfRollout: Readonly<Record<PageMode, RolloutEnd>> = {
  pass: "sealed",
  fail: "halted",
  error: "paused",
  flap: "halted",
  slow: "halted",
  hang: "halted",
  half: "halted",
  wrong: "halted",
};
