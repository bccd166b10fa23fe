import { allTouched } from "../core/way-back.ts";
import { valueOf } from "./action-ended.ts";
import { onEach } from "./on-each.ts";
import { settleWaitMs } from "./parts.ts";
import { performStandDown } from "./perform-revert.ts";
import { settleUndo } from "./settle-step.ts";
import { controllerHost, everyHost, guardOf, hostsOf, stepOf, type Work } from "./work.ts";

/** However short the plan's retention: whoever gave a lock up may still want the snapshots. */
const freedKeepMinMs = 24 * 3_600_000;

/**
 * Gives the locks back. A sealed instance keeps its snapshots for as long as it can be undone, and so
 * does one that a person has seen to; one that is as before, or was never touched, keeps nothing.
 */
export async function performRelease(work: Work): Promise<void> {
  const { steps } = work.parts.itinerary.plan;
  const keepMs = keepsFor(work);
  // Nothing of ours may be at work on a host that somebody else can have.
  if (work.state.freed && work.state.touched > 0) {
    await performStandDown(work, work.state.touched - 1);
    for (const step of allTouched(work.state))
      await onEach(hostsOf(work, stepOf(work, step)), (host) =>
        settleUndo(work, { step, host, waitMs: settleWaitMs }),
      );
  }
  const own = steps.some((step) => step.on === "controller") ? [controllerHost(work)] : [];
  await onEach([...everyHost(work), ...own], async (host) => {
    const guard = await guardOf(work, host);
    const keepUntil = keepMs > 0 ? guard.facts.time + Math.ceil(keepMs / 1_000) : null;
    valueOf(await guard.release({ keepUntil }));
  });
}

function keepsFor(work: Work): number {
  const { retentionMs } = work.parts.itinerary.plan.rollout;
  if (work.state.freed) return Math.max(retentionMs, freedKeepMinMs);
  return work.state.phase === "sealed" ? retentionMs : 0;
}
