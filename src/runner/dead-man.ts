import type { DisarmedBecause } from "../core/event.ts";
import type { Failure } from "../core/failure.ts";
import { durationText } from "../core/plan/durations.ts";
import type { Host } from "../core/plan/inventory.ts";
import type { Plan, StepSpec, Work as PlannedWork } from "../core/plan/plan.ts";
import { isGuarded } from "../core/stand-down.ts";
import { restoreRules } from "../core/verdict/restore-rules.ts";
import type { ArmOrder, ArmResult, Fired } from "../ports/dead-man-switch.ts";
import type { GuardCommand } from "../ports/guard-command.ts";
import { failed, granted, valueOf } from "./action-ended.ts";
import { guardCommand } from "./run-orders.ts";
import {
  firedKey,
  guardOf,
  ordersOf,
  receiptKey,
  snapshotKey,
  stepOf,
  treesOf,
  undoKey,
  type Work,
} from "./work.ts";

/** Paths of a fired switch that the journal names; the host's own record has more. */
const pathsToldMax = 20;

export interface GuardedStep {
  readonly step: number;
  readonly attempt: number;
  readonly host: Host;
  /** Which rollback would undo it: the receipts that the host and a runner share are named by it. */
  readonly rollback: number;
}

/**
 * Arms the switch of a step on one host, or renews its lease. `disarmed`: an earlier runner had judged
 * the step already. Ends the action as failed when the host went back by itself, or can't be armed.
 */
export async function arm(work: Work, it: GuardedStep): Promise<"armed" | "disarmed"> {
  const result = await askToArm(work, it);
  work.heard = true;
  if (result.kind === "refused") throw failed({ ...result.failure, host: it.host.name });
  if (result.kind === "fired") throw failed(await noteFired(work, it, result.fired));
  if (result.kind === "armed") {
    const { leaseMs } = work.parts.itinerary.plan.rollout.guard;
    await work.note({ kind: "guard.armed", host: it.host.name, step: it.step, leaseMs });
  }
  return result.kind;
}

/**
 * A runner that takes a step back keeps its switch from firing into the middle of that, as far as it
 * knows of one. True: the host was quicker, and has gone back by itself.
 */
export async function renew(work: Work, it: GuardedStep): Promise<boolean> {
  if (!work.isArmed(it.host.name, it.step)) return false;
  const result = await askToArm(work, it);
  if (result.kind !== "fired") return false;
  await noteFired(work, it, result.fired);
  return true;
}

/**
 * Disarms the switch of a step on one host, acknowledged. Asked of every host that may have one, also
 * where none was ever armed: then none can be armed later. Gives the failure when it has fired.
 */
export async function disarm(
  work: Work,
  it: Pick<GuardedStep, "step" | "host">,
  because: DisarmedBecause,
): Promise<Failure | null> {
  const guard = await guardOf(work, it.host);
  const result = granted(await guard.disarm({ key: snapshotKey(work, it.step) }));
  if (result.kind === "fired") return noteFired(work, it, result.fired);
  await work.note({ kind: "guard.disarmed", host: it.host.name, step: it.step, because });
  return null;
}

/** May a switch of this step be armed on its hosts? Only the newest one that was begun can be. */
export function mayBeArmed(work: Work, step: number): boolean {
  return (
    step === work.state.touched - 1 &&
    work.state.guard !== "none" &&
    isGuarded(work.parts.itinerary, step)
  );
}

/** A restart has no undo: done again, it makes the application run with what was put back. */
export function repeatsOnRollback(step: StepSpec): boolean {
  return step.undo === null && (step.action !== null || step.work.kind === "service");
}

/** What the plan names to bring paths back that regenerate, each action once. */
export function recoverActions(
  plan: Plan,
): readonly { readonly name: string; readonly planned: PlannedWork }[] {
  const names = plan.protect.flatMap(({ policy }) =>
    policy.kind === "regenerates" ? policy.recover : [],
  );
  return [...new Set(names)].flatMap((name) => {
    const planned = plan.actions[name];
    return planned === undefined ? [] : [{ name, planned }];
  });
}

async function askToArm(work: Work, it: GuardedStep): Promise<ArmResult> {
  const guard = await guardOf(work, it.host);
  return valueOf(await guard.arm(armOrder(work, it)));
}

function armOrder(work: Work, { step, attempt, host, rollback }: GuardedStep): ArmOrder {
  const spec = stepOf(work, step);
  return {
    key: snapshotKey(work, step),
    receipt: receiptKey(work, step, attempt),
    leaseMs: work.parts.itinerary.plan.rollout.guard.leaseMs,
    rules: restoreRules(treesOf(work, spec, host), "rollback"),
    undo: undoCommand(work, { step, host, rollback }),
    recover: recoverCommands(work, { step, attempt, host }),
  };
}

/** A request has no place on the host: its switch puts files back, and leaves that undo to a runner. */
function undoCommand(
  work: Work,
  { step, host, rollback }: Omit<GuardedStep, "attempt">,
): GuardCommand | null {
  const { undo, timeoutMs } = stepOf(work, step);
  if (undo === null) return null;
  const orders = ordersOf(work, undo, host);
  if (orders.do === "http") return null;
  return guardCommand({ key: undoKey(work, step, rollback), timeoutMs }, orders);
}

/**
 * What brings the application back once its files are: the recoveries of paths that regenerate, and a
 * restart that was the step itself. Receipts of their own, because whoever takes the rest of the
 * instance back later runs the same actions again.
 */
function recoverCommands(
  work: Work,
  { step, attempt, host }: Omit<GuardedStep, "rollback">,
): readonly GuardCommand[] {
  const { plan } = work.parts.itinerary;
  const spec = stepOf(work, step);
  const actions = recoverActions(plan).map(({ planned }) => planned);
  const all = [...actions, ...(repeatsOnRollback(spec) ? [spec.work] : [])];
  return all.flatMap((planned, at) => {
    const orders = ordersOf(work, planned, host);
    if (orders.do === "http") return [];
    const key = firedKey(work, { step, attempt, at });
    return [guardCommand({ key, timeoutMs: plan.rollout.deadline.stepMs }, orders)];
  });
}

async function noteFired(
  work: Work,
  { step, host }: Pick<GuardedStep, "step" | "host">,
  fired: Fired,
): Promise<Failure> {
  const firedAt = timeText(fired.at);
  const failures = fired.failed.map(({ path, message }) => `${path}: ${message}`);
  await work.note({
    kind: "guard.fired",
    host: host.name,
    step,
    firedAt,
    complete: fired.complete,
    restored: fired.restored,
    conflicts: fired.conflicts.paths.slice(0, pathsToldMax),
    failed: failures.slice(0, pathsToldMax),
  });
  const lease = durationText(work.parts.itinerary.plan.rollout.guard.leaseMs);
  const end = fired.complete ? "" : ", and was ended before it had done everything";
  return {
    code: "GUARD_FIRED",
    message: `the guard on ${host.name} took step "${stepOf(work, step).name}" back by itself at ${firedAt}, because it had heard nothing for ${lease}${end}`,
    hint: "see what cut the controller or the network off; a longer `guard: { lease: … }` bears longer gaps",
    host: host.name,
  };
}

/** Seconds since 1970 by a host's clock, which may say anything. */
function timeText(seconds: number): string {
  const date = new Date(seconds * 1_000);
  return Number.isNaN(date.getTime()) ? "an unknown time" : date.toISOString();
}
