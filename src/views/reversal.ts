import type { StepSpec, Work } from "../core/plan/plan.ts";

/** How a preview comes to know what a step does. */
export type KnownBy = "declared" | "rehearsed" | "unknown";

/** Can the step be taken back, and how? */
export interface Reversal {
  readonly is: boolean;
  readonly how: string;
}

/** Kinds whose every write Handrail knows beforehand: snapshotted with the step, put back exactly. */
export const understood: ReadonlySet<string> = new Set(["copy", "patch", "remove"]);

/**
 * `rehearsed`: a copy of some instance showed what it does, which says more than what is declared.
 * `declared`: by the kind itself, or by `writes`. Anything else is unknown.
 */
export function knownBy(step: StepSpec, wasRehearsed = false): KnownBy {
  if (wasRehearsed) return "rehearsed";
  return understood.has(step.work.kind) || step.writes.length > 0 ? "declared" : "unknown";
}

/** A `run`, `script` or `http` with neither `undo` nor `writes` can't be taken back. */
export function reversal(step: StepSpec): Reversal {
  const how: string[] = [];
  if (step.undo !== null) how.push(`undo: ${workWords(step.undo)}`);
  if (understood.has(step.work.kind)) how.push("what it writes is snapshotted and put back");
  else if (step.writes.length > 0) how.push(`snapshotted and put back: ${step.writes.join(", ")}`);
  if (how.length > 0) return { is: true, how: how.join("; ") };
  if (step.work.kind === "service" && restarts(step.work))
    return { is: true, how: "nothing to take back: it only restarts" };
  return { is: false, how: "not reversible: it has neither undo nor writes" };
}

function restarts({ args }: Work): boolean {
  if (typeof args !== "object" || args === null || !("do" in args)) return false;
  return args.do === "restart" || args.do === "reload";
}

function workWords({ kind, args }: Work): string {
  return `${kind} ${typeof args === "string" ? JSON.stringify(args) : JSON.stringify(args ?? {})}`;
}
