import { failureOf } from "../core/verdict/verdict-failure.ts";
import type { Failure } from "../core/failure.ts";
import type { Host } from "../core/plan/inventory.ts";
import type { StepSpec } from "../core/plan/plan.ts";
import { judge } from "../core/verdict/judge.ts";
import { snapshotPaths } from "../core/verdict/snapshot-paths.ts";
import { substitute } from "../core/variables.ts";
import { ActionEnded, failed, granted } from "./action-ended.ts";
import { bringBack } from "./bring-back.ts";
import { watchHealth } from "./look.ts";
import { changesMax, snapshotReserveBytes } from "./parts.ts";
import { runOrders } from "./run-orders.ts";
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

/** Complete and durable on every host of the step, or the step does not start. */
export async function performSnapshot(work: Work, step: number): Promise<void> {
  const spec = stepOf(work, step);
  for (const host of hostsOf(work, spec)) {
    const guard = await guardOf(work, host);
    const taken = granted(
      await guard.snapshot({
        key: snapshotKey(work, step),
        paths: snapshotPaths(treesOf(work, spec, host)),
        reserveBytes: snapshotReserveBytes,
      }),
    );
    const { entries, bytes, durationMs, losses } = taken;
    await work.note({
      kind: "snapshot.taken",
      host: host.name,
      step,
      entries,
      bytes,
      durationMs,
      losses,
    });
  }
}

/** The step on its hosts, one after the other, each judged before the next; then the probes. */
export async function performApply(work: Work, step: number, attempt: number): Promise<void> {
  const spec = stepOf(work, step);
  for (const host of hostsOf(work, spec)) await applyOnHost(work, { spec, step, attempt, host });
  if (!spec.probes) return;
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

interface HostStep {
  readonly spec: StepSpec;
  readonly step: number;
  readonly attempt: number;
  readonly host: Host;
}

async function applyOnHost(work: Work, it: HostStep): Promise<void> {
  const { spec, step, attempt, host } = it;
  await work.note({ kind: "step.started", host: host.name, step, attempt });
  const result = await runOrders(work, {
    host,
    orders: ordersOf(work, spec.work, host),
    key: receiptKey(work, step, attempt),
    snapshot: snapshotKey(work, step),
    timeoutMs: spec.timeoutMs,
    what: `step "${spec.name}"`,
  });
  const { exitCode, timedOut, durationMs, output } = result;
  await work.note({
    kind: "step.finished",
    host: host.name,
    step,
    attempt,
    exitCode,
    timedOut,
    durationMs,
    output,
  });
  // What a failed step did is worth knowing too, so the verdict comes before the failure.
  const broken = await judgeHost(work, it);
  if (result.failure !== null) throw failed(result.failure);
  if (broken !== null) throw failed({ ...broken, host: host.name });
}

/** The verdict on one host; waits for what may regenerate, and recovers what does not. */
async function judgeHost(work: Work, it: HostStep): Promise<Failure | null> {
  const { spec, step, host } = it;
  const guard = await guardOf(work, host);
  const compared = granted(await guard.compare({ key: snapshotKey(work, step), changesMax }));
  const trees = treesOf(work, spec, host);
  const allow = substitute(spec.allow, environmentOf(work, host));
  const { verdict, awaiting } = judge({
    changes: compared.changes,
    total: compared.total,
    allow,
    ...trees,
  });
  const where = `step "${spec.name}" on ${host.name}`;
  const late =
    verdict.is === "broken" || awaiting.length === 0
      ? { findings: [], told: "" }
      : await bringBack(work, { host, step, trees, awaiting, where });
  const findings = [...verdict.findings, ...late.findings];
  await work.note({
    kind: "verdict",
    host: host.name,
    step,
    verdict: { ...verdict, is: findings.length === 0 ? "kept" : "broken", findings },
  });
  const failure = failureOf(findings, where);
  return failure === null ? null : { ...failure, message: failure.message + late.told };
}
