import { randomInt } from "node:crypto";
import { type Failure, HandrailError } from "./core/failure.ts";
import type { RolloutState } from "./core/state.ts";
import { selectTargets } from "./core/targets.ts";
import type { ItineraryInstance } from "./core/itinerary.ts";
import type { Clock } from "./ports/clock.ts";
import { type LockWait, pauseInWait } from "./runner/lock-wait.ts";
import type { LoadedPlan } from "./sources/load-plan.ts";

/** What is waited for. */
export interface LockedPlace {
  readonly inventory: string;
  /** The rollout that asks, where there is one already; null: one that is to begin. */
  readonly rollout: string | null;
  readonly instances: readonly Pick<ItineraryInstance, "hosts">[];
  /** Hosts that are looked at at the same time. */
  readonly concurrency: number;
}

export interface WhenFree<End> {
  readonly loaded: LoadedPlan;
  readonly wait: LockWait;
  readonly clock: Clock;
  /** Rejects for what no waiting changes. */
  readonly refuse: () => Promise<void>;
  readonly waitFor: (place: LockedPlace, wait: LockWait) => Promise<void>;
  readonly applyNow: () => Promise<End>;
}

/** Milliseconds that one waits at most before it begins again. */
const meetAgainMaxMs = 1_000;

/**
 * Waits until nobody else has the inventory or a host of the plan, then begins. Where another was
 * quicker after all, in the inventory or at preflight, it waits again for as long as there is time:
 * each time it begins is a rollout of its own, and those that touched nothing are closed as refused.
 */
export async function applyWhenFree<End extends { readonly state: RolloutState }>(
  it: WhenFree<End>,
): Promise<End> {
  const { wait, clock } = it;
  const { plan, inventory } = it.loaded;
  const place: LockedPlace = {
    inventory: inventory.name,
    rollout: null,
    instances: selectTargets(plan, inventory).flatMap(({ instances }) => instances),
    concurrency: plan.rollout.concurrency,
  };
  for (;;) {
    await it.refuse();
    await it.waitFor(place, wait);
    const end = await it.applyNow().catch(takenMeanwhile);
    const failure = end instanceof HandrailError ? end.failure : heldAtPreflight(end.state);
    if (failure === null || clock.now() >= wait.untilMs || wait.signal.aborted) {
      if (end instanceof HandrailError) throw end;
      return end;
    }
    wait.onWait(failure, wait.untilMs - clock.now());
    // Two that were refused for each other's sake must not meet again and again.
    await pauseInWait(wait, clock, randomInt(meetAgainMaxMs));
  }
}

/** Another one took the inventory between the wait and the beginning; anything else is thrown on. */
function takenMeanwhile(error: unknown): HandrailError {
  if (error instanceof HandrailError && error.failure.code === "LOCKED") return error;
  throw error;
}

/** Why it was refused, where nothing but locks of other rollouts was the reason; else null. */
function heldAtPreflight({ closed, instances }: RolloutState): Failure | null {
  if (closed !== "refused") return null;
  const failures = [...instances.values()].flatMap(({ bad }) =>
    bad === null ? [] : [bad.failure],
  );
  return failures.every(({ code }) => code === "HOST_LOCKED") ? (failures[0] ?? null) : null;
}
