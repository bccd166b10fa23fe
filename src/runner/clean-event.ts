import type { RolloutEvent } from "../core/event.ts";
import type { Failure } from "../core/failure.ts";
import { oneLine, printable } from "../core/printable.ts";
import type { Redactor } from "../core/redact.ts";

const sentenceMax = 2_000;
const detailMax = 16_000;

/**
 * The event as it may be kept for ever: no secret in any text, and texts that came from a host
 * bounded and printable. The last gate before the journal, whatever earlier ones did.
 */
export function cleanEvent(event: RolloutEvent, redactor: Redactor): RolloutEvent {
  const redacted = redactor.redactDeep(event);
  if (redacted.kind === "outcome" && redacted.outcome.is !== "done") {
    const { outcome } = redacted;
    return {
      ...redacted,
      outcome: { ...outcome, failure: cleanFailure(outcome.failure, redactor) },
    };
  }
  if (redacted.kind === "noted" && redacted.note.kind === "retrying") {
    const { note } = redacted;
    return { ...redacted, note: { ...note, failure: cleanFailure(note.failure, redactor) } };
  }
  return redacted;
}

function cleanFailure(failure: Failure, redactor: Redactor): Failure {
  const text = (value: string): string => redactor.text(value);
  return {
    ...failure,
    message: oneLine(text(failure.message), { max: sentenceMax }),
    hint: oneLine(text(failure.hint), { max: sentenceMax }),
    ...(failure.detail === undefined
      ? {}
      : { detail: printable(text(failure.detail), { max: detailMax }) }),
  };
}
