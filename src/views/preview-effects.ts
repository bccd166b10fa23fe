import { type ForeseenChange, type ForeseenStep, withinLines } from "./foreseen.ts";
import type { PreviewHost } from "./preview-hosts.ts";
import { understood } from "./reversal.ts";

/** The same changes, on so many instances. */
export interface EffectGroup {
  /** Names, in rollout order; `instance (host)` where an instance has several hosts. */
  readonly instances: readonly string[];
  /** Paths are those of the first of them, and `written` says them for all. */
  readonly changes: readonly ForeseenChange[];
  /** An earlier step whose effects nobody knows, and which may change what was looked at. */
  readonly after: string | null;
}

/** Lines of diffs of one step that are kept of all instances together. */
const linesMax = 5000;

/** What was foreseen of a step, instances alike together: those that would fail, then the largest group. */
export function effectGroups(hosts: readonly PreviewHost[], step: number): readonly EffectGroup[] {
  const groups = new Map<string, { names: string[]; first: ForeseenStep }>();
  const all = hosts.flatMap(({ foreseen = [] }) => foreseen).filter((it) => it.step === step);
  const hostsOf = Map.groupBy(all, ({ instance }) => instance);
  for (const it of all) {
    const key = JSON.stringify([it.after, it.changes.map(({ path: _path, ...rest }) => rest)]);
    const isOne = hostsOf.get(it.instance)?.length === 1;
    const name = isOne ? it.instance : `${it.instance} (${it.host})`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { names: [name], first: it });
    else group.names.push(name);
  }
  const sorted = [...groups.values()]
    .map(({ names, first }) => ({ instances: names, changes: first.changes, after: first.after }))
    .sort((a, b) => failures(b) - failures(a) || b.instances.length - a.instances.length);
  let left = linesMax;
  return sorted.map((group) => {
    const bounded = withinLines(group.changes, left);
    left = bounded.left;
    return { ...group, changes: bounded.changes };
  });
}

function failures({ changes }: EffectGroup): number {
  return changes.some(({ effect }) => effect === "fails") ? 1 : 0;
}

/** Steps that would surely fail on an instance, with what the first of them says. */
export interface SureFailure {
  readonly step: number;
  readonly instance: string;
  readonly path: string;
  readonly says: string;
}

/** What a rollout would surely fail at, as the hosts are now. */
export function sureFailures(hosts: readonly PreviewHost[]): readonly SureFailure[] {
  return hosts.flatMap(({ foreseen = [] }) =>
    foreseen.flatMap(({ step, instance, changes }) =>
      changes
        .filter(({ effect }) => effect === "fails")
        .map(({ path, says }) => ({ step, instance, path, says })),
    ),
  );
}

/**
 * Would a rollout change anything, as the hosts are now? Where nobody looked, and by steps of which
 * nobody knows the effects: yes.
 */
export function wouldChange(
  steps: readonly { readonly work: { readonly kind: string } }[],
  hosts: readonly PreviewHost[] | null,
): boolean {
  if (hosts === null || steps.some(({ work }) => !understood.has(work.kind)))
    return steps.length > 0;
  const all = hosts.flatMap(({ foreseen = [] }) => foreseen);
  return all.some(({ changes }) => changes.some(({ effect }) => effect !== "nothing"));
}
