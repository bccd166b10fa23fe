import { duration } from "./duration-words.ts";
import type { RolloutEvent } from "./event.ts";

/** How a path that may go came back on one instance, once. */
export interface Regeneration {
  readonly instance: string;
  /** As the plan writes it: the same on every instance. */
  readonly path: string;
  /** Milliseconds until all was seen back, some too many (looks lie up to half a second apart); null: late. */
  readonly tookMs: number | null;
}

/** What the journal of a rollout tells about that, oldest first; nothing of journals of 0.1. */
export function regenerationsIn(events: readonly RolloutEvent[]): readonly Regeneration[] {
  const [first] = events;
  if (first?.kind !== "opened") return [];
  const { protect } = first.itinerary.plan;
  return events.flatMap((event): Regeneration[] => {
    if (event.kind !== "noted" || event.note.kind !== "verdict") return [];
    const { instance, verdict } = event.note;
    return (verdict.trees ?? []).flatMap(({ protect: at, notBack, backMs }): Regeneration[] => {
      const planned = protect[at];
      if (planned?.policy.kind !== "regenerates") return [];
      if (backMs === undefined && notBack === 0) return [];
      return [{ instance, path: planned.path, tookMs: backMs ?? null }];
    });
  });
}

/** What is known of how one path of a plan comes back, on all of its instances. */
export interface RegenerationKnown {
  /** As the plan writes it. */
  readonly written: string;
  /** Instances on which it was measured. */
  readonly seen: number;
  /** Milliseconds, the shortest and the longest; null where it was measured nowhere. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  /** Instances on which it was late, if only once; and those that nothing is known of. */
  readonly late: readonly string[];
  readonly never: readonly string[];
}

/** One path of a plan on all of its instances, held against what earlier rollouts measured. */
export function regenerationKnown(
  written: string,
  instances: readonly string[],
  history: readonly Regeneration[],
): RegenerationKnown {
  const known = Map.groupBy(
    history.filter(({ path }) => path === written),
    ({ instance }) => instance,
  );
  const of = (instance: string): readonly Regeneration[] => known.get(instance) ?? [];
  const took = instances.map((instance) => of(instance).flatMap(({ tookMs }) => tookMs ?? []));
  const times = took.flat().toSorted((one, other) => one - other);
  return {
    written,
    seen: took.filter((all) => all.length > 0).length,
    fromMs: times[0] ?? null,
    toMs: times.at(-1) ?? null,
    late: instances.filter((instance) => of(instance).some(({ tookMs }) => tookMs === null)),
    never: instances.filter((instance) => of(instance).length === 0),
  };
}

/** Names that are listed one by one. */
const namesMax = 3;

/**
 * The same in words: "41 instances: 2.0–9.4 s; late on eu03; never seen on cn01". An instance that was
 * late once is told as late, whatever it did at other times.
 */
export function regenerationWords({ seen, fromMs, toMs, late, never }: RegenerationKnown): string {
  if (seen === 0 && late.length === 0) return "never seen";
  const count = seen === 1 ? "1 instance" : `${seen} instances`;
  return [
    ...(fromMs === null || toMs === null ? [] : [`${count}: ${range(fromMs, toMs)}`]),
    ...(late.length === 0 ? [] : [`late on ${names(late)}`]),
    ...(never.length === 0 ? [] : [`never seen on ${names(never)}`]),
  ].join("; ");
}

function range(fromMs: number, toMs: number): string {
  const [from, to] = [duration(fromMs), duration(toMs)];
  if (from === to) return from;
  const unit = / [a-z]+$/.exec(to)?.[0] ?? "";
  // `2.0–9.4 s` where both have one unit, else both in full.
  const short = from.endsWith(unit) && from.split(" ").length === 2 && to.split(" ").length === 2;
  return `${short ? from.slice(0, -unit.length) : from}–${to}`;
}

function names(all: readonly string[]): string {
  const more = all.length - namesMax;
  return `${all.slice(0, namesMax).join(", ")}${more > 0 ? ` and ${more} others` : ""}`;
}
