import type { RolloutState } from "../core/state.ts";
import { nextLookMs } from "../core/watch-times.ts";
import { GuardPool } from "./guard-pool.ts";
import { watchHealth } from "./look.ts";
import { type KnownTrees, lookAtTrees, type Seen } from "./look-at-trees.ts";
import { lookingDoor, lookingWork, whyUnseen } from "./looking-work.ts";
import type { PerformerParts } from "./parts.ts";
import type { Work } from "./work.ts";

export type { Seen } from "./look-at-trees.ts";

/** One look at all of them is done. */
export interface Looked {
  readonly look: number;
  readonly instances: number;
  /** Names of those of which something could not be told. */
  readonly unseen: readonly string[];
  /** null: it was the last. */
  readonly nextInMs: number | null;
}

export interface WatchInstancesOrder {
  readonly parts: PerformerParts;
  readonly state: RolloutState;
  /** Names of the instances, in rollout order. */
  readonly names: readonly string[];
  /** What probes remembered of the time before the first step, by `markKey`. */
  readonly marks: Map<string, string>;
  readonly forMs: number;
  /** Ends the watch at once. */
  readonly signal: AbortSignal;
  readonly tell: (seen: Seen) => void;
  readonly looked: (looked: Looked) => void;
}

export interface WatchEnd {
  readonly looks: number;
  /** Names of those on which harm was seen, at whichever look. */
  readonly harmed: readonly string[];
  /** Names of those of which the last look could not tell something. */
  readonly unseen: readonly string[];
}

/** A failing probe gets so long to pass before it counts, as after a step: at most a minute. */
const retryMaxMs = 60_000;

/**
 * Looks again and again at probes and protected paths of instances that are done, at growing intervals.
 * Reads only: no lock, no spool, no lease, and no connection is kept between two looks.
 */
export async function watchInstances(order: WatchInstancesOrder): Promise<WatchEnd> {
  const { parts, names, forMs, signal } = order;
  const startedMs = parts.clock.now();
  const memory: Memory = { trees: new Map(), said: new Map(), harmed: new Set() };
  let unseen: readonly string[] = [];
  for (let look = 1; ; look++) {
    unseen = await lookAtAll(order, memory);
    const nextInMs = signal.aborted ? null : nextLookMs(parts.clock.now() - startedMs, forMs);
    order.looked({ look, instances: names.length, unseen, nextInMs });
    const ended = nextInMs === null || !(await slept(order, nextInMs));
    if (ended)
      return { looks: look, harmed: names.filter((name) => memory.harmed.has(name)), unseen };
  }
}

interface Memory {
  readonly trees: KnownTrees;
  /** What was said last of each: the same again is no news. */
  readonly said: Map<string, string>;
  readonly harmed: Set<string>;
}

async function slept({ parts, signal }: WatchInstancesOrder, ms: number): Promise<boolean> {
  return parts.clock.sleep(ms, signal).then(
    () => true,
    () => false,
  );
}

async function lookAtAll(order: WatchInstancesOrder, memory: Memory): Promise<readonly string[]> {
  const { parts, names } = order;
  const { concurrency } = parts.itinerary.plan.rollout;
  await using pool = new GuardPool({ ...parts, door: lookingDoor(parts.door) });
  const unseen = new Set<string>();
  const waiting = names.values();
  const workers = Array.from({ length: Math.min(concurrency, names.length) }, async () => {
    for (const name of waiting) {
      if (order.signal.aborted) return;
      const work = lookingWork(name, { ...order, pool });
      const told = await lookAtOne(work, memory);
      for (const seen of told) say(order, seen, memory);
      if (told.some(({ is }) => is === "unseen")) unseen.add(name);
      await pool.drop(name);
    }
  });
  await Promise.all(workers);
  return names.filter((name) => unseen.has(name));
}

async function lookAtOne(work: Work, memory: Memory): Promise<readonly Seen[]> {
  const seen: Seen[] = [await healthOf(work)];
  for (const host of work.instance.hosts)
    seen.push(...(await lookAtTrees(work, host, memory.trees)));
  return seen;
}

async function healthOf(work: Work): Promise<Seen> {
  const { name, region } = work.instance;
  const planned = work.parts.itinerary.regions.find((it) => it.name === region);
  const retryMs = Math.min(planned?.bake.retryMs ?? 0, retryMaxMs);
  try {
    const health = await watchHealth(work, { settleMs: 0, stableMs: 0, retryMs }, "bake");
    if (health.is === "healthy") return { instance: name, is: "well", says: "healthy again" };
    const is = health.is === "unhealthy" ? "unhealthy" : "unseen";
    return { instance: name, is, says: health.because };
  } catch (error) {
    return { instance: name, is: "unseen", says: whyUnseen(error, work) };
  }
}

/** Harm is told each time; what goes on as before is not told again, and what is well only after it was not. */
function say(order: WatchInstancesOrder, seen: Seen, { said, harmed }: Memory): void {
  const key = JSON.stringify([seen.instance, seen.host ?? null, seen.path ?? null]);
  const before = said.get(key);
  const now = `${seen.is} ${seen.is === "unhealthy" ? "" : seen.says}`;
  said.set(key, seen.is === "well" || seen.is === "lost" ? seen.is : now);
  if (seen.is === "lost" || seen.is === "unhealthy") harmed.add(seen.instance);
  if (seen.is === "lost") order.tell(seen);
  else if (seen.is === "well") {
    if (before !== undefined && before !== "well" && before !== "lost") order.tell(seen);
  } else if (before !== now) order.tell(seen);
}
