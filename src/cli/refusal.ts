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

/** Whatever went wrong with a journal, and how handrail is to be called to find that journal again. */
export class AtJournal extends Error {
  override readonly name = "AtJournal";
  readonly program: string;
  constructor(program: string, cause: unknown) {
    super("at a journal", { cause });
    this.program = program;
  }
}

/** What went wrong first, without what was put around it on its way, and without what failed later. */
export function firstTrouble(error: unknown): unknown {
  if (error instanceof AtJournal) return firstTrouble(error.cause);
  return error instanceof SuppressedError ? firstTrouble(error.suppressed) : error;
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
