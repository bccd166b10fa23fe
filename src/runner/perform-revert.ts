import type { Failure } from "../core/failure.ts";
import type { Host } from "../core/plan/inventory.ts";
import type { StepSpec } from "../core/plan/plan.ts";
import { failed } from "./action-ended.ts";
import { disarm, type GuardedStep, mayBeArmed, renew } from "./dead-man.ts";
import { onEach } from "./on-each.ts";
import { claimHost } from "./perform-begin.ts";
import { putBack, type PutBackOrder } from "./put-back.ts";
import { runOrders } from "./run-orders.ts";
import { endedWell, settleStep, settleUndo } from "./settle-step.ts";
import {
  failedUndoKeys,
  hostsOf,
  newestAttempt,
  ordersOf,
  stepOf,
  undoKey,
  type Work,
} from "./work.ts";

/**
 * Takes one step back on its hosts, the last host first: its undo, then its snapshot, and only then
 * is its switch disarmed. Should this runner die in between, or be too slow, the switch does the same
 * to the same tree.
 */
export async function performRevert(work: Work, step: number): Promise<void> {
  const spec = stepOf(work, step);
  const hosts = [...hostsOf(work, spec)].reverse();
  let flaw: Failure | null = null;
  await onEach(hosts, async (host) => {
    await claimHost(work, host);
    if (mayBeArmed(work, step)) {
      const { rollbacks: rollback } = work.state;
      await renew(work, { ...guarded(work, step, host), rollback });
    }
    const began = await settleStep(work, step, host);
    await settleOlderUndos(work, step, host);
    const undo = began ? await runUndo(work, { spec, step, host }) : null;
    // Whatever became of the undo, users get back the files that the snapshot holds. A step that never
    // began here changed nothing, and its snapshot may be of long ago.
    const conflict = began ? await putBack(work, { spec, step, host, reason: "rollback" }) : null;
    await disarmPutBack(work, { spec, step, host, reason: "rollback" }, began);
    flaw ??= worstOf(undo, conflict);
  });
  if (flaw !== null) throw failed(flaw);
}

/**
 * A way back that goes on begins again at the newest step that was not taken back whole, and the undo of an
 * older one may be at work still: it must not change what is put back.
 */
async function settleOlderUndos(work: Work, step: number, host: Host): Promise<void> {
  if (!work.state.flaws.some((flaw) => flaw.step === step)) return;
  for (let older = step - 1; older >= 0; older -= 1) {
    const { timeoutMs } = stepOf(work, older);
    await settleUndo(work, { step: older, host, waitMs: timeoutMs });
  }
}

/** A failed undo must not hide what was left as it is. */
function worstOf(undo: Failure | null, conflict: Failure | null): Failure | null {
  if (undo === null || conflict === null) return undo ?? conflict;
  return { ...undo, message: `${undo.message}; and ${conflict.message}`, hint: conflict.hint };
}

/** Firm ground for another attempt: what the last one left is put back. */
export async function performRewind(work: Work, step: number): Promise<void> {
  const rollback = work.state.rollbacks + 1;
  const spec = stepOf(work, step);
  for (const host of [...hostsOf(work, spec)].reverse()) {
    // The undo that its switch would run is the next rollback's: none is under way.
    if (mayBeArmed(work, step)) await renew(work, { ...guarded(work, step, host), rollback });
    const began = await settleStep(work, step, host);
    if (began) await putBack(work, { spec, step, host, reason: "rewind" });
    const fired = await disarmPutBack(work, { spec, step, host, reason: "rewind" }, began);
    // A guard that fired has spoken: the attempt is not repeated.
    if (fired !== null) throw failed(fired);
  }
}

/** The instance waits for a person: nothing runs on, and no switch fires under that person's hands. */
export async function performStandDown(work: Work, step: number): Promise<void> {
  let late: Failure | null = null;
  await onEach(hostsOf(work, stepOf(work, step)), async (host) => {
    await settleStep(work, step, host);
    late = (await disarm(work, { step, host }, "waits for a person")) ?? late;
  });
  if (late !== null) throw failed(late);
}

/** Gives the failure when the switch was quicker; then everything is put back once more. */
async function disarmPutBack(
  work: Work,
  order: PutBackOrder,
  began: boolean,
): Promise<Failure | null> {
  if (!mayBeArmed(work, order.step)) return null;
  const fired = await disarm(work, order, "taken back");
  // It may have been killed half-way, after what this runner had put back.
  if (fired !== null && began) await putBack(work, order);
  return fired;
}

function guarded(work: Work, step: number, host: Host): Omit<GuardedStep, "rollback"> {
  return { step, attempt: newestAttempt(work, step), host };
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
  const rollback = work.state.rollbacks;
  // On one of several hosts it may have gone well before: there it is not run again.
  for (const key of failedUndoKeys(work, step, rollback))
    if (await endedWell(work, host, key)) return null;
  const result = await runOrders(work, {
    host,
    orders,
    key: undoKey(work, step, rollback),
    snapshot: null,
    armed: null,
    readOnly: [],
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
