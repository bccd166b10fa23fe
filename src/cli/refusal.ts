import type { Problem } from "../core/plan/problem.ts";

/** The command line itself makes no sense. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  /** The next thing to type. */
  readonly hint: string;
  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/** A plan or an inventory that nobody should start. */
export class PlanRefused extends Error {
  override readonly name = "PlanRefused";
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super(`${problems.length} problems`);
    this.problems = problems;
  }
}
