import type { SeenHost, SeenStep } from "./seen-steps.ts";
import { type UnitCourse, unitCourses } from "./units-seen.ts";

/** What a step did on one instance, all its hosts together. */
export interface Sample {
  /** Of the slowest host. */
  readonly durationMs: number;
  readonly retries: number;
  /** Entries of all protected trees and of what the step writes: how much there was to do something to. */
  readonly entries: number;
  /** By place among the protected paths. */
  readonly trees: readonly SampleTree[];
  readonly hosts: number;
  /** By place among the plan's named units; null in place of one: of some host nobody knows. */
  readonly units: readonly (UnitCourse | null)[];
  /** Why nobody knows of any unit; null: somebody does, or nobody asked. */
  readonly unitsUnknown: string | null;
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
  const known = samples.get(seen);
  if (known !== undefined) return known;
  const sample = newSample(seen);
  samples.set(seen, sample);
  return sample;
}

/** Asked again of each instance at the end of the same step on every later one; what was seen never changes. */
const samples = new WeakMap<SeenStep, Sample | null>();

function newSample(seen: SeenStep): Sample | null {
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
    hosts: hosts.length,
    units: unitsOf(hosts),
    unitsUnknown: hosts.map(unknownBecause).find((because) => because !== null) ?? null,
  };
}

/** Of all hosts together; none where there is a host of which nothing is known. */
function unitsOf(hosts: readonly SeenHost[]): readonly (UnitCourse | null)[] {
  const byHost = hosts.map(({ units }) =>
    units === null || units.after === null ? [] : unitCourses(units.before, units.after),
  );
  const length = Math.min(...byHost.map((courses) => courses.length));
  return Array.from({ length }, (_, unit) =>
    byHost
      .map((courses) => courses[unit] ?? null)
      .reduce((sum, one) =>
        sum === null || one === null
          ? null
          : { restarts: sum.restarts + one.restarts, stops: sum.stops + one.stops },
      ),
  );
}

function unknownBecause({ units }: SeenHost): string | null {
  if (units === null) return null;
  const unknown = [units.before, units.after].find((it) => it !== null && "because" in it);
  return unknown !== undefined && unknown !== null && "because" in unknown ? unknown.because : null;
}

export function countIn(sample: Sample, protect: number, kind: string): number {
  return sample.trees.find((it) => it.protect === protect)?.counts[kind] ?? 0;
}

export function backIn(sample: Sample, protect: number): number | null {
  return sample.trees.find((it) => it.protect === protect)?.backMs ?? null;
}
