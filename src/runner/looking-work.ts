import { instanceOf, type RolloutState } from "../core/state.ts";
import type { GuardDoor } from "../ports/guard.ts";
import { ActionEnded } from "./action-ended.ts";
import type { GuardPool } from "./guard-pool.ts";
import type { PerformerParts } from "./parts.ts";
import type { Work } from "./work.ts";

/** Whoever only looks says for which rollout, and is no runner of it: nothing is fenced or renewed. */
export function lookingDoor(door: GuardDoor): GuardDoor {
  return {
    open: (host, { rollout, signal, become }) =>
      door.open(host, {
        rollout,
        ...(signal === undefined ? {} : { signal }),
        ...(become === undefined ? {} : { become }),
      }),
  };
}

export interface LookingOrder {
  readonly parts: PerformerParts;
  /** Of guards that were opened by `lookingDoor`. */
  readonly pool: GuardPool;
  readonly state: Pick<RolloutState, "epoch" | "instances">;
  /** What probes remembered of the time before the first step, by `markKey`. */
  readonly marks: Map<string, string>;
  readonly signal: AbortSignal;
}

/** A look at one instance: no action, and nothing of it is noted. */
export function lookingWork(name: string, order: LookingOrder): Work {
  const { parts, pool, state, marks, signal } = order;
  const instance = parts.itinerary.instances[name];
  if (instance === undefined) throw new Error(`${name} is not on the target list`);
  return {
    parts,
    pool,
    instance,
    state: instanceOf(state, name),
    epoch: state.epoch,
    signal,
    marks,
    isArmed: () => false,
    found: () => [],
    later: "keep",
    heard: false,
    note: () => Promise.resolve(),
  };
}

/** Why something could not be seen, in a sentence. Rejects with what is a bug. */
export function whyUnseen(error: unknown, { signal }: Work): string {
  if (error instanceof ActionEnded && error.outcome.is !== "done")
    return error.outcome.failure.message;
  if (signal.aborted) return "the watch was ended";
  throw error;
}
