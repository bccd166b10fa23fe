import type { Action } from "./action.ts";
import type { ClosedOutcome, ParkedReason } from "./event.ts";
import type { Failure } from "./failure.ts";
import type { Halt } from "./halt.ts";
import type { Itinerary } from "./itinerary.ts";
import { frozenOrder, type OrderState } from "./order-state.ts";
import { persistentMap } from "./persistent-map.ts";
import { nothingTold, type Told } from "./told.ts";

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
  /** Counts the snapshots of `step` from 1: one that may have gone stale is never used. */
  readonly generation: number;
  /** By step: the generation that its newest attempt began from, and that a rollback puts back. */
  readonly bases: readonly number[];
  /** By step: its newest attempt that was begun. Each attempt has a receipt of its own. */
  readonly attempts: readonly number[];
  /**
   * The dead-man switch of the newest step that was begun. `armed`: it may be, on any of its hosts.
   * `lapsing`: it could not be reached, and does what it must when its lease is over.
   */
  readonly guard: "none" | "armed" | "lapsing";
  /** A try of the pending step may have been heard: only its receipt can tell. */
  readonly inDoubt: boolean;
  /** One more than the highest step that may have begun: what a rollback goes through. */
  readonly touched: number;
  /** So many steps came to a good end: they ran, whatever their hosts know of it later. */
  readonly done: number;
  /** Were the hosts' locks taken? They are given back at the end. */
  readonly claimed: boolean;
  /** Was its lock given up by a person, who has seen to it? */
  readonly freed: boolean;
  /** How often it was sent on the way back: names the receipts of undos. */
  readonly rollbacks: number;
  /** Steps that are still to be taken back, newest first. */
  readonly back: readonly number[];
  /** How often the end of a rollback was looked at: what restarts then has a receipt for each. */
  readonly verifies: number;
  /** What could not be taken back whole. Snapshots go back all the same, but it can't end well. */
  readonly flaws: readonly Flaw[];
  readonly bad: Bad | null;
  readonly resumeAt: "begin" | "step" | "bake" | null;
  /** Why it is inconclusive, unverified or not taken back: the last failure that left it so. */
  readonly doubt: Failure | null;
  /** Out of the rollout by a recorded decision. */
  readonly excluded: boolean;
  /** The intent without an outcome, if there is one. */
  readonly pending: Action | null;
}

export interface Flaw {
  readonly step: number;
  /** UNDO_FAILED or RESTORE_CONFLICT. */
  readonly failure: Failure;
  /** How often the undo of this step failed: the next one has another receipt. */
  readonly undos: number;
}

export interface Bad {
  readonly as: "failed" | "unreachable" | "unknown" | "contract broken" | "rolled back";
  readonly failure: Failure;
  /** The step that it failed at; null before the first and during the bake. */
  readonly step: number | null;
  /** The step of which nobody could tell, where a person then decided against it; absent: no step. */
  readonly doubted?: number;
  /** Only where it was sealed before: the region that was under way then; null: none. */
  readonly late?: { readonly during: string | null };
}

/** `harmed`: it was sealed, and one of its instances has turned bad since. */
export type RegionStage = "waiting" | "approval" | "started" | "sealed" | "harmed";

export interface RegionState {
  readonly name: string;
  readonly stage: RegionStage;
  /** Did as many people let it begin as it takes? */
  readonly approved: boolean;
  /** Who did so far, oldest first. */
  readonly votes: readonly Vote[];
  /** What a clock said last of its maintenance windows; null: nothing yet, which counts as closed. */
  readonly window: WindowFact | null;
  /** Did a person say that it need not wait for them? */
  readonly overridden: boolean;
  /** Batches begun. */
  readonly batchesStarted: number;
  /** Batches whose bake began. */
  readonly bakesStarted: number;
  readonly bakesFinished: number;
}

export interface Vote {
  readonly by: string;
  /** RFC 3339; null in journals of 0.1: it counts for ever. */
  readonly at: string | null;
}

export interface WindowFact {
  readonly open: boolean;
  /** RFC 3339: when the clock said so, and until when it holds; null: as far as it can tell, for ever. */
  readonly at: string;
  readonly until: string | null;
}

export type Mode = "preflight" | "forward" | "halting" | "undoing";

export interface RolloutState extends OrderState, Told {
  /** As it was frozen; its batches as decided since, where odd ones go last. */
  readonly itinerary: Itinerary;
  readonly mode: Mode;
  readonly epoch: number;
  /** Who began it: "deploy@laptop"; null before the first record. */
  readonly startedBy: string | null;
  readonly regions: readonly RegionState[];
  readonly instances: ReadonlyMap<string, InstanceState>;
  readonly halt: Halt | null;
  /** A person asked to end it; `due` turns that into a halt. */
  readonly abort: { readonly rollback: boolean; readonly by: string } | null;
  /** The progress deadline passed; `due` turns that into a halt. */
  readonly overdue: Failure | null;
  /** A person who takes it back wants it also where something was changed since. */
  readonly over: boolean;
  /** Who approved the emergency that it was started as; null: nobody yet, or it is none. */
  readonly emergency: Vote | null;
  /** A person or a signal asked for no new work; running actions end. */
  readonly held: { readonly why: ParkedReason } | null;
  readonly parked: ParkedReason | null;
  /** Instances whose locks were given back, or could not be within the tries: see `lingering`. */
  readonly released: ReadonlyMap<string, true>;
  /** Instances where giving back failed: something of ours is still on their hosts. */
  readonly lingering: ReadonlySet<string>;
  readonly closed: ClosedOutcome | null;
}

/** Before anything happened. */
export function openRollout(itinerary: Itinerary): RolloutState {
  const instances = new Map<string, InstanceState>();
  for (const region of itinerary.regions) {
    region.batches.forEach((batch, index) => {
      for (const name of batch.instances) {
        instances.set(name, {
          name,
          region: region.name,
          batch: index,
          phase: "unchecked",
          step: 0,
          attempt: 1,
          tries: 0,
          snapshotted: false,
          generation: 1,
          bases: [],
          attempts: [],
          guard: "none",
          inDoubt: false,
          touched: 0,
          done: 0,
          claimed: false,
          freed: false,
          rollbacks: 0,
          back: [],
          verifies: 0,
          flaws: [],
          bad: null,
          resumeAt: null,
          doubt: null,
          excluded: false,
          pending: null,
        });
      }
    });
  }
  return {
    itinerary,
    mode: "preflight",
    epoch: 0,
    startedBy: null,
    regions: itinerary.regions.map((region) => ({
      name: region.name,
      stage: "waiting",
      approved: false,
      votes: [],
      window: null,
      overridden: false,
      batchesStarted: 0,
      bakesStarted: 0,
      bakesFinished: 0,
    })),
    instances: persistentMap(instances),
    halt: null,
    abort: null,
    overdue: null,
    over: false,
    emergency: null,
    held: null,
    parked: null,
    released: new Map(),
    lingering: new Set(),
    ...nothingTold,
    ...frozenOrder,
    closed: null,
  };
}

/** Nothing more will happen to it by itself. */
export function isSettled(it: InstanceState): boolean {
  return settledPhases.has(it.phase);
}

const settledPhases: ReadonlySet<Phase> = new Set<Phase>([
  "unfit",
  "sealed",
  "rolled-back",
  "rolled-back-unverified",
  "rollback-failed",
  "left",
  "unknown",
]);

/** Not as before, not as after, or not known to be: a person must look. */
export function needsPerson(it: InstanceState): boolean {
  return (
    it.phase === "rollback-failed" ||
    it.phase === "rolled-back-unverified" ||
    it.phase === "left" ||
    it.phase === "unknown"
  );
}

/** Counts against `maxBad`. */
export function isBad(it: InstanceState): boolean {
  return it.bad !== null && !it.excluded;
}

/** Someone's hands are on it: it has begun and is not settled. */
export function isUnderWay(it: InstanceState): boolean {
  return !isSettled(it) && it.phase !== "unchecked" && it.phase !== "waiting";
}

export function instanceOf(state: Pick<RolloutState, "instances">, name: string): InstanceState {
  const it = state.instances.get(name);
  if (it === undefined)
    throw new Error(`the journal names "${name}", which the itinerary does not have`);
  return it;
}

/** Is everything of this region done, whatever became of it since? */
export function wasSealed({ stage }: Pick<RegionState, "stage">): boolean {
  return stage === "sealed" || stage === "harmed";
}

/** In rollout order. */
export function instancesOf(state: RolloutState, region: string): readonly InstanceState[] {
  return [...state.instances.values()].filter((it) => it.region === region);
}
