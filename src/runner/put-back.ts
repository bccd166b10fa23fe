import type { Failure } from "../core/failure.ts";
import type { Host } from "../core/plan/inventory.ts";
import type { StepSpec } from "../core/plan/plan.ts";
import { differsFromBefore } from "../core/verdict/leftovers.ts";
import { type RestoreReason, restoreRules } from "../core/verdict/restore-rules.ts";
import type { RestoreResult } from "../ports/guard.ts";
import { failed, granted } from "./action-ended.ts";
import { changesMax } from "./parts.ts";
import { guardOf, type HostTrees, snapshotKey, treesOf, type Work } from "./work.ts";

export interface PutBackOrder {
  readonly spec: StepSpec;
  readonly step: number;
  readonly host: Host;
  readonly reason: RestoreReason;
}

/** Paths that a failure names; the host's answer and the notes have more. */
const pathsNamedMax = 3;

/**
 * Puts the step's snapshot back and sees that it is there. Ends the action as failed where it is not;
 * gives the failure where something was changed since and stays, because a person has not said more.
 */
export async function putBack(work: Work, order: PutBackOrder): Promise<Failure | null> {
  const { spec, step, host } = order;
  const guard = await guardOf(work, host);
  const key = snapshotKey(work, step);
  const trees = treesOf(work, spec, host);
  // Another attempt follows a rewind at once: nothing of it can be anyone's later work.
  const later = order.reason === "rewind" ? "replace" : work.later;
  const rules = restoreRules(trees, order.reason);
  const result = granted(await guard.restore({ key, rules, later }));
  const { restored, conflicts, setAside } = result;
  if (restored + conflicts.total + setAside.total > 0)
    await work.note({
      kind: "restored",
      host: host.name,
      step,
      restored,
      conflicts: conflicts.paths,
      setAside: setAside.paths,
    });
  const [first] = result.failed;
  if (first !== undefined)
    throw failed({
      code: "RESTORE_INCOMPLETE",
      message: `${result.failedTotal} paths could not be put back on ${host.name}, first ${first.path}: ${first.message}`,
      hint: "see to it by hand, then `handrail reconcile` asks again; the snapshot is kept",
      host: host.name,
      path: first.path,
    });
  if (later === "keep" && conflicts.total > 0) return conflictOf(order, result);
  await verifyContent(work, { spec, step, host, trees });
  return null;
}

function conflictOf(
  { spec, host }: PutBackOrder,
  { conflicts }: Extract<RestoreResult, { kind: "restored" }>,
): Failure {
  const named = conflicts.paths.slice(0, pathsNamedMax);
  const more = conflicts.total > named.length ? ` and ${conflicts.total - named.length} more` : "";
  const path = conflicts.paths[0];
  return {
    code: "RESTORE_CONFLICT",
    message: `${named.join(", ")}${more} on ${host.name} changed after step "${spec.name}" had ended, and ${conflicts.total === 1 ? "was" : "were"} left as ${conflicts.total === 1 ? "it is" : "they are"}: it needs a person`,
    hint: "see what changed there, and who did it; `handrail undo ROLLOUT --replace-later-changes` puts the old version back, and keeps the newer one on the host",
    host: host.name,
    ...(path === undefined ? {} : { path }),
  };
}

/** Rejects when something in these trees that should be as before the step is not. */
export async function verifyContent(
  work: Work,
  { spec, step, host, trees }: Omit<PutBackOrder, "reason"> & { readonly trees: HostTrees },
): Promise<void> {
  const guard = await guardOf(work, host);
  const key = snapshotKey(work, step);
  const look = granted(await guard.compare({ key, changesMax, moment: "quiet" }));
  const left = differsFromBefore({ ...look, ...trees });
  const first = left[0];
  if (first === undefined) return;
  throw failed({
    code: "RESTORE_INCOMPLETE",
    message: `${host.name} is not as it was before step "${spec.name}": ${first.message}`,
    hint: "see to it by hand, then `handrail reconcile` asks again; the snapshot is kept",
    host: host.name,
    path: first.path,
    detail: left.map((finding) => finding.message).join("\n"),
  });
}
