import type { Failure } from "../core/failure.ts";
import type { Host } from "../core/plan/inventory.ts";
import type { StepSpec } from "../core/plan/plan.ts";
import { judge } from "../core/verdict/judge.ts";
import { failureOf } from "../core/verdict/verdict-failure.ts";
import { substitute } from "../core/variables.ts";
import type { CompareOrder } from "../ports/guard.ts";
import { granted } from "./action-ended.ts";
import { bringBack } from "./bring-back.ts";
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
 * contract was kept.
 */
export async function judgeHost(work: Work, it: JudgeHostOrder): Promise<Failure | null> {
  const { spec, step, attempt, host, readOnly, moment } = it;
  const guard = await guardOf(work, host);
  const key = snapshotKey(work, step);
  const compared = granted(await guard.compare({ key, changesMax, moment }));
  const trees = treesOf(work, spec, host);
  const allow = substitute(spec.allow, environmentOf(work, host));
  const { changes, total } = compared;
  const { verdict, awaiting } = judge({ changes, total, allow, readOnly, ...trees });
  const where = `step "${spec.name}" on ${host.name}`;
  const late =
    verdict.is === "broken" || awaiting.length === 0
      ? { findings: [], told: "" }
      : await bringBack(work, { host, step, attempt, trees, awaiting, where });
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
