import type { Host } from "../core/plan/inventory.ts";
import type { Work as PlannedWork } from "../core/plan/plan.ts";
import { isGuarded } from "../core/stand-down.ts";
import { failed } from "./action-ended.ts";
import { recoverActions, repeatsOnRollback } from "./dead-man.ts";
import { runOrders } from "./run-orders.ts";
import { settle } from "./settle-step.ts";
import {
  againKey,
  firedKey,
  hostsOf,
  newestAttempt,
  ordersOf,
  recoverKey,
  stepOf,
  type Work,
} from "./work.ts";

/**
 * After a rollback: what was restarted since the first step is restarted once more, so that it runs
 * with the files that were put back. Ends the action as failed when that does not go well.
 */
export async function restartAgain(work: Work): Promise<void> {
  const steps = Array.from({ length: work.state.touched }, (_, step) => step);
  for (const step of steps) {
    const spec = stepOf(work, step);
    if (!repeatsOnRollback(spec)) continue;
    for (const host of hostsOf(work, spec))
      await again(work, { host, step, planned: spec.work, what: `step "${spec.name}"` });
  }
  await recoverAgain(work);
}

/**
 * A recovery ran in the middle of a step that is taken back, by a runner or by the host's own switch;
 * only the newest step can have had one, because it does not count as good. The receipts say it.
 */
async function recoverAgain(work: Work): Promise<void> {
  const { itinerary } = work.parts;
  const step = work.state.touched - 1;
  if (!isGuarded(itinerary, step)) return;
  for (const host of hostsOf(work, stepOf(work, step)))
    for (const [recovery, { name, planned }] of recoverActions(itinerary.plan).entries()) {
      const keys = recoveryKeys(work, { step, name, recovery });
      if (await anyBegan(work, host, keys))
        await again(work, { host, step, planned, recovery, what: `recovery "${name}"` });
    }
}

function recoveryKeys(
  work: Work,
  it: { readonly step: number; readonly name: string; readonly recovery: number },
): readonly string[] {
  const { step, name, recovery } = it;
  const attempts = Array.from({ length: newestAttempt(work, step) }, (_, at) => at + 1);
  return attempts.flatMap((attempt) => [
    firedKey(work, { step, attempt, at: recovery }),
    ...work.parts.itinerary.plan.protect.flatMap(({ policy }, protect) =>
      (policy.kind === "regenerates" ? policy.recover : []).flatMap((other, action) =>
        other === name ? [recoverKey(work, { step, attempt, protect, action })] : [],
      ),
    ),
  ]);
}

async function anyBegan(work: Work, host: Host, keys: readonly string[]): Promise<boolean> {
  for (const key of keys) if (await settle(work, host, key)) return true;
  return false;
}

interface Again {
  readonly host: Host;
  readonly step: number;
  readonly planned: PlannedWork;
  readonly recovery?: number;
  readonly what: string;
}

async function again(work: Work, it: Again): Promise<void> {
  const { host, step, planned, recovery, what } = it;
  const place = { step, ...(recovery === undefined ? {} : { recovery }) };
  const verify = work.state.verifies;
  // The last one may have had no answer, and be at work still.
  if (verify > 1) await settle(work, host, againKey(work, { ...place, verify: verify - 1 }));
  const { deadline } = work.parts.itinerary.plan.rollout;
  const result = await runOrders(work, {
    host,
    orders: ordersOf(work, planned, host),
    key: againKey(work, { ...place, verify }),
    snapshot: null,
    armed: null,
    readOnly: [],
    timeoutMs: recovery === undefined ? stepOf(work, step).timeoutMs : deadline.stepMs,
    what: `${what} after the rollback`,
  });
  if (result.failure !== null) throw failed({ ...result.failure, code: "ROLLBACK_UNVERIFIED" });
}
