import type { Failure } from "../core/failure.ts";
import type { Host } from "../core/plan/inventory.ts";
import type { StepSpec } from "../core/plan/plan.ts";
import { isGuarded } from "../core/stand-down.ts";
import { prevention } from "../core/verdict/prevention.ts";
import { substitute } from "../core/variables.ts";
import { ActionEnded, failed, valueOf } from "./action-ended.ts";
import { arm, disarm, type GuardedStep } from "./dead-man.ts";
import { judgeHost } from "./judge-host.ts";
import { watchHealth } from "./look.ts";
import { lookAtUnits } from "./look-at-units.ts";
import { guardCommand, type OrdersResult, runOrders } from "./run-orders.ts";
import {
  environmentOf,
  guardOf,
  hostsOf,
  ordersOf,
  receiptKey,
  snapshotKey,
  stepOf,
  treesOf,
  type Work,
} from "./work.ts";

/**
 * The step on its hosts, one after the other, each armed, run and judged before the next; then the
 * probes. Every host stays armed until all of that is known to be good, and only then are they
 * disarmed: whatever else happens here, the switches are left to whoever takes the step back, or to
 * themselves.
 */
export async function performApply(work: Work, step: number, attempt: number): Promise<void> {
  const spec = stepOf(work, step);
  const hosts = hostsOf(work, spec);
  for (const [at, host] of hosts.entries()) {
    // One host after the other: what never began on the first began on none.
    const inDoubt = at === 0 && work.state.inDoubt;
    await applyOnHost(work, { spec, step, attempt, host, inDoubt });
  }
  if (spec.probes) await seeUsersServed(work, spec);
  if (!isGuarded(work.parts.itinerary, step)) return;
  for (const host of hosts) {
    const fired = await disarm(work, { step, host }, "judged");
    if (fired !== null) throw failed(fired);
  }
}

interface HostStep {
  readonly spec: StepSpec;
  readonly step: number;
  readonly attempt: number;
  readonly host: Host;
  /** May it have begun long ago, or never? */
  readonly inDoubt: boolean;
}

async function applyOnHost(work: Work, it: HostStep): Promise<void> {
  const { step, attempt, host } = it;
  // A rollback of this step would be the next one of the instance.
  const guarded: GuardedStep | null = isGuarded(work.parts.itinerary, step)
    ? { step, attempt, host, rollback: work.state.rollbacks + 1 }
    : null;
  const armed = guarded === null ? null : await arm(work, guarded);
  if (guarded !== null && it.inDoubt) await refuseToBegin(work, it);
  const units = await lookAtUnits(work, it);
  await work.note({ kind: "step.started", host: host.name, step, attempt, ...units });
  const readOnly = readOnlyPaths(work, it);
  const result = await runStep(work, it, { guarded, readOnly });
  const { exitCode, timedOut, durationMs, output, held } = result;
  if (held.kind === "impossible")
    await work.note({ kind: "remark", host: host.name, text: openBecause(held.because) });
  const ended = { step, attempt, exitCode, timedOut, durationMs, output };
  await work.note({ kind: "step.finished", host: host.name, ...ended });
  // What a failed step did is worth knowing too, so the verdict comes before the failure.
  const broken = await judgeHost(work, {
    ...it,
    readOnly: held.kind === "held" ? readOnly : [],
    // Judged before, it may have been long ago: what is there now is not what the step left.
    moment: armed === "disarmed" ? "quiet" : "after-step",
  });
  if (result.failure !== null) throw failed(withPreventionHint(result.failure, result));
  if (broken !== null) throw failed({ ...broken, host: host.name });
}

/**
 * A step that is in doubt is asked for, never begun: its snapshot may be from before a long pause. No
 * switch is ever armed under the name that is given here, and without one no step begins.
 */
async function refuseToBegin(work: Work, it: HostStep): Promise<void> {
  const { spec, step, attempt, host } = it;
  const guard = await guardOf(work, host);
  const orders = ordersOf(work, spec.work, host);
  if (orders.do === "http") return;
  const key = receiptKey(work, step, attempt);
  const snapshot = snapshotKey(work, step);
  const command = guardCommand({ key, timeoutMs: spec.timeoutMs }, orders);
  const order = { ...command, snapshot, armed: `${snapshot}.in-doubt`, readOnly: [] };
  const result = valueOf(await guard.run(order));
  if (result.kind !== "refused" || result.failure.code !== "GUARD_NOT_ARMED") return;
  // Unless the host went back meanwhile, which also ends the step before it begins.
  const fired = await disarm(work, { step, host }, "not begun");
  throw failed(
    fired ?? {
      code: "STEP_NOT_BEGUN",
      message: `step "${spec.name}" never began on ${host.name}`,
      hint: "nothing is to be done: a new snapshot is taken, and then it begins",
      host: host.name,
    },
  );
}

/** Runs it; where nobody knows how it ended, the switch may be the one that ended it. */
async function runStep(
  work: Work,
  { spec, step, attempt, host }: HostStep,
  {
    guarded,
    readOnly,
  }: { readonly guarded: GuardedStep | null; readonly readOnly: readonly string[] },
): Promise<OrdersResult> {
  const run = runOrders(work, {
    host,
    orders: ordersOf(work, spec.work, host),
    key: receiptKey(work, step, attempt),
    snapshot: snapshotKey(work, step),
    armed: guarded === null ? null : snapshotKey(work, step),
    readOnly,
    timeoutMs: spec.timeoutMs,
    what: `step "${spec.name}"`,
  });
  const result = await run.catch(async (error: unknown) => {
    if (guarded !== null && isUnarmed(error)) await arm(work, guarded);
    throw error;
  });
  if (guarded !== null && result.failure?.code === "STEP_INTERRUPTED") await arm(work, guarded);
  return result;
}

function isUnarmed(error: unknown): boolean {
  if (!(error instanceof ActionEnded) || error.outcome.is !== "failed") return false;
  return error.outcome.failure.code === "GUARD_NOT_ARMED";
}

function readOnlyPaths(work: Work, { spec, host }: HostStep): readonly string[] {
  const trees = treesOf(work, spec, host);
  const allow = substitute(spec.allow, environmentOf(work, host));
  const { prevent } = work.parts.itinerary.plan.rollout.guard;
  return prevention({ ...trees, step: spec, allow, prevent }).readOnly;
}

/** The same words as before anything was touched, so that they are told once. */
function openBecause(why: string): string {
  return `steps run here with protected paths writable: ${why}`;
}

function withPreventionHint(failure: Failure, { held, output }: OrdersResult): Failure {
  if (held.kind !== "held" || !output.includes("Read-only file system")) return failure;
  return {
    ...failure,
    hint: "it tried to write to a protected path, which is read-only for it: if that is meant, declare it under `writes` or `allow`, or set `prevent: false` for this step",
  };
}

async function seeUsersServed(work: Work, spec: StepSpec): Promise<void> {
  const region = work.parts.itinerary.regions.find((it) => it.name === work.instance.region);
  const retryMs = region?.bake.retryMs ?? 0;
  const health = await watchHealth(work, { settleMs: 0, stableMs: 0, retryMs }, "after-step");
  if (health.is === "healthy") return;
  const where = `after step "${spec.name}" on ${work.instance.name}`;
  if (health.is === "unhealthy")
    throw failed({
      code: "PROBE_FAILED",
      message: `users are not served ${where}: ${health.because}`,
      hint: "the step did this or came at a bad moment; its output and the probe's answers say more",
    });
  throw new ActionEnded({
    is: "inconclusive",
    failure: {
      code: "PROBE_INCONCLUSIVE",
      message: `nobody could tell whether users are served ${where}: ${health.because}`,
      hint: "see why the probe can't tell, then decide: retry, accept, rollback or leave",
    },
  });
}
