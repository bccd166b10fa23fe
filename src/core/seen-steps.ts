import type { Note, TreeEffects } from "./event.ts";
import { withEntry } from "./persistent-map.ts";
import type { UnitsSeen } from "./units-seen.ts";

/** By instance, then by step: what the newest attempt of it was seen to do. */
export type SeenSteps = ReadonlyMap<string, readonly (SeenStep | undefined)[]>;

export interface SeenStep {
  readonly attempt: number;
  /** By host, in the order in which they were heard of. */
  readonly hosts: Readonly<Record<string, SeenHost>>;
}

export interface SeenHost {
  /** How long it ran; null: not told. */
  readonly durationMs: number | null;
  /** null: no verdict, or one of a journal that does not say it. */
  readonly effects: {
    readonly entries: number;
    readonly trees: readonly TreeEffects[];
  } | null;
  /** How the plan's units stood before it and when it was judged first; null: nobody asked. */
  readonly units: { readonly before: UnitsSeen; readonly after: UnitsSeen | null } | null;
}

export const nothingSeen: SeenSteps = new Map();

/** Folds one note in; the same map where it says nothing about a step's effects. */
export function withNote(seen: SeenSteps, note: Note): SeenSteps {
  if (note.kind === "step.started") {
    const { step, attempt, units: before } = note;
    if (before === undefined) return seen;
    // A runner that takes over comes too late to see how it was before.
    return withHost(seen, { ...whereOf(note), step, attempt }, (it) => ({
      ...it,
      units: it.units ?? { before, after: null },
    }));
  }
  if (note.kind === "step.finished") {
    const { step, attempt, durationMs } = note;
    return withHost(seen, { ...whereOf(note), step, attempt }, (it) => ({ ...it, durationMs }));
  }
  if (note.kind !== "verdict" || note.attempt === undefined) return seen;
  const { step, attempt, verdict, units: after = null } = note;
  const { trees, entries = 0 } = verdict;
  if (trees === undefined) return seen;
  return withHost(seen, { ...whereOf(note), step, attempt }, (it) => ({
    ...it,
    effects: { entries, trees: it.effects === null ? trees : together(it.effects.trees, trees) },
    // What happens to it after the first look is not what the step did.
    units: it.units === null ? null : { ...it.units, after: it.units.after ?? after },
  }));
}

function whereOf({ instance, host = instance }: Note): { instance: string; host: string } {
  return { instance, host };
}

/**
 * Two looks at one attempt, the second by a runner that took over, or after a person asked for it.
 * What was done stays done, whatever has come back since; what is missing is what is missing now.
 */
function together(
  earlier: readonly TreeEffects[],
  later: readonly TreeEffects[],
): readonly TreeEffects[] {
  const places = [...new Set([...earlier, ...later].map(({ protect }) => protect))];
  return places
    .sort((one, other) => one - other)
    .map((protect) => {
      const was = earlier.find((it) => it.protect === protect);
      const is = later.find((it) => it.protect === protect);
      if (was === undefined || is === undefined) {
        // Not told of any more: nothing of it is missing.
        const only = is ?? { ...was!, notBack: 0 };
        return only;
      }
      const kinds = [...new Set([...Object.keys(was.counts), ...Object.keys(is.counts)])];
      const most = (kind: string): number => Math.max(was.counts[kind] ?? 0, is.counts[kind] ?? 0);
      return { ...is, counts: Object.fromEntries(kinds.map((kind) => [kind, most(kind)])) };
    });
}

interface Attempt {
  readonly instance: string;
  readonly host: string;
  readonly step: number;
  readonly attempt: number;
}

const unseen: SeenHost = { durationMs: null, effects: null, units: null };

function withHost(
  seen: SeenSteps,
  { instance, host, step, attempt }: Attempt,
  change: (it: SeenHost) => SeenHost,
): SeenSteps {
  const steps = seen.get(instance) ?? [];
  const known = steps[step];
  // Only the newest attempt stands: the others were put back.
  if (known !== undefined && known.attempt > attempt) return seen;
  const hosts = known?.attempt === attempt ? known.hosts : {};
  const next: SeenStep = {
    attempt,
    hosts: { ...hosts, [host]: change(hosts[host] ?? unseen) },
  };
  const length = Math.max(steps.length, step + 1);
  const all = Array.from({ length }, (_, at) => (at === step ? next : steps[at]));
  return withEntry(seen, instance, all);
}
