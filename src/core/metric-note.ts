import type { GroupSeen } from "./control-group.ts";

/** Facts about metrics from inside an action. */
export type MetricNote =
  /** What the instance showed of a metric before it was touched, to be compared with afterwards. */
  | {
      readonly kind: "baseline";
      readonly metric: string;
      readonly values: readonly number[];
      /** What the last answer without a number said; absent: each had one. */
      readonly missed?: string;
    }
  /** How far the evidence is that its bake waits for. */
  | {
      readonly kind: "bake.evidence";
      readonly metric: string;
      readonly seen: number;
      /** `ui.requests >= 100`, and the number of it. */
      readonly written: string;
      readonly number: number;
      readonly enough: boolean;
      /** What the counter itself showed then; absent: it is none, or a journal of 0.1. */
      readonly value?: number;
      /** For so long runners have watched this bake; absent in journals of 0.1. */
      readonly watchedMs?: number;
    }
  /** A metric of the instance against itself before it was touched. */
  | ({ readonly kind: "baseline.compared" } & Comparison)
  /** A metric of its whole batch against instances not yet changed; noted once for the batch. */
  | ({
      readonly kind: "control.compared";
      /** Place in the region, from 0. */
      readonly batch: number;
      /** The changed ones, in rollout order. */
      readonly instances: readonly string[];
      readonly changed: GroupSeen;
      readonly control: GroupSeen;
    } & Comparison);

/** What came of comparing a metric. */
export interface Comparison {
  readonly metric: string;
  /** `shadow`: nothing came of it. */
  readonly mode: "shadow" | "gate";
  readonly is: "harm" | "no harm" | "inconclusive";
  /** One sentence with the numbers. */
  readonly because: string;
  /** So few numbers prove nothing, whatever they are. */
  readonly few: boolean;
  readonly chance: number | null;
}
