import type { Action } from "./action.ts";
import type { Effect } from "./effects.ts";
import type { Failure } from "./failure.ts";
import type { Halt } from "./halt.ts";
import type { Itinerary } from "./itinerary.ts";
import type { LateHarm } from "./late-harm.ts";
import type { MetricNote } from "./metric-note.ts";
import type { Fact, OddOne } from "./outliers.ts";
import type { OrderedRegion } from "./outliers-last.ts";
import type { SealedBefore } from "./sealed-before.ts";
import type { SawUnits } from "./units-seen.ts";

/**
 * What the journal holds. An intent is durable before its effect begins and an outcome after it
 * ended, so a journal that stops in between says exactly which effects are in doubt.
 */
export type RolloutEvent =
  /** Always the first record. */
  | {
      readonly kind: "opened";
      readonly itinerary: Itinerary;
      readonly by: string;
      readonly tool: string;
      /** Where the plan lay: programs that print secrets start there, also when it is resumed. */
      readonly planFolder: string;
      /** Absolute paths, as given to apply; absent in journals of 0.1. */
      readonly asked?: { readonly plan: string; readonly inventory: string | null };
      /** Id of the preview file that it was begun from, which works once; absent: from a plan. */
      readonly preview?: string;
      /**
       * Under `onOutlier: last`: instances that went last in the order which that preview printed. Another
       * order is refused. Absent: it is bound to none.
       */
      readonly previewedLast?: readonly string[];
      /** Which earlier rollouts of this journal stand where; absent: nobody knows. */
      readonly sealedBefore?: SealedBefore;
    }
  /** A runner took the rollout up: the first one, or another after a crash or a pause. */
  | { readonly kind: "taken-up"; readonly runner: string; readonly epoch: number }
  | { readonly kind: "intent"; readonly action: Action }
  | { readonly kind: "outcome"; readonly action: Action; readonly outcome: Outcome }
  /** The runner that held this intent is gone, and doing the action again is safe. */
  | { readonly kind: "forgotten"; readonly action: Action }
  /** Seen while an action was under way. For people and reports; changes no decision. */
  | { readonly kind: "noted"; readonly note: Note }
  /** Hosts that are not like the others, in rollout order; written once, and only where there are any. */
  | { readonly kind: "outliers-found"; readonly outliers: readonly OddOne[] }
  /** Regions that go in another order than the itinerary has; at most once, before anything is touched. */
  | { readonly kind: "order-decided"; readonly regions: readonly OrderedRegion[] }
  | { readonly kind: "preflight-passed" }
  | { readonly kind: "region-started"; readonly region: string }
  | { readonly kind: "batch-started"; readonly region: string; readonly batch: number }
  | { readonly kind: "bake-started"; readonly region: string; readonly batch: number }
  | { readonly kind: "bake-finished"; readonly region: string; readonly batch: number }
  | { readonly kind: "region-sealed"; readonly region: string }
  | { readonly kind: "approval-waiting"; readonly region: string }
  /** At this time these approvals are too old to count; see told-time.ts. */
  | {
      readonly kind: "approval-lapsed";
      readonly region: string;
      readonly people: readonly string[];
      readonly at: string;
    }
  /** What a clock says of a region's maintenance windows, at this time and until then. */
  | {
      readonly kind: "window";
      readonly region: string;
      readonly open: boolean;
      readonly at: string;
      readonly until: string | null;
    }
  /** Seen on a sealed instance while the rollout goes on elsewhere: it is bad from here on. */
  | {
      readonly kind: "late-harm";
      readonly harm: LateHarm;
      /** The region under way, or next, at that time; null: none. */
      readonly during: string | null;
    }
  /** Written before the first rollback, so that a crash in the middle can't resume the rollout. */
  | { readonly kind: "halting"; readonly halt: Halt }
  /** Nothing can go on without a person; the runner leaves. */
  | { readonly kind: "parked"; readonly why: ParkedReason }
  | { readonly kind: "asked"; readonly wish: Wish; readonly by: string; readonly reason: string }
  | { readonly kind: "closed"; readonly outcome: ClosedOutcome };

export type Outcome =
  | { readonly is: "done" }
  | { readonly is: "failed"; readonly failure: Failure }
  /** Provably nothing was done. */
  | { readonly is: "unreachable"; readonly failure: Failure }
  /** All, some or nothing was done: the host must be asked. */
  | { readonly is: "unknown"; readonly failure: Failure }
  /** Neither good nor bad: never promoted without a recorded decision. */
  | { readonly is: "inconclusive"; readonly failure: Failure };

export type ClosedOutcome = "sealed" | "halted" | "refused" | "undone";

export type ParkedReason =
  | { readonly kind: "approval"; readonly region: string }
  /** It was started as an emergency, and nobody has approved that yet. */
  | { readonly kind: "emergency" }
  /** Its maintenance window is closed; `opens`: the next one, RFC 3339, where that is known. */
  | { readonly kind: "window"; readonly region: string; readonly opens: string | null }
  | { readonly kind: "inconclusive"; readonly instances: readonly string[] }
  | { readonly kind: "ask"; readonly instances: readonly string[] }
  /** A region ended with tolerated bad instances: the next may start only by a decision. */
  | {
      readonly kind: "bad-in-region";
      readonly region: string;
      readonly instances: readonly string[];
    }
  /** `because`: it was no person who asked for it. */
  | { readonly kind: "paused"; readonly because?: string }
  | { readonly kind: "interrupted"; readonly signal: string };

/** What a person (or a deadline) asks of a rollout. */
export type Wish =
  /** `because`: the runner asks for it itself, and why; absent: a person does. */
  | { readonly kind: "pause"; readonly because?: string }
  | { readonly kind: "resume" }
  | { readonly kind: "abort"; readonly rollback: boolean }
  /** `at`: when, RFC 3339; `digest`: of what was approved. Both absent in journals of 0.1. */
  | {
      readonly kind: "approve";
      readonly region: string;
      readonly at?: string;
      readonly digest?: string;
    }
  /** `at`: when, RFC 3339; `digest`: of the rollout whose emergency was approved. */
  | { readonly kind: "approve-emergency"; readonly at?: string; readonly digest: string }
  /** From here on the region does not wait for its maintenance windows. */
  | { readonly kind: "override-window"; readonly region: string }
  /** `over`: also what was changed after the steps had ended is replaced, and kept on the host. */
  | { readonly kind: "undo"; readonly over?: boolean }
  | { readonly kind: "reconcile" }
  /** A person has seen to this instance: its lock is given back, its snapshots stay for a while. */
  | { readonly kind: "release-lock"; readonly instance: string; readonly reason: string }
  | { readonly kind: "interrupt"; readonly signal: string }
  | { readonly kind: "deadline"; readonly failure: Failure }
  /** `accept`: counts as good from here on. `exclude`: counts as out of the rollout, still named. */
  | {
      readonly kind: "decide";
      readonly instance: string;
      readonly choice: "accept" | "retry" | "rollback" | "leave" | "exclude";
    };

/** Facts from inside an action. `host` is absent where the whole instance is meant. */
export type Note = { readonly instance: string; readonly host?: string } & (
  | {
      readonly kind: "snapshot.taken";
      readonly step: number;
      readonly entries: number;
      readonly bytes: number;
      readonly durationMs: number;
      readonly losses: readonly string[];
      /** Bytes that it added to the spool; absent in journals of 0.1. */
      readonly added?: number;
      /** Entries that were restored to a scratch folder and found the same; absent as above. */
      readonly drilled?: number;
    }
  | { readonly kind: "guard.armed"; readonly step: number; readonly leaseMs: number }
  | { readonly kind: "guard.disarmed"; readonly step: number; readonly because: DisarmedBecause }
  /** The host acted by itself, because it heard nothing for as long as its lease. */
  | {
      readonly kind: "guard.fired";
      readonly step: number;
      /** RFC 3339 in UTC, by the host's clock. */
      readonly firedAt: string;
      /** false: it was ended (killed, host restarted) before it had done everything. */
      readonly complete: boolean;
      readonly restored: number;
      /** Something else stood there, and was left alone; the first ones. */
      readonly conflicts: readonly string[];
      /** Paths that could not be put back; the first ones. */
      readonly failed: readonly string[];
    }
  | ({ readonly kind: "step.started"; readonly step: number; readonly attempt: number } & SawUnits)
  | {
      readonly kind: "step.finished";
      readonly step: number;
      readonly attempt: number;
      readonly exitCode: number | null;
      readonly timedOut: boolean;
      readonly durationMs: number;
      /** The last part of what it printed, bounded, escapes shown, secrets struck out. */
      readonly output: string;
    }
  /** A broken one is durable before anything is done about it, and is never taken back. */
  | ({
      readonly kind: "verdict";
      readonly step: number;
      /** Absent in journals of 0.1. */
      readonly attempt?: number;
      readonly verdict: Verdict;
    } & SawUnits)
  | {
      readonly kind: "probe";
      readonly probe: string;
      readonly surface: string;
      readonly is: "pass" | "fail" | "error";
      readonly because: string;
      readonly tookMs: number;
      /** `watch`: it is sealed, and the rollout goes on elsewhere. */
      readonly while: "before" | "after-step" | "bake" | "verify" | "watch";
    }
  /** The declared recovery of a `regenerates` path. */
  | {
      readonly kind: "recovery";
      readonly step: number;
      readonly path: string;
      readonly did: readonly string[];
      readonly verified: boolean;
    }
  | {
      readonly kind: "restored";
      readonly step: number;
      readonly restored: number;
      /** Something else stands there now, and was left alone; the first ones. */
      readonly conflicts: readonly string[];
      /** Later versions that were taken out of the way, and are kept on the host; the first ones. */
      readonly setAside?: readonly string[];
    }
  /** A bake came into another stage; of settling, its intent and the plan tell. */
  | {
      readonly kind: "bake.stage";
      /**
       * `retry`: no healthy stretch runs any more, or none has begun yet. `evidence`: healthy, and waits for
       * what else must be there; never in journals of 0.1.
       */
      readonly stage: "retry" | "stable" | "evidence";
      /** Milliseconds from this record on until it ends, if nothing changes. */
      readonly leftMs: number;
      /** Of so many in all. */
      readonly ofMs: number;
    }
  | { readonly kind: "mark"; readonly probe: string; readonly mark: string }
  /** Trying again after not-sent or unknown. */
  | {
      readonly kind: "retrying";
      readonly what: string;
      readonly failure: Failure;
      readonly inMs: number;
    }
  | { readonly kind: "remark"; readonly text: string }
  | MetricNote
  /** What the host is like before anything is touched, to be held against the others. */
  | { readonly kind: "host.facts"; readonly facts: readonly Fact[] }
);

/** Why a switch was told that it is not needed any more. */
export type DisarmedBecause = "judged" | "taken back" | "waits for a person" | "not begun";

/** What the comparison after a step says, policy by policy. */
export interface Verdict {
  readonly is: "kept" | "broken";
  readonly findings: readonly Finding[];
  /**
   * Counts of every effect seen, also the allowed ones. What is no doing of the step has words of its
   * own: "churned" (the tree loses such entries by itself), "deleted by others" (prevention held).
   */
  readonly counts: Readonly<Record<string, number>>;
  /** What is no finding and should still be told, a sentence each. */
  readonly remarks: readonly string[];
  /** Of protected paths where the step did anything, in the plan's order; absent in journals of 0.1. */
  readonly trees?: readonly TreeEffects[];
  /** Entries of all trees that were compared; absent as above. */
  readonly entries?: number;
}

/** What a step did to one protected path, declared or not; what the tree does by itself left out. */
export interface TreeEffects {
  /** Its place among the plan's protected paths, from 0: the same on every instance. */
  readonly protect: number;
  /** By class of effect: "deleted", "content", … */
  readonly counts: Readonly<Record<string, number>>;
  /** Of what was deleted or became another type: what was not back when nobody waited any longer. */
  readonly notBack: number;
  /** When all of it was back, in milliseconds after the first look; absent: it was not, or nothing went. */
  readonly backMs?: number;
}

export interface Finding {
  /** The protected path, or the step's own write. */
  readonly path: string;
  readonly policy: string;
  readonly code: "CONTRACT_BROKEN" | "BUDGET_EXCEEDED" | "REGENERATION_LATE";
  /** One sentence: "3 files deleted below /srv/app/tmp, policy keep allows none". */
  readonly message: string;
  readonly count: number;
  /** At most a handful, for people. */
  readonly examples: readonly Effect[];
  /** The step itself could not write there: something that it set off did this, or someone else. */
  readonly notByStep?: true;
}
