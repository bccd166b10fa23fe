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
  // The plan itself was looked through before the rollout opened.
  const redacted = event.kind === "opened" ? event : strike(event, redactor);
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

/** Texts that people or hosts wrote. All others are words and names of ours, which must stay whole. */
const freeTexts: ReadonlySet<string> = new Set([
  "message",
  "hint",
  "detail",
  "output",
  "because",
  "reason",
  "text",
  "sentence",
  "path",
  "mark",
  "did",
  "conflicts",
  "setAside",
  "failed",
  "remarks",
  "losses",
  "about",
  "says",
  "value",
]);

function strike<T>(value: T, redactor: Redactor, key = ""): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same shape: only texts differ
  return struck(value, redactor, key) as T;
}

function struck(value: unknown, redactor: Redactor, key: string): unknown {
  if (typeof value === "string") return freeTexts.has(key) ? redactor.redactDeep(value) : value;
  if (Array.isArray(value)) return value.map((item) => struck(item, redactor, key));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([inner, item]) => [inner, struck(item, redactor, inner)]),
  );
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
