import type { Host } from "../core/plan/inventory.ts";
import { granted } from "./action-ended.ts";
import { repeatsOnRollback } from "./dead-man.ts";
import { settleWaitMs } from "./parts.ts";
import {
  againKey,
  guardOf,
  newestAttempt,
  receiptKey,
  recoverKey,
  stepOf,
  undoKey,
  type Work,
} from "./work.ts";

/**
 * Ends what may still run of this step on this host, so that nothing changes what is put back, and
 * says whether the step ever began there. Only the newest step can be in doubt; those before it ended
 * before the next one's snapshot was taken.
 */
export async function settleStep(work: Work, step: number, host: Host): Promise<boolean> {
  await settleAgain(work, step, host);
  if (step !== work.state.touched - 1) return true;
  if (work.parts.itinerary.receipted[step] !== true) return true;
  // Where the journal has its end, it ran, whatever the host says: a spool that was emptied, or a host that
  // was set up anew, knows nothing of it.
  let began = step < work.state.done;
  // Each attempt has a receipt of its own; an earlier one ran where the newest never began.
  for (let attempt = newestAttempt(work, step); attempt >= 1; attempt -= 1)
    began = (await settle(work, host, receiptKey(work, step, attempt))) || began;
  // A recovery may be at work still, when the runner that waited for it is gone.
  if (began) for (const key of recoverKeys(work, step)) await settle(work, host, key);
  return began;
}

/**
 * Ends the undo of a step that may be at work still, because the runner that waited for it is gone, or gave
 * up on it. One that never began may be begun later.
 */
export async function settleUndo(
  work: Work,
  { step, host, waitMs }: { readonly step: number; readonly host: Host; readonly waitMs: number },
): Promise<void> {
  if (stepOf(work, step).undo === null || work.state.rollbacks === 0) return;
  const key = undoKey(work, step, work.state.rollbacks);
  const guard = await guardOf(work, host);
  granted(await guard.settle({ key, waitMs, onlyIfBegun: true }));
}

/** A restart at the end of an earlier rollback, whose answer was lost. */
async function settleAgain(work: Work, step: number, host: Host): Promise<void> {
  const { verifies } = work.state;
  if (verifies === 0 || !repeatsOnRollback(stepOf(work, step))) return;
  await settle(work, host, againKey(work, { step, verify: verifies }));
}

/** Sees that the command of this key runs no more, and says whether it ever began. */
export async function settle(work: Work, host: Host, key: string): Promise<boolean> {
  return (await endOf(work, host, key)).kind !== "never";
}

/** The same, and says whether it did what it should. */
export async function endedWell(work: Work, host: Host, key: string): Promise<boolean> {
  const ended = await endOf(work, host, key);
  return ended.kind === "finished" && ended.exitCode === 0 && !ended.timedOut;
}

async function endOf(work: Work, host: Host, key: string) {
  const guard = await guardOf(work, host);
  return granted(await guard.settle({ key, waitMs: settleWaitMs }));
}

function recoverKeys(work: Work, step: number): readonly string[] {
  const attempt = newestAttempt(work, step);
  return work.parts.itinerary.plan.protect.flatMap(({ policy }, protect) => {
    if (policy.kind !== "regenerates") return [];
    return policy.recover.flatMap((name, action) =>
      name === "restore" ? [] : [recoverKey(work, { step, attempt, protect, action })],
    );
  });
}
