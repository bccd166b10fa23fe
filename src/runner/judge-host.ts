import type { Finding, TreeEffects, Verdict } from "../core/event.ts";
import type { Failure } from "../core/failure.ts";
import type { Host } from "../core/plan/inventory.ts";
import type { ProtectedPath, StepSpec } from "../core/plan/plan.ts";
import { type Awaiting, judge } from "../core/verdict/judge.ts";
import { treePath } from "../core/verdict/tree-path.ts";
import { failureOf } from "../core/verdict/verdict-failure.ts";
import { substitute } from "../core/variables.ts";
import type { CompareOrder } from "../ports/guard.ts";
import { granted } from "./action-ended.ts";
import { recover, type Returns, waitForReturn } from "./bring-back.ts";
import { lookAtUnits } from "./look-at-units.ts";
import { lookForReturn } from "./look-for-return.ts";
import { changesMax } from "./parts.ts";
import { environmentOf, guardOf, snapshotKey, treesOf, type Work } from "./work.ts";

export interface JudgeHostOrder {
  readonly spec: StepSpec;
  readonly step: number;
  readonly attempt: number;
  readonly host: Host;
  /** Paths that really were closed to the step. */
  readonly readOnly: readonly string[];
  readonly moment: CompareOrder["moment"];
}

/**
 * The verdict on one host; waits for what may regenerate, and recovers what does not. Null: the
 * contract was kept. What was found is durable before anything is done about it, and stays found: a
 * runner that asks again after a crash may see a tree that a recovery, or the application, has mended.
 */
export async function judgeHost(work: Work, it: JudgeHostOrder): Promise<Failure | null> {
  const { spec, step, attempt, host, readOnly, moment } = it;
  const guard = await guardOf(work, host);
  const key = snapshotKey(work, step);
  const compared = granted(await guard.compare({ key, changesMax, moment }));
  const trees = treesOf(work, spec, host);
  const allow = substitute(spec.allow, environmentOf(work, host));
  const { changes, total } = compared;
  const judged = judge({ changes, total, allow, readOnly, ...trees });
  const before = work.found({ host: host.name, step, attempt });
  const order = { host, step, attempt, trees };
  const known = wasLate(before, trees.protect);
  const isSure = judged.verdict.is === "broken" || known.length > 0 || before.length > 0;
  const late =
    isSure || judged.awaiting.length === 0
      ? { late: known, findings: [], returns: [] }
      : await waitForReturn(work, { ...order, awaiting: judged.awaiting });
  const findings = union(before, [...judged.verdict.findings, ...late.findings]);
  if (findings.length > before.length || before.length === 0) {
    const isBroken = findings.length > 0;
    const letGo = isBroken ? [] : await lookForReturn(work, { ...order, letGo: judged.letGo });
    const verdict: Verdict = {
      ...judged.verdict,
      is: isBroken ? "broken" : "kept",
      findings,
      trees: withReturns(judged.trees, trees.protect, [...late.returns, ...letGo]),
      entries: compared.entries,
    };
    const units = await lookAtUnits(work, it);
    await work.note({ kind: "verdict", host: host.name, step, attempt, verdict, ...units });
  }
  const told = await recover(work, order, late.late);
  const failure = failureOf(findings, `step "${spec.name}" on ${host.name}`);
  return failure === null ? null : { ...failure, message: failure.message + told };
}

/** Trees whose time was over already: their recovery goes on where it was, by its receipts. */
function wasLate(
  before: readonly Finding[],
  protect: readonly ProtectedPath[],
): readonly Awaiting[] {
  const late = new Set(
    before.filter(({ code }) => code === "REGENERATION_LATE").map(({ path }) => path),
  );
  return protect.flatMap(({ path, policy }) =>
    policy.kind === "regenerates" && late.has(treePath(path))
      ? [{ path: treePath(path), withinMs: 0, recover: policy.recover, missing: [] }]
      : [],
  );
}

/** With what became of what was gone. */
function withReturns(
  trees: readonly TreeEffects[],
  protect: readonly ProtectedPath[],
  returns: readonly Returns[],
): readonly TreeEffects[] {
  return trees.map((it) => {
    const { path } = protect[it.protect]!;
    const of = returns.filter((each) => each.path === treePath(path));
    if (of.length === 0) return it;
    const notBack = of.reduce((sum, each) => sum + each.notBack, 0);
    const backMs = Math.max(...of.map((each) => each.backMs ?? Infinity));
    return { ...it, notBack, ...(Number.isFinite(backMs) ? { backMs } : {}) };
  });
}

/** Each finding once, by what it is about. */
function union(before: readonly Finding[], now: readonly Finding[]): readonly Finding[] {
  const known = new Set(before.map(aboutOf));
  return [...before, ...now.filter((finding) => !known.has(aboutOf(finding)))];
}

function aboutOf({ path, code }: Finding): string {
  return JSON.stringify([path, code]);
}
