import type { PathText } from "../core/path-text.ts";
import { afterLook, beginWatch, type Losses, type TreeWatch } from "../core/late-losses.ts";
import type { Host } from "../core/plan/inventory.ts";
import type { ProtectedPath } from "../core/plan/plan.ts";
import { instanceOf, type RolloutState } from "../core/state.ts";
import { secretStandIns, substitute } from "../core/variables.ts";
import { rulings } from "../core/verdict/ruling.ts";
import { treePath } from "../core/verdict/tree-path.ts";
import { nextLookMs } from "../core/watch-times.ts";
import type { GuardDoor } from "../ports/guard.ts";
import { ActionEnded } from "./action-ended.ts";
import { GuardPool } from "./guard-pool.ts";
import { listTree } from "./list-tree.ts";
import { watchHealth } from "./look.ts";
import type { PerformerParts } from "./parts.ts";
import { environmentOf, guardOf, type Work } from "./work.ts";

/** Something that a watch saw, told once. */
export interface Seen {
  readonly instance: string;
  /** Absent where the whole instance is meant. */
  readonly host?: string;
  /** `unseen`: could not be told, which is neither good nor bad. `well`: healthy, and seen, again. */
  readonly is: "unhealthy" | "lost" | "unseen" | "well";
  /** One sentence. */
  readonly says: string;
  readonly path?: PathText;
  readonly losses?: Losses;
}

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
  /** By instance, host and tree. */
  readonly trees: Map<string, TreeWatch>;
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
      const work = workOn(name, pool, order);
      const told = await lookAtOne(work, memory);
      for (const seen of told) say(order, seen, memory);
      if (told.some(({ is }) => is === "unseen")) unseen.add(name);
      await pool.drop(name);
    }
  });
  await Promise.all(workers);
  return names.filter((name) => unseen.has(name));
}

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

function workOn(name: string, pool: GuardPool, order: WatchInstancesOrder): Work {
  const { parts, state, marks, signal } = order;
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
    // What probes answer is told when it changes; a watch has no journal.
    note: () => Promise.resolve(),
  };
}

async function lookAtOne(work: Work, memory: Memory): Promise<readonly Seen[]> {
  const seen: Seen[] = [await healthOf(work)];
  for (const host of work.instance.hosts) seen.push(...(await treesOn(work, host, memory)));
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

async function treesOn(work: Work, host: Host, memory: Memory): Promise<readonly Seen[]> {
  const { name } = work.instance;
  const on = { instance: name, ...(work.instance.hosts.length > 1 ? { host: host.name } : {}) };
  const names = Object.keys(work.parts.itinerary.plan.secrets);
  // Paths never hold secrets.
  const env = { ...secretStandIns(names), ...environmentOf(work, host) };
  const protect = substitute(work.parts.itinerary.plan.protect, env);
  const seen: Seen[] = [];
  for (const it of protect.filter(({ policy }) => policy.kind !== "may-change")) {
    const path = treePath(it.path);
    try {
      const listing = await listTree(await guardOf(work, host), path);
      if (listing.is === "unseen") {
        seen.push({ ...on, is: "unseen", says: listing.because, path });
        continue;
      }
      const key = JSON.stringify([name, host.name, path]);
      const look = { atMs: work.parts.clock.now(), entries: ownOf(path, listing.entries, protect) };
      const before = memory.trees.get(key);
      const after = before === undefined ? null : afterLook(before, look);
      memory.trees.set(key, after?.watch ?? beginWatch(it.policy, look));
      const lost = after?.lost ?? null;
      seen.push(
        lost === null
          ? { ...on, is: "well", says: `"${path}" can be seen again`, path }
          : { ...on, is: "lost", says: lossWords(path, it, lost), path, losses: lost },
      );
    } catch (error) {
      seen.push({ ...on, is: "unseen", says: whyUnseen(error, work), path });
    }
  }
  return seen;
}

/** The nearest protected path decides: what lies in an inner one is not the outer one's business. */
function ownOf(
  tree: PathText,
  entries: ReadonlySet<PathText>,
  protect: readonly ProtectedPath[],
): ReadonlySet<PathText> {
  const rulingOf = rulings({ protect, writes: [] });
  return new Set([...entries].filter((path) => rulingOf(path)?.path === tree));
}

function lossWords(path: PathText, { policy }: ProtectedPath, { count, examples }: Losses): string {
  const what = count === 1 ? "1 entry is" : `${count} entries are`;
  const late = policy.kind === "regenerates" ? ", not back in time" : "";
  return `${what} gone below "${path}" (${policy.kind})${late}: ${examples.join(", ")}`;
}

function whyUnseen(error: unknown, { signal }: Work): string {
  if (error instanceof ActionEnded && error.outcome.is !== "done")
    return error.outcome.failure.message;
  if (signal.aborted) return "the watch was ended";
  throw error;
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
