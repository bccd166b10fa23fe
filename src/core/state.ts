import type { Action } from "./action.ts";
import type { ClosedOutcome, ParkedReason } from "./event.ts";
import type { Failure } from "./failure.ts";
import type { Halt } from "./halt-rule.ts";
import type { Itinerary } from "./itinerary.ts";

export type Phase =
  /** Not looked at yet. */
  | "unchecked"
  /** Fit, untouched. */
  | "waiting"
  /** Bad before anything was touched: unreachable, check failed, unhealthy, locked. Settled. */
  | "unfit"
  | "beginning"
  /** `step` is the one to do next; `snapshotted` says whether its snapshot is there. */
  | "stepping"
  | "rewinding"
  /** All steps done, waiting for the rest of the batch. */
  | "stepped"
  | "baking"
  /** Neither good nor bad; waits for a decision. `resumeAt` says where accepting leads. */
  | "inconclusive"
  /** Failed under `onFail: ask`; waits for a decision. */
  | "asking"
  | "reverting"
  | "verifying"
  /** Done and good. Settled. */
  | "sealed"
  /** As before, content and health verified. Settled. */
  | "rolled-back"
  /** As before by the restore's own word, but content or health could not be confirmed. Settled. */
  | "rolled-back-unverified"
  /** Needs a person. Settled. */
  | "rollback-failed"
  /** Failed and left as it is by `onFail: halt` or a decision. Needs a person. Settled. */
  | "left"
  /** What the last command did could not be found out. Needs a person, or `reconcile`. Settled. */
  | "unknown";

export interface InstanceState {
  readonly name: string;
  readonly region: string;
  readonly batch: number;
  readonly phase: Phase;
  /** The step to do next, or to revert next; equals the number of steps when all are done. */
  readonly step: number;
  readonly attempt: number;
  /** How often the pending question was put without an answer. */
  readonly tries: number;
  readonly snapshotted: boolean;
  /** One more than the highest step whose snapshot was begun: what a rollback goes through. */
  readonly touched: number;
  /** Were the hosts' locks taken? They are given back at the end. */
  readonly claimed: boolean;
  readonly bad: Bad | null;
  readonly resumeAt: "step" | "bake" | null;
  /** Out of the rollout by a recorded decision. */
  readonly excluded: boolean;
  /** The intent without an outcome, if there is one. */
  readonly pending: Action | null;
}

export interface Bad {
  readonly as: "failed" | "unreachable" | "unknown" | "contract broken" | "rolled back";
  readonly failure: Failure;
  /** The step that it failed at; null before the first and during the bake. */
  readonly step: number | null;
}

export type RegionStage = "waiting" | "approval" | "started" | "sealed";

export interface RegionState {
  readonly name: string;
  readonly stage: RegionStage;
  readonly approved: boolean;
  /** Batches begun. */
  readonly batchesStarted: number;
  /** Batches whose bake began. */
  readonly bakesStarted: number;
  readonly bakesFinished: number;
}

export type Mode = "preflight" | "forward" | "halting" | "undoing";

export interface RolloutState {
  readonly itinerary: Itinerary;
  readonly mode: Mode;
  readonly epoch: number;
  readonly regions: readonly RegionState[];
  readonly instances: ReadonlyMap<string, InstanceState>;
  readonly halt: Halt | null;
  /** A person or a signal asked for no new work; running actions end. */
  readonly held: { readonly why: ParkedReason } | null;
  readonly parked: ParkedReason | null;
  readonly released: ReadonlySet<string>;
  readonly closed: ClosedOutcome | null;
}
