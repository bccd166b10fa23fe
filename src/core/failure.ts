/**
 * Expected trouble as plain data: it is kept in the journal, shown to people and counted by the
 * brain. Bugs are not failures; they are thrown as ordinary errors and end with exit code 1.
 */
export interface Failure {
  readonly code: FailureCode;
  /** What happened and where, with the value in quotes. One sentence, no full stop needed. */
  readonly message: string;
  /** What to type or look at next. */
  readonly hint: string;
  readonly host?: string;
  readonly path?: string;
  /** Host output or a diff that explains it: already bounded, secrets already struck out. */
  readonly detail?: string;
}

/** Every code has one meaning; docs/errors.md explains each, and a house test holds the two together. */
export const failureCodes = [
  // reaching a host
  "CONNECT_REFUSED",
  "CONNECT_TIMEOUT",
  "CONNECT_DNS",
  "CONNECT_LOST",
  "HOST_KEY_UNKNOWN",
  "HOST_KEY_CHANGED",
  "AUTH_FAILED",
  "BECOME_FAILED",
  "TRANSPORT_UNSUPPORTED",
  // the guard on a host
  "GUARD_PROTOCOL",
  "GUARD_HOST_UNFIT",
  "HOST_LOCKED",
  "SPOOL_UNUSABLE",
  "SNAPSHOT_NO_SPACE",
  "SNAPSHOT_UNREADABLE",
  "SNAPSHOT_REFUSED",
  "SNAPSHOT_MISSING",
  "SNAPSHOT_UNPROVEN",
  "RESTORE_INCOMPLETE",
  "RESTORE_CONFLICT",
  "GUARD_NOT_ARMED",
  "GUARD_FIRED",
  "NOT_REHEARSABLE",
  // a step
  "STEP_EXIT",
  "STEP_TIMEOUT",
  "STEP_INTERRUPTED",
  "STEP_IN_DOUBT",
  "STEP_NOT_BEGUN",
  "STEP_INPUT",
  "STEP_LEFT_DAEMON",
  // the verdict
  "CONTRACT_BROKEN",
  "BUDGET_EXCEEDED",
  "REGENERATION_LATE",
  "OUTSIDE_ENVELOPE",
  // health
  "PROBE_FAILED",
  "PROBE_INCONCLUSIVE",
  "EVIDENCE_MISSING",
  "METRIC_WORSE",
  "METRIC_INCONCLUSIVE",
  "UNHEALTHY_BEFORE",
  "LATE_HARM",
  "CHECK_FAILED",
  // the rollout
  "UNDO_FAILED",
  "ROLLBACK_UNVERIFIED",
  "ROLLED_BACK_BY_HALT",
  "DEADLINE_INSTANCE",
  "DEADLINE_PROGRESS",
  "SECRET_UNAVAILABLE",
  "PLAN_DID_HARM",
  "NOT_APPROVED",
  "ORDER_REFUSED",
  "PREVIEW_STALE",
  "PREVIEW_USED",
  "REVIEW_BREAKS",
  "LATER_CHANGES",
  // the controller's state folder and its journal
  "STATE_UNUSABLE",
  "STATE_FULL",
  "STATE_NEWER",
  "JOURNAL_DAMAGED",
  "JOURNAL_LIMIT",
  "ROLLOUT_UNKNOWN",
  "ROLLOUT_EXISTS",
  "FENCED",
  "LOCKED",
] as const;

export type FailureCode = (typeof failureCodes)[number];

/** Carries a Failure to where it becomes an answer. Thrown only inside one action, never across a port. */
export class HandrailError extends Error {
  override readonly name: string = "HandrailError";
  readonly failure: Failure;
  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure.message, options);
    this.failure = failure;
  }
}

/** The rollout could not be carried on from here, after instances had been touched. */
export class RolloutStopped extends HandrailError {
  override readonly name = "RolloutStopped";
  readonly rollout: string;
  constructor(rollout: string, cause: HandrailError) {
    super(cause.failure, { cause });
    this.rollout = rollout;
  }
}
