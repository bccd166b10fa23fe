import type { Note } from "./event.ts";
import type { Fact } from "./outliers.ts";
import { withEntry } from "./persistent-map.ts";

/** What preflight heard of hosts, in the order in which it did: by instance and host. */
export type KnownHosts = ReadonlyMap<string, KnownHost>;

export interface KnownHost {
  readonly instance: string;
  readonly host: string;
  readonly facts: readonly Fact[];
}

/**
 * Folds a note in; the same map where it tells no facts. What is told of the same thing again replaces
 * what was; what is told later beside it is added.
 */
export function withFacts(known: KnownHosts, note: Note): KnownHosts {
  if (note.kind !== "host.facts") return known;
  const { instance, host = instance, facts } = note;
  const key = JSON.stringify([instance, host]);
  const told = new Set(facts.map(({ about }) => about));
  const before = (known.get(key)?.facts ?? []).filter(({ about }) => !told.has(about));
  return withEntry(known, key, { instance, host, facts: [...before, ...facts] });
}
