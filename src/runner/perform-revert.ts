import type { Failure } from "../core/failure.ts";
import type { Host } from "../core/plan/inventory.ts";
import type { StepSpec } from "../core/plan/plan.ts";
import { differsFromBefore } from "../core/verdict/leftovers.ts";
import { planRestore, type RestoreReason } from "../core/verdict/restore-plan.ts";
import { failed, granted } from "./action-ended.ts";
import { claimHost } from "./perform-begin.ts";
import { onEach } from "./on-each.ts";
import { changesMax, settleWaitMs } from "./parts.ts";
import { runOrders } from "./run-orders.ts";
import {
  guardOf,
  type HostTrees,
  hostsOf,
  ordersOf,
  receiptKey,
  snapshotKey,
  stepOf,
  treesOf,
  type Work,
} from "./work.ts";

/** Takes one step back on its hosts, the last host first: its undo, then its snapshot. */
export async function performRevert(work: Work, step: number): Promise<void> {
  const spec = stepOf(work, step);
  const hosts = [...hostsOf(work, spec)].reverse();
  let undoFailure: Failure | null = null;
  await onEach(hosts, async (host) => {
    await claimHost(work, host);
    const began = await settle(work, step, host);
    const failure = began ? await runUndo(work, { spec, step, host }) : null;
    // Whatever became of the undo, users get back the files that the snapshot holds.
    await putBack(work, { spec, step, host, reason: "rollback" });
    undoFailure ??= failure;
  });
  if (undoFailure !== null) throw failed(undoFailure);
}

/** Firm ground for another attempt: what the last one left is put back. */
export async function performRewind(work: Work, step: number): Promise<void> {
  const spec = stepOf(work, step);
  for (const host of [...hostsOf(work, spec)].reverse()) {
    await settle(work, step, host);
    await putBack(work, { spec, step, host, reason: "rewind" });
  }
}

/**
 * Ends what may still run, and says whether the step ever began on this host. Only the newest step
 * can be in doubt; those before it ended before the next one's snapshot was taken.
 */
async function settle(work: Work, step: number, host: Host): Promise<boolean> {
  if (step !== work.state.touched - 1) return true;
  if (work.parts.itinerary.receipted[step] !== true) return true;
  const guard = await guardOf(work, host);
  let began = false;
  // Each attempt has a receipt of its own; an earlier one ran where the newest never began.
  for (let attempt = work.state.attempt; attempt >= 1; attempt -= 1) {
    const key = receiptKey(work, step, attempt);
    const ended = granted(await guard.settle({ key, waitMs: settleWaitMs }));
    began ||= ended.kind !== "never";
  }
  return began;
}

interface HostUndo {
  readonly spec: StepSpec;
  readonly step: number;
  readonly host: Host;
}

/** Runs the undo once for each time that the instance is sent back; null: it did what it should. */
async function runUndo(work: Work, { spec, step, host }: HostUndo): Promise<Failure | null> {
  if (spec.undo === null) return null;
  const orders = ordersOf(work, spec.undo, host);
  // A request leaves no receipt: one that may have been heard is not sent again.
  if (orders.do === "http" && work.state.tries > 0 && !spec.idempotent)
    return {
      code: "UNDO_FAILED",
      message: `the undo of step "${spec.name}" had no answer, and nothing can tell whether its request was heard`,
      hint: "see whether it took effect; `handrail reconcile` sends it again",
    };
  const result = await runOrders(work, {
    host,
    orders,
    key: `${snapshotKey(work, step)}.undo.${work.state.rollbacks}`,
    snapshot: null,
    timeoutMs: spec.timeoutMs,
    what: `undo of step "${spec.name}"`,
  });
  if (result.failure === null) return null;
  return {
    ...result.failure,
    code: "UNDO_FAILED",
    hint: "files are back from the snapshot; see to the rest by hand, or mend what the undo needs and let `handrail reconcile` run it again",
  };
}

/** Puts the step's snapshot back and sees that it is there. */
export async function putBack(
  work: Work,
  order: HostUndo & { readonly reason: RestoreReason },
): Promise<void> {
  const { spec, step, host } = order;
  const guard = await guardOf(work, host);
  const key = snapshotKey(work, step);
  const trees = treesOf(work, spec, host);
  const { changes } = granted(await guard.compare({ key, changesMax }));
  const items = planRestore({ changes, ...trees, reason: order.reason });
  if (items.length > 0) {
    const result = granted(await guard.restore({ key, items }));
    await work.note({
      kind: "restored",
      host: host.name,
      step,
      restored: result.restored,
      conflicts: result.conflicts,
    });
    const first = result.failed[0];
    if (first !== undefined)
      throw failed({
        code: "RESTORE_INCOMPLETE",
        message: `${result.failed.length} paths could not be put back on ${host.name}, first ${first.path}: ${first.message}`,
        hint: "see to it by hand, then `handrail reconcile` asks again; the snapshot is kept",
        host: host.name,
        path: first.path,
      });
  }
  await verifyContent(work, { ...order, trees });
}

/** Rejects when something in these trees that should be as before the step is not. */
export async function verifyContent(
  work: Work,
  { spec, step, host, trees }: HostUndo & { readonly trees: HostTrees },
): Promise<void> {
  const guard = await guardOf(work, host);
  const look = granted(await guard.compare({ key: snapshotKey(work, step), changesMax }));
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
