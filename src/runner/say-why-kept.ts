import type { Action } from "../core/action.ts";
import type { Outcome } from "../core/event.ts";
import { afterOutcome } from "../core/instance-course.ts";
import { keepsLock } from "../core/over.ts";
import type { RolloutState } from "../core/state.ts";
import { whyKept } from "../core/why-kept.ts";
import { ActionEnded, granted } from "./action-ended.ts";
import { guardOf, type Work } from "./work.ts";

/**
 * Where an action leaves an instance whose lock is kept on purpose, its hosts are told why, so that
 * whoever meets the lock there reads it without this journal. A host that can't be told keeps its
 * lock all the same, and says by its lease that nobody is there; that is noted. One whose last answer
 * was lost is not asked again for this.
 */
export async function sayWhyKept(
  work: Work,
  it: { readonly action: Action; readonly outcome: Outcome; readonly state: RolloutState },
): Promise<void> {
  const { action, outcome } = it;
  if (outcome.is === "unreachable" || outcome.is === "unknown" || work.signal.aborted) return;
  const { plan, receipted } = it.state.itinerary;
  const after = afterOutcome(work.state, action, outcome, { plan, receipted });
  const message = whyKept(after);
  if (message === null || !after.claimed || !keepsLock(after)) return;
  const { holder, redactor } = work.parts;
  for (const host of work.instance.hosts) {
    try {
      const guard = await guardOf(work, host);
      granted(await guard.keep({ holder, epoch: work.epoch, message: redactor.text(message) }));
    } catch (error) {
      if (!(error instanceof ActionEnded) || error.outcome.is === "done") throw error;
      await work.note({
        kind: "remark",
        host: host.name,
        text: `why its lock is kept could not be written there: ${error.outcome.failure.message}`,
      });
    }
  }
}
