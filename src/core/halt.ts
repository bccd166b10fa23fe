import type { TurnedLate } from "./late-harm.ts";

/** Why no new work starts. Every halt prints this. */
export interface Halt {
  readonly rule: HaltRule;
  /** The number that was exceeded, and the number reached; null where the rule has none. */
  readonly limit: number | null;
  readonly bad: number | null;
  /** Names, in rollout order. */
  readonly instances: readonly string[];
  /** Where the limit applies: a batch ("cn batch 1"), a region, or the whole rollout. */
  readonly where: string;
  /** What is taken back: the instances under way, their region, everything touched, or nothing. */
  readonly scope: HaltScope;
  /** Those of them that were sealed before, and what was under way when they turned bad; absent: none. */
  readonly late?: readonly TurnedLate[];
  /** One sentence that says all of this. */
  readonly sentence: string;
}

export type HaltRule =
  | "max-bad-batch"
  | "max-bad-region"
  | "max-bad-rollout"
  | "abort"
  | "outliers"
  | "deadline-progress";

export type HaltScope = "none" | "under-way" | "region" | "all";
