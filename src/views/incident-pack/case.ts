import type { RolloutEvent } from "../../core/event.ts";
import type { RolloutState } from "../../core/state.ts";
import type { JournalRecord } from "../../ports/journal.ts";
import { isSign } from "../evidence.ts";
import type { Incident } from "../incidents.ts";
import type { ToldNotices } from "../notices-text.ts";
import type { Summary } from "../summary.ts";
import { notes, type NoteRecord, outcomes } from "./note-records.ts";
import { surfaceCourses, type SurfaceCourse } from "./surface-course.ts";

/** One instance that went wrong, with the records that prove each thing that is known of it. */
export interface Harmed {
  readonly incident: Incident;
  /** The step that it failed at began here; null: no step did it, or the journal does not say. */
  readonly began: JournalRecord | null;
  /** The first sign that something was wrong. */
  readonly detected: JournalRecord | null;
  /** The failure itself, as the outcome of an action. */
  readonly failed: JournalRecord | null;
  /** Broken verdicts, oldest first. */
  readonly verdicts: readonly NoteRecord<"verdict">[];
  /** The command of the step that it failed at ended. */
  readonly ended: readonly NoteRecord<"step.finished">[];
  readonly recoveries: readonly NoteRecord<"recovery">[];
  readonly restored: readonly NoteRecord<"restored">[];
  readonly fired: readonly NoteRecord<"guard.fired">[];
  /** Steps that were taken back, by the outcome of doing so. */
  readonly reverted: readonly JournalRecord[];
  /** Content and health confirmed to be as before; null: not, or not yet. */
  readonly verified: JournalRecord | null;
  readonly surfaces: readonly SurfaceCourse[];
}

/** All that the pages of the pack speak of. */
export interface Case {
  readonly state: RolloutState;
  readonly records: readonly JournalRecord[];
  readonly summary: Summary;
  /** Instances with trouble of their own, in rollout order. */
  readonly harmed: readonly Harmed[];
  /** Instances that were only taken back with them. */
  readonly takenBack: readonly Incident[];
  readonly opened: JournalRecord;
  /** Verdicts that found every contract kept. */
  readonly verdictsKept: readonly NoteRecord<"verdict">[];
  readonly halted: JournalRecord | null;
  readonly closed: JournalRecord | null;
  /** Is it still going on? Then everything is as of the last record. */
  readonly interim: boolean;
  /** Who was told of what; null: nobody has looked. */
  readonly notices: ToldNotices | null;
  /** How to call handrail so that it finds this journal. */
  readonly program: string;
}

/** Gathers the records that prove what the summary says. */
export function caseOf(
  state: RolloutState,
  records: readonly JournalRecord[],
  given: Pick<Case, "summary" | "program" | "notices">,
): Case {
  const { summary, program, notices } = given;
  const byInstance = Map.groupBy(records, ({ event }) => instanceOfEvent(event));
  const own = summary.incidents.filter((it) => it.as !== "rolled back" || !it.asBefore);
  const of = (kind: RolloutEvent["kind"]): JournalRecord | null =>
    records.find(({ event }) => event.kind === kind) ?? null;
  return {
    state,
    records,
    summary,
    harmed: own.map((it) => harmed(it, byInstance.get(it.instance) ?? [])),
    takenBack: summary.incidents.filter((it) => !own.includes(it)),
    opened: records[0]!,
    verdictsKept: notes(records, "verdict").filter(({ event }) => event.note.verdict.is === "kept"),
    halted: of("halting"),
    closed: records.findLast(({ event }) => event.kind === "closed") ?? null,
    interim: state.closed === null,
    notices,
    program,
  };
}

function instanceOfEvent(event: RolloutEvent): string | null {
  if (event.kind === "noted") return event.note.instance;
  return event.kind === "intent" || event.kind === "outcome" ? event.action.instance : null;
}

function harmed(incident: Incident, records: readonly JournalRecord[]): Harmed {
  const { harmAt, detectedAt, recoveredAt } = incident;
  const index = incident.step === null ? null : incident.step.number - 1;
  const began =
    notes(records, "step.started").find(
      ({ at, event }) => at === harmAt && event.note.step === index,
    ) ?? null;
  const failed = records.find(
    ({ event }) =>
      event.kind === "outcome" &&
      event.outcome.is !== "done" &&
      event.outcome.failure.code === incident.failure.code &&
      event.outcome.failure.message === incident.failure.message,
  );
  return {
    incident,
    began,
    detected: records.find((record) => record.at === detectedAt && tellsOfTrouble(record)) ?? null,
    failed: failed ?? null,
    verdicts: notes(records, "verdict").filter(({ event }) => event.note.verdict.is === "broken"),
    ended: notes(records, "step.finished").filter(({ event }) => event.note.step === index),
    recoveries: notes(records, "recovery"),
    restored: notes(records, "restored"),
    fired: notes(records, "guard.fired"),
    reverted: outcomes(records, "revert"),
    verified: outcomes(records, "verify").findLast(({ at }) => at === recoveredAt) ?? null,
    surfaces: surfaceCourses(notes(records, "probe")),
  };
}

function tellsOfTrouble({ event }: JournalRecord): boolean {
  if (event.kind === "noted") return isSign(event.note);
  return event.kind === "outcome" && event.outcome.is !== "done";
}
