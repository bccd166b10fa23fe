import type { FileSeen, FileToSee } from "../core/file-seen.ts";
import type { Redactor } from "../core/redact.ts";
import { type ForeseenChange, type ForeseenStep, withinLines } from "../views/foreseen.ts";
import type { Comparer } from "./compare-content.ts";
import { filesToSee, foresee } from "./foresee.ts";
import type { InstanceChanges, StepChanges } from "./planned-steps.ts";
import { treeNow } from "./tree-now.ts";

/** What is needed to say what steps would come to. */
export interface Foresight {
  readonly compare: Comparer;
  /** null: the plan's secrets can't be had, and no line of a file is shown. */
  readonly redactor: Redactor | null;
}

/** What of a host has to be looked at for the steps of all its instances. */
export function filesOf(instances: readonly InstanceChanges[]): readonly FileToSee[] {
  return filesToSee(
    instances.flatMap(({ steps }) => steps.flatMap(({ changes }) => changes ?? [])),
  );
}

/** Lines of diffs that are kept of one step on one host: a fleet may have a thousand hosts. */
const linesMax = 2000;

/**
 * What the steps would do there, one after the other: a step finds what those before it left. What one
 * whose effects nobody knows may have changed meanwhile is foreseen as if it had not, and no failure
 * that comes after it is certain.
 */
export function foreseeSteps(
  instances: readonly InstanceChanges[],
  seen: ReadonlyMap<string, FileSeen>,
  about: Foresight & { readonly host: string },
): readonly ForeseenStep[] {
  return instances.flatMap(({ instance, steps }) => {
    const tree = treeNow(seen);
    let after: string | null = null;
    return steps.flatMap((step) => {
      if (step.changes === null) {
        after ??= step.name;
        return [];
      }
      const changes = changesOf(step, after, (change) =>
        foresee(change, { tree, compare: about.compare }),
      );
      if (changes.length === 0) return [];
      const bounded = withinLines(changes, linesMax).changes;
      const foreseen = { step: step.step, instance, host: about.host, changes: bounded, after };
      return [about.redactor?.redactDeep(foreseen) ?? foreseen];
    });
  });
}

function changesOf(
  { changes }: StepChanges,
  after: string | null,
  foreseen: (change: NonNullable<StepChanges["changes"]>[number]) => ForeseenChange | null,
): readonly ForeseenChange[] {
  return (changes ?? []).flatMap((change) => {
    const it = foreseen(change);
    if (it === null) return [];
    if (it.effect !== "fails" || after === null) return [it];
    return [{ ...it, effect: "unknown", says: `as it is now, the step would fail: ${it.says}` }];
  });
}
