import { lateHarmSeen } from "../core/after-late-harm.ts";
import type { RolloutEvent } from "../core/event.ts";
import type { Itinerary } from "../core/itinerary.ts";
import type { RolloutState } from "../core/state.ts";
import { ActionEnded } from "./action-ended.ts";
import { watchHealth } from "./look.ts";
import type { Work } from "./work.ts";

/** It was sealed, and does not serve its users now. */
export interface Unwell {
  readonly instance: string;
  /** One sentence with what its probes saw. */
  readonly because: string;
}

/** Names of those that are done and good, in rollout order. */
export function sealedNames(state: RolloutState): readonly string[] {
  return [...state.instances.values()]
    .filter((it) => it.phase === "sealed")
    .map(({ name }) => name);
}

/** A failing probe gets so long to pass before it counts, as after a step: at most a minute. */
const retryMaxMs = 60_000;

export interface AskSealedOrder {
  readonly names: readonly string[];
  readonly concurrency: number;
  readonly signal: AbortSignal;
  /** Work that only asks; it notes what the probes say. */
  readonly workOn: (name: string) => Work;
  /** Nobody else needs its connections. */
  readonly leave: (name: string) => Promise<void>;
}

/** Asks the probes of instances that are done once more. What can't be told counts as nothing. */
export async function askSealed(order: AskSealedOrder): Promise<readonly Unwell[]> {
  const { names, concurrency, signal } = order;
  const unwell = new Map<string, string>();
  const waiting = names.values();
  const workers = Array.from({ length: Math.min(concurrency, names.length) }, async () => {
    for (const name of waiting) {
      if (signal.aborted) return;
      const because = await failing(order.workOn(name));
      if (because !== null) unwell.set(name, because);
      await order.leave(name);
    }
  });
  await Promise.all(workers);
  return names.flatMap((instance) => {
    const because = unwell.get(instance);
    return because === undefined ? [] : [{ instance, because }];
  });
}

async function failing(work: Work): Promise<string | null> {
  const retryMs = Math.min(retryOf(work.parts.itinerary, work.instance.region), retryMaxMs);
  try {
    const health = await watchHealth(work, { settleMs: 0, stableMs: 0, retryMs }, "watch");
    return health.is === "unhealthy" ? health.because : null;
  } catch (error) {
    // Whoever was told to stop asking says nothing, and neither does a host that can't be reached.
    if (work.signal.aborted || error instanceof ActionEnded) return null;
    throw error;
  }
}

function retryOf({ regions }: Itinerary, name: string): number {
  return regions.find((it) => it.name === name)?.bake.retryMs ?? 0;
}

/**
 * What is written where some are unwell. A rollout that watches what it has sealed takes it as late harm,
 * by the same rules; another one begins nothing new, and says why.
 */
export function afterUnwell(
  state: RolloutState,
  unwell: readonly Unwell[],
): readonly RolloutEvent[] {
  if (state.itinerary.plan.rollout.watch !== undefined)
    return unwell.flatMap(
      ({ instance, because: says }) =>
        lateHarmSeen(state, { instance, is: "unhealthy", says }) ?? [],
    );
  const because = unwellWords(unwell);
  const by = "the look at what is sealed";
  return [{ kind: "asked", wish: { kind: "pause", because }, by, reason: because }];
}

/** Why nothing new begins, in one line. */
function unwellWords(unwell: readonly Unwell[]): string {
  const [first] = unwell;
  if (first === undefined) throw new Error("nobody is unwell");
  const more = unwell.length > 1 ? `, and ${unwell.length - 1} more` : "";
  return `${first.instance} was sealed and does not serve its users now${more}: ${first.because}`;
}
