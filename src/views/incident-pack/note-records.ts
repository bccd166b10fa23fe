import type { Note, RolloutEvent } from "../../core/event.ts";
import type { JournalRecord } from "../../ports/journal.ts";

/** A record that holds a note of this kind. */
export type NoteRecord<Kind extends Note["kind"] = Note["kind"]> = JournalRecord & {
  readonly event: Extract<RolloutEvent, { kind: "noted" }> & {
    readonly note: Extract<Note, { kind: Kind }>;
  };
};

export function isNote<Kind extends Note["kind"]>(
  record: JournalRecord,
  kind: Kind,
): record is NoteRecord<Kind> {
  return record.event.kind === "noted" && record.event.note.kind === kind;
}

/** Records with a note of this kind, oldest first. */
export function notes<Kind extends Note["kind"]>(
  records: readonly JournalRecord[],
  kind: Kind,
): readonly NoteRecord<Kind>[] {
  return records.filter((record) => isNote(record, kind));
}

/** Records that say that an action of this kind was done, oldest first. */
export function outcomes(
  records: readonly JournalRecord[],
  kind: "revert" | "verify" | "bake",
): readonly JournalRecord[] {
  return records.filter(
    ({ event }) =>
      event.kind === "outcome" && event.outcome.is === "done" && event.action.kind === kind,
  );
}
