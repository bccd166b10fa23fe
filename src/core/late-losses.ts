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
  /** Gone, and perhaps back in time (`regenerates`): since when. */
  readonly due: ReadonlyMap<PathText, number>;
}

/** Entries that were there, and are not any more. */
export interface Losses {
  readonly count: number;
  /** The first ones, by name. */
  readonly examples: readonly PathText[];
  /**
   * No temp file that ran out: anything below `keep-content`, half of what there was or more, or many of
   * one kind. Only this is harm enough to halt a rollout without a person.
   */
  readonly isMany: boolean;
}

const examplesMax = 5;

/** So many of one kind gone at once, and so large a part of them, are no churn. */
const massMin = 5;
const massPart = 0.5;

export function beginWatch(policy: Policy, look: TreeLook): TreeWatch {
  return {
    policy,
    entries: look.entries,
    churning: new Set(),
    due: new Map(),
  };
}

/**
 * What was lost since the last look; null: nothing that the policy minds. Temp trees lose names by
 * themselves, so of a tree whose content may change (`keep`, `regenerates`) a kind of name counts as
 * churning once a new one of it came during the watch; of such a kind only the loss of many at once is
 * told, of all others the first. Below `keep-content` nothing may go at all.
 */
export function afterLook(
  watch: TreeWatch,
  look: TreeLook,
): { readonly watch: TreeWatch; readonly lost: Losses | null } {
  const { policy } = watch;
  const gone = [...watch.entries].filter((path) => !look.entries.has(path));
  const came = [...look.entries].filter((path) => !watch.entries.has(path));
  const churning = new Set([...watch.churning, ...came.map(kindOf)]);
  const minded = policy.kind === "keep-content" ? gone : notChurned(watch, gone, churning);
  const due = dueAfter(watch, minded, look);
  const lost = policy.kind === "regenerates" ? due.late : minded;
  return {
    watch: { ...watch, entries: look.entries, churning, due: due.waiting },
    lost: policy.kind === "may-change" ? null : lossesOf(policy, lost, look.entries),
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

function notChurned(
  watch: TreeWatch,
  gone: readonly PathText[],
  churning: ReadonlySet<string>,
): readonly PathText[] {
  const had = Map.groupBy(watch.entries, kindOf);
  return [...Map.groupBy(gone, kindOf)].flatMap(([kind, paths]) => {
    if (!churning.has(kind)) return paths;
    const all = had.get(kind)?.length ?? 0;
    return isMassOf(paths.length, all) ? paths : [];
  });
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

function lossesOf(
  policy: Policy,
  lost: readonly PathText[],
  left: ReadonlySet<PathText>,
): Losses | null {
  if (lost.length === 0) return null;
  // The tree itself is one of them, and no part of what it holds.
  const held = lost.length + Math.max(left.size - 1, 0);
  const stayed = Map.groupBy(left, kindOf);
  const isMass = ([kind, paths]: readonly [string, readonly PathText[]]): boolean =>
    isMassOf(paths.length, paths.length + (stayed.get(kind)?.length ?? 0));
  return {
    count: lost.length,
    examples: lost.toSorted().slice(0, examplesMax),
    isMany:
      policy.kind === "keep-content" ||
      lost.length >= held * massPart ||
      [...Map.groupBy(lost, kindOf)].some(isMass),
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
