import { type Down, type SurfaceHealth, surfacesOf } from "../surfaces.ts";
import type { NoteRecord } from "./note-records.ts";

type ProbeRecord = NoteRecord<"probe">;

/** How one surface fared, with the answers that say so. */
export interface SurfaceCourse {
  readonly health: SurfaceHealth;
  /** All answers, oldest first. */
  readonly answers: readonly ProbeRecord[];
  readonly down: readonly DownCourse[];
}

export interface DownCourse {
  readonly down: Down;
  /** The first failing answer. */
  readonly first: ProbeRecord;
  /** Every failing answer of this stretch. */
  readonly failing: readonly ProbeRecord[];
  /** The answer with which nothing failed any more; null: there is none yet. */
  readonly passed: ProbeRecord | null;
  /** The last answer before it that passed; null: there is none. */
  readonly before: ProbeRecord | null;
}

/** By surface, in the order in which they were first looked at. */
export function surfaceCourses(answers: readonly ProbeRecord[]): readonly SurfaceCourse[] {
  const seen = answers.map(({ at, event: { note } }) => {
    const { probe, surface, is } = note;
    return { at, probe, surface, is, host: note.host ?? note.instance };
  });
  return surfacesOf(seen).map((health) => {
    const own = answers.filter(({ event }) => event.note.surface === health.surface);
    return { health, answers: own, down: health.down.flatMap((down) => downCourse(down, own)) };
  });
}

function downCourse(down: Down, answers: readonly ProbeRecord[]): readonly DownCourse[] {
  const at = answers.findIndex((it) => it.at === down.from && it.event.note.is === "fail");
  const first = answers[at];
  if (first === undefined) return [];
  const after = answers.slice(at);
  const end = after.findIndex((it) => it.at === down.to && it.event.note.is === "pass");
  const during = end === -1 ? after : after.slice(0, end + 1);
  return [
    {
      down,
      first,
      failing: during.filter(({ event }) => event.note.is === "fail"),
      passed: end === -1 ? null : (after[end] ?? null),
      before: answers.slice(0, at).findLast(({ event }) => event.note.is === "pass") ?? null,
    },
  ];
}
