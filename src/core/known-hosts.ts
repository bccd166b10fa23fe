import type { Note } from "./event.ts";
import type { Fact } from "./outliers.ts";

/** What preflight heard of hosts, in the order in which it did: by instance and host. */
export type KnownHosts = ReadonlyMap<string, KnownHost>;

export interface KnownHost {
  readonly instance: string;
  readonly host: string;
  readonly facts: readonly Fact[];
}

/** Folds a note in; the same map where it tells no facts. */
export function withFacts(known: KnownHosts, note: Note): KnownHosts {
  if (note.kind !== "host.facts") return known;
  const { instance, host = instance, facts } = note;
  return new Map(known).set(JSON.stringify([instance, host]), { instance, host, facts });
}
