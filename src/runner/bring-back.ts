import type { Finding } from "../core/event.ts";
import type { PathText } from "../core/path-text.ts";
import type { Host } from "../core/plan/inventory.ts";
import type { Awaiting, Missing } from "../core/verdict/judge.ts";
import { isWhole, lateFinding, type LaterLook, stillMissing } from "../core/verdict/regenerate.ts";
import { restoreRules } from "../core/verdict/restore-rules.ts";
import { treePath } from "../core/verdict/tree-path.ts";
import { granted } from "./action-ended.ts";
import { watchHealth } from "./look.ts";
import { changesMax, regenerationPollMs } from "./parts.ts";
import { runOrders } from "./run-orders.ts";
import { guardOf, type HostTrees, ordersOf, recoverKey, snapshotKey, type Work } from "./work.ts";

export interface BringBackOrder {
  readonly host: Host;
  readonly step: number;
  readonly attempt: number;
  readonly trees: HostTrees;
}

/** What became of what a step had deleted in one tree. */
export interface Returns {
  readonly path: PathText;
  readonly notBack: number;
  /** Milliseconds after the first look; absent: not all of it is back. */
  readonly backMs?: number;
}

export interface Late {
  /** Trees that did not come back by themselves. */
  readonly late: readonly Awaiting[];
  /** One for each of them; the rollout halts with them. */
  readonly findings: readonly Finding[];
  /** Of those that came back, when. */
  readonly returns: readonly Returns[];
}

/** The regeneration contract: waits for what may come back by itself, each tree for its own time. */
export async function waitForReturn(
  work: Work,
  order: BringBackOrder & { readonly awaiting: readonly Awaiting[] },
): Promise<Late> {
  const { late, returns } = await stillOut(work, order);
  if (late.length === 0) return { late, findings: [], returns };
  const look = await compareNow(work, order);
  return { late, findings: late.map((it) => lateFinding(it, it.missing, look)), returns };
}

/**
 * What did not come back gets its declared recovery, without asking anyone, and that is verified. Gives
 * what was done about it, to be added to a sentence; empty where nothing was late.
 */
export async function recover(
  work: Work,
  order: BringBackOrder,
  late: readonly Awaiting[],
): Promise<string> {
  const told: string[] = [];
  for (const it of late) told.push(await recoverTree(work, order, it));
  return told.length === 0 ? "" : `; ${[...new Set(told)].join("; ")}`;
}

/** What is still missing when its time is over. */
async function stillOut(
  work: Work,
  order: BringBackOrder & { readonly awaiting: readonly Awaiting[] },
): Promise<Omit<Late, "findings">> {
  const { clock } = work.parts;
  const startedMs = clock.now();
  // How users are while it is gone belongs into the report: "ui down, api up".
  await watchHealth(work, { settleMs: 0, stableMs: 0, retryMs: 0 }, "after-step");
  const returns: Returns[] = [];
  let open = order.awaiting;
  for (;;) {
    const passedMs = clock.now() - startedMs;
    const waiting = open.filter((it) => it.withinMs > passedMs);
    if (waiting.length === 0) return { late: open, returns };
    const nextMs = Math.min(regenerationPollMs, ...waiting.map((it) => it.withinMs - passedMs));
    await clock.sleep(nextMs, work.signal);
    open = await lookAgain(work, order, { open, startedMs, returns });
  }
}

/** Looks once more at what is open: what is back by now joins `returns`; gives what is not. */
export async function lookAgain<T extends Missing>(
  work: Work,
  order: Pick<BringBackOrder, "host" | "step">,
  it: { readonly open: readonly T[]; readonly startedMs: number; readonly returns: Returns[] },
): Promise<T[]> {
  const look = await compareNow(work, order);
  const backMs = work.parts.clock.now() - it.startedMs;
  const now = it.open.map((tree) => ({ ...tree, missing: stillMissing(tree, look) }));
  for (const { path, missing } of now)
    if (missing.length === 0) it.returns.push({ path, notBack: 0, backMs });
  return now.filter(({ missing }) => missing.length > 0);
}

async function recoverTree(work: Work, order: BringBackOrder, late: Awaiting): Promise<string> {
  const did: string[] = [];
  const { step, attempt } = order;
  const protect = order.trees.protect.findIndex(({ path }) => treePath(path) === late.path);
  for (const [action, name] of late.recover.entries()) {
    const key = recoverKey(work, { step, attempt, protect, action });
    if (name === "restore") did.push(await restoreMissing(work, order, late.path));
    else did.push(await runAction(work, order, { name, key }));
  }
  const missing = stillMissing(late, await compareNow(work, order));
  const region = work.parts.itinerary.regions.find((it) => it.name === work.instance.region);
  const retryMs = region?.bake.retryMs ?? 0;
  const health = await watchHealth(work, { settleMs: 0, stableMs: 0, retryMs }, "verify");
  const verified = missing.length === 0 && health.is === "healthy";
  await work.note({
    kind: "recovery",
    host: order.host.name,
    step: order.step,
    path: late.path,
    did,
    verified,
  });
  if (verified) return `recovered by ${did.join(", ")}, and verified`;
  const why = missing.length > 0 ? `${missing.length} paths are still missing` : "";
  const sick = health.is === "healthy" ? "" : health.because;
  return `recovery (${did.join(", ") || "none is declared"}) did not help: ${why || sick}`;
}

async function restoreMissing(work: Work, order: BringBackOrder, tree: string): Promise<string> {
  const guard = await guardOf(work, order.host);
  // An earlier runner may have come as far as the action after this, which may run still.
  if (isWhole(tree, await compareNow(work, order))) return "restore of 0";
  const rules = restoreRules(order.trees, "recovery").filter(
    ({ path }) => path === tree || path.startsWith(`${tree}/`),
  );
  const key = snapshotKey(work, order.step);
  const result = granted(await guard.restore({ key, rules, later: "keep" }));
  await work.note({
    kind: "restored",
    host: order.host.name,
    step: order.step,
    restored: result.restored,
    conflicts: result.conflicts.paths,
  });
  return `restore of ${result.restored}`;
}

async function runAction(
  work: Work,
  order: BringBackOrder,
  action: { readonly name: string; readonly key: string },
): Promise<string> {
  const planned = work.parts.itinerary.plan.actions[action.name];
  if (planned === undefined) throw new Error(`the plan has no action "${action.name}"`);
  const result = await runOrders(work, {
    host: order.host,
    orders: ordersOf(work, planned, order.host),
    key: action.key,
    snapshot: null,
    armed: null,
    readOnly: [],
    timeoutMs: work.parts.itinerary.plan.rollout.deadline.stepMs,
    what: `recovery "${action.name}"`,
  });
  return result.failure === null
    ? action.name
    : `${action.name} (which failed: ${result.failure.message})`;
}

/** How the trees are now, against the snapshot that the step began from. */
async function compareNow(
  work: Work,
  order: Pick<BringBackOrder, "host" | "step">,
): Promise<LaterLook> {
  const guard = await guardOf(work, order.host);
  const key = snapshotKey(work, order.step);
  return granted(await guard.compare({ key, changesMax, moment: "quiet" }));
}
