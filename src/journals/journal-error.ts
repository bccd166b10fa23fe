import { HandrailError } from "../core/failure.ts";
import type { Failure, FailureCode } from "../core/failure.ts";

/** Every expected trouble of a journal: the failure, and its code at hand for a quick look. */
export class JournalError extends HandrailError {
  readonly code: FailureCode;
  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure, options);
    this.code = failure.code;
  }
}

/** Another runner took the rollout up: this one must stop, and has written nothing. */
export function fenced(rollout: string, epoch: number, newest: number): JournalError {
  return new JournalError({
    code: "FENCED",
    message: `rollout "${rollout}" was taken up by another runner (epoch ${newest}, this one had ${epoch})`,
    hint: `leave it to the other runner; \`handrail status ${rollout}\` shows what it does`,
  });
}

/** No rollout of that name has written its first record here. `where`: what was looked through. */
export function rolloutUnknown(rollout: string, where: string): JournalError {
  return new JournalError({
    code: "ROLLOUT_UNKNOWN",
    message: `no rollout "${rollout}" in ${where}`,
    hint: "`handrail status` lists the rollouts; `--state DIR` looks into another folder",
  });
}

export function rolloutExists(rollout: string): JournalError {
  return new JournalError({
    code: "ROLLOUT_EXISTS",
    message: `a rollout "${rollout}" is in the journal already`,
    hint: "start again: every start gives a new name",
  });
}

/** A named bound was exceeded; nothing was written. */
export function overLimit(what: string, limit: string): JournalError {
  return new JournalError({
    code: "JOURNAL_LIMIT",
    message: `${what}, and the limit is ${limit}`,
    hint: "make it shorter: the limit keeps the journal readable; if it must be as long as that, please report it",
  });
}

/** What was appended is not what is stored. `where`: "record 12 of rollout …". */
export function damaged(where: string, because: string, options?: ErrorOptions): JournalError {
  return new JournalError(
    {
      code: "JOURNAL_DAMAGED",
      message: `${where}: ${because}`,
      hint: "keep a copy of the state folder before anything else; `handrail journal ROLLOUT verify` names the first record that is wrong",
    },
    options,
  );
}

/** Something in here can only have been written by a later release. */
export function newer(what: string): JournalError {
  return new JournalError({
    code: "STATE_NEWER",
    message: `${what}: a newer Handrail wrote it`,
    hint: "use that release or a later one; `handrail --version` shows this one",
  });
}
