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

/** A `regenerates` path of a plan on one of its instances. */
export interface RegeneratingPath {
  readonly instance: string;
  readonly path: string;
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

/** Names that are listed one by one. */
const namesMax = 3;

/**
 * What is known of one path of a plan, on all of its instances: "41 instances: 2.0–9.4 s; late on eu03;
 * never seen on cn01". An instance that was late once is told as late, whatever it did at other times.
 */
export function regenerationWords(
  places: readonly RegeneratingPath[],
  history: readonly Regeneration[],
): string {
  const known = Map.groupBy(history, ({ instance, path }) => JSON.stringify([instance, path]));
  const of = ({ instance, path }: RegeneratingPath): readonly Regeneration[] =>
    known.get(JSON.stringify([instance, path])) ?? [];
  const took = places.map((place) => of(place).flatMap(({ tookMs }) => tookMs ?? []));
  const times = took.flat();
  const seen = took.filter((all) => all.length > 0).length;
  const late = places.filter((place) => of(place).some(({ tookMs }) => tookMs === null));
  const never = places.filter((place) => of(place).length === 0);
  if (never.length === places.length) return "never seen";
  const count = seen === 1 ? "1 instance" : `${seen} instances`;
  return [
    ...(times.length === 0 ? [] : [`${count}: ${range(Math.min(...times), Math.max(...times))}`]),
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

function names(places: readonly RegeneratingPath[]): string {
  const all = [...new Set(places.map(({ instance }) => instance))];
  const more = all.length - namesMax;
  return `${all.slice(0, namesMax).join(", ")}${more > 0 ? ` and ${more} others` : ""}`;
}
