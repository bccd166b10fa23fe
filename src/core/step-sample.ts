import type { SeenStep } from "./seen-steps.ts";

/** What a step did on one instance, all its hosts together. */
export interface Sample {
  /** Of the slowest host. */
  readonly durationMs: number;
  readonly retries: number;
  /** Entries of all protected trees and of what the step writes: how much there was to do something to. */
  readonly entries: number;
  /** By place among the protected paths. */
  readonly trees: readonly SampleTree[];
}

export interface SampleTree {
  readonly protect: number;
  /** By kind: classes of effects, and "not back". */
  readonly counts: Readonly<Record<string, number>>;
  /** Of the slowest host; null: not all of it came back, or nothing had to. */
  readonly backMs: number | null;
}

/** null: of some host nobody knows what the step did there, as in journals of 0.1. */
export function sampleOf(seen: SeenStep | undefined): Sample | null {
  if (seen === undefined) return null;
  const hosts = Object.values(seen.hosts);
  const effects = hosts.flatMap((it) => it.effects ?? []);
  if (effects.length < hosts.length || hosts.length === 0) return null;
  const all = effects.flatMap(({ trees }) => trees);
  const byTree = Map.groupBy(all, ({ protect }) => protect);
  return {
    durationMs: Math.max(0, ...hosts.map((it) => it.durationMs ?? 0)),
    retries: seen.attempt - 1,
    entries: effects.reduce((sum, { entries }) => sum + entries, 0),
    trees: [...byTree].map(([protect, of]) => {
      const counts: Record<string, number> = {};
      const add = (kind: string, count: number): void => {
        if (count > 0) counts[kind] = (counts[kind] ?? 0) + count;
      };
      for (const tree of of) {
        for (const [kind, count] of Object.entries(tree.counts)) add(kind, count);
        add("not back", tree.notBack);
      }
      const backs = of.flatMap(({ backMs }) => backMs ?? []);
      const isBack = (counts["not back"] ?? 0) === 0 && backs.length > 0;
      return { protect, counts, backMs: isBack ? Math.max(...backs) : null };
    }),
  };
}

export function countIn(sample: Sample, protect: number, kind: string): number {
  return sample.trees.find((it) => it.protect === protect)?.counts[kind] ?? 0;
}

export function backIn(sample: Sample, protect: number): number | null {
  return sample.trees.find((it) => it.protect === protect)?.backMs ?? null;
}
