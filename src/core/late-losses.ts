import type { PathText } from "./path-text.ts";
import type { Policy } from "./plan/plan.ts";

/** What a protected tree holds at one moment, seen without touching it. */
export interface TreeLook {
  /** Milliseconds on one clock. */
  readonly atMs: number;
  /** Every path in it, itself included; none: it is gone. */
  readonly entries: ReadonlySet<PathText>;
}

/** What is known of one protected tree while it is watched. */
export interface TreeWatch {
  readonly policy: Policy;
  /** As it was at the last look. */
  readonly entries: ReadonlySet<PathText>;
  /** Kinds of names that come and go here by themselves. */
  readonly churning: ReadonlySet<string>;
  /** Of what is there: what came during the watch, and when it was first seen. */
  readonly came: ReadonlyMap<PathText, number>;
  /** Gone, and perhaps back in time (`regenerates`): since when. */
  readonly due: ReadonlyMap<PathText, number>;
  /** Of these: what went as old things do that run out. */
  readonly ranOut: ReadonlySet<PathText>;
}

/** Entries that were there, and are not any more. */
export interface Losses {
  readonly count: number;
  /** The first ones, by name. */
  readonly examples: readonly PathText[];
  /**
   * No temp files that ran out: anything below `keep-content`, half of what there was or more, or many of
   * one kind. Only this is harm enough to halt a rollout without a person. Why so, and what it takes for
   * harm and what not, stands in docs/watching.md.
   */
  readonly isMany: boolean;
}

const examplesMax = 5;

/** So many of one kind gone at once, and so large a part of them, are no churn. */
const massMin = 5;
const massPart = 0.5;

/** What came so lately is what an application works with just now: short lives are what temp files have. */
const youngMs = 600_000;

export function beginWatch(policy: Policy, look: TreeLook): TreeWatch {
  return {
    policy,
    entries: look.entries,
    churning: new Set(),
    came: new Map(),
    due: new Map(),
    ranOut: new Set(),
  };
}

/**
 * What was lost since the last look; null: nothing that the policy minds. Temp trees lose names by
 * themselves, so of a tree whose content may change (`keep`, `regenerates`) a kind of name counts as
 * churning once a new one of it came during the watch; of such a kind only the loss of many at once is
 * told, of all others the first. That is no harm by itself where young ones of the kind are spared: whoever
 * clears away what is old does that, and whatever empties a folder does not. Below `keep-content` nothing
 * may go at all.
 */
export function afterLook(
  watch: TreeWatch,
  look: TreeLook,
): { readonly watch: TreeWatch; readonly lost: Losses | null } {
  const { policy } = watch;
  const gone = [...watch.entries].filter((path) => !look.entries.has(path));
  const came = [...look.entries].filter((path) => !watch.entries.has(path));
  const churning = new Set([...watch.churning, ...came.map(kindOf)]);
  const minded =
    policy.kind === "keep-content"
      ? { told: gone, ranOut: [] }
      : notChurned({ ...watch, churning }, { gone, came, atMs: look.atMs });
  const due = dueAfter(watch, minded.told, look);
  const ranOut = new Set([...watch.ranOut, ...minded.ranOut]);
  const lost = policy.kind === "regenerates" ? due.late : minded.told;
  const losses = { policy, lost, ranOut, left: look.entries };
  return {
    watch: {
      ...watch,
      entries: look.entries,
      churning,
      came: new Map([
        ...[...watch.came].filter(([path]) => look.entries.has(path)),
        ...came.map((path) => [path, look.atMs] as const),
      ]),
      due: due.waiting,
      ranOut: new Set([...ranOut].filter((path) => due.waiting.has(path))),
    },
    lost: policy.kind === "may-change" ? null : lossesOf(losses),
  };
}

/**
 * When something that is gone is late, on the clock of the looks, if it is not back by then; null:
 * nothing is waited for.
 */
export function lateFromMs({ policy, due }: TreeWatch): number | null {
  if (policy.kind !== "regenerates" || due.size === 0) return null;
  return Math.min(...due.values()) + policy.withinMs;
}

interface Turnover {
  readonly gone: readonly PathText[];
  readonly came: readonly PathText[];
  readonly atMs: number;
}

/** What is told of what is gone, and what of that ran out, most likely. */
function notChurned(
  { entries, churning, came: cameBefore }: TreeWatch,
  { gone, came, atMs }: Turnover,
): { readonly told: readonly PathText[]; readonly ranOut: readonly PathText[] } {
  const had = Map.groupBy(entries, kindOf);
  const newOnes = Map.groupBy(came, kindOf);
  const isYoung = (path: PathText): boolean => atMs - (cameBefore.get(path) ?? -Infinity) < youngMs;
  const told: PathText[] = [];
  const ranOut: PathText[] = [];
  for (const [kind, paths] of Map.groupBy(gone, kindOf)) {
    if (!churning.has(kind)) {
      told.push(...paths);
      continue;
    }
    const all = had.get(kind) ?? [];
    const young = all.filter(isYoung).length;
    const goneYoung = paths.filter(isYoung).length;
    // What came in the place of others is no loss: a log of another day, a file under another name.
    const fewer = paths.length - goneYoung - (newOnes.get(kind)?.length ?? 0);
    if (!isMassOf(fewer, all.length - young)) continue;
    told.push(...paths);
    if (young > 0 && goneYoung < young * massPart) ranOut.push(...paths);
  }
  return { told, ranOut };
}

/** Of a tree that may come back: what is late by now, and what still has time. */
function dueAfter(
  { policy, due }: TreeWatch,
  gone: readonly PathText[],
  { atMs, entries }: TreeLook,
): { readonly late: readonly PathText[]; readonly waiting: ReadonlyMap<PathText, number> } {
  if (policy.kind !== "regenerates") return { late: [], waiting: due };
  const all = new Map([...due, ...gone.map((path) => [path, atMs] as const)]);
  const missing = [...all].filter(([path]) => !entries.has(path));
  const isLate = (since: number): boolean => atMs - since >= policy.withinMs;
  return {
    late: missing.filter(([, since]) => isLate(since)).map(([path]) => path),
    waiting: new Map(missing.filter(([, since]) => !isLate(since))),
  };
}

interface Lost {
  readonly policy: Policy;
  readonly lost: readonly PathText[];
  readonly ranOut: ReadonlySet<PathText>;
  readonly left: ReadonlySet<PathText>;
}

function lossesOf({ policy, lost, ranOut, left }: Lost): Losses | null {
  if (lost.length === 0) return null;
  // The tree itself is one of them, and no part of what it holds.
  const held = lost.length + Math.max(left.size - 1, 0);
  const taken = lost.filter((path) => !ranOut.has(path));
  const stayed = Map.groupBy(left, kindOf);
  const isMass = ([kind, paths]: readonly [string, readonly PathText[]]): boolean =>
    isMassOf(paths.length, paths.length + (stayed.get(kind)?.length ?? 0));
  return {
    count: lost.length,
    examples: lost.toSorted().slice(0, examplesMax),
    isMany:
      policy.kind === "keep-content" ||
      taken.length >= held * massPart ||
      [...Map.groupBy(taken, kindOf)].some(isMass),
  };
}

function isMassOf(gone: number, all: number): boolean {
  return gone >= massMin && gone >= all * massPart;
}

/** `/tmp/sess-#` of `/tmp/sess-4f21`: names that differ only in numbers and random words are of a kind. */
function kindOf(path: PathText): string {
  return path.replace(/[^/]*$/, (name) =>
    name.replace(/[A-Za-z0-9]*[0-9][A-Za-z0-9]*/g, "#").replace(/[A-Za-z0-9]{12,}/g, "#"),
  );
}
