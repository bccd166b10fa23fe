import type { JournalRecord } from "../../ports/journal.ts";
import type { Case, Harmed } from "./case.ts";
import { isNote, type NoteRecord } from "./note-records.ts";
import {
  count,
  inARow,
  number,
  plural,
  provedBy,
  type Said,
  says,
  type Sentence,
  time,
  word,
} from "./said.ts";
import type { SurfaceCourse } from "./surface-course.ts";

/** The name of the instance, as this record of it has it. */
export function instanceIn(record: JournalRecord): Said {
  const at = record.event.kind === "noted" ? "/event/note/instance" : "/event/action/instance";
  return word(record, at);
}

/** `region cn`, as the rollout was begun with it. */
export function regionOf(it: Case, region: string): Sentence {
  const at = it.state.itinerary.regions.findIndex(({ name }) => name === region);
  return says`region ${word(it.opened, `/event/itinerary/regions/${at}/name`)}`;
}

/** `step 2 "clear compiled pages"`, of a record that is about the step. */
export function stepIn(
  it: Case,
  record: NoteRecord<
    "verdict" | "step.started" | "step.finished" | "recovery" | "restored" | "guard.fired"
  >,
): Sentence {
  const name = word(it.opened, `/event/itinerary/plan/steps/${record.event.note.step}/name`);
  return says`step ${number(record, "/event/note/step", 1)} "${name}"`;
}

/** Some record of the instance, to name it by. */
export function anyRecordOf(it: Harmed): JournalRecord | null {
  return it.failed ?? it.detected ?? it.began ?? it.verdicts[0] ?? it.verified;
}

/** The surfaces of this instance that were down at some time. */
export function downSurfaces(it: Harmed): readonly SurfaceCourse[] {
  return it.surfaces.filter(({ down }) => down.length > 0);
}

/** The surfaces on which every answer from its step's begin on passed, and there was one. */
export function upSurfaces(it: Harmed): readonly SurfaceCourse[] {
  return it.surfaces.filter((surface) => {
    const answers = answersSince(it, surface);
    return answers.length > 0 && answers.every(({ event }) => event.note.is === "pass");
  });
}

/** Answers on this surface since the step began that it failed at. */
export function answersSince(it: Harmed, surface: SurfaceCourse): SurfaceCourse["answers"] {
  const { began } = it;
  return began === null ? surface.answers : surface.answers.filter(({ seq }) => seq > began.seq);
}

/** `ui and jobs`, each as a failing answer names it. */
export function downNames(it: Harmed): Sentence | null {
  const down = downSurfaces(it);
  if (down.length === 0) return null;
  return inARow(down.map((each) => says`${word(each.down[0]!.first, "/event/note/surface")}`));
}

/**
 * `3 entries below "/srv/tmp" were deleted by step 2 "clear"`: only where a broken verdict counts
 * deletions, shows nothing else among its examples, and does not say that something else did it.
 * `paths: false` for customers, who need not know how the servers are laid out.
 */
export function deletions(
  it: Case,
  harmed: Harmed,
  { paths = true }: { readonly paths?: boolean } = {},
): readonly Sentence[] {
  return harmed.verdicts.flatMap((record) =>
    record.event.note.verdict.findings.flatMap((finding, at) => {
      const { examples, notByStep } = finding;
      const deleted = record.event.note.verdict.counts["deleted"] ?? 0;
      const only = examples.length > 0 && examples.every((effect) => effect.class === "deleted");
      if (notByStep === true || !only || deleted < finding.count) return [];
      const place = `/event/note/verdict/findings/${at}`;
      const many = says`${number(record, `${place}/count`)} ${plural(finding.count, "entry", "entries")}`;
      const where = paths ? says` below "${word(record, `${place}/path`)}"` : says``;
      return [
        says`${many}${where} ${plural(finding.count, "was", "were")} deleted by ${stepIn(it, record)}`,
      ];
    }),
  );
}

/** `while ui was down, api answered`: where probes passed on one while others failed, and none failed on it. */
export function whileOthersAnswered(harmed: Harmed): Sentence | null {
  const down = downNames(harmed);
  const stretches = downSurfaces(harmed).flatMap((surface) => surface.down);
  const answering = upSurfaces(harmed).flatMap((surface) => {
    const during = answersSince(harmed, surface).filter(({ seq }) =>
      stretches.some(
        ({ first, passed }) => seq > first.seq && (passed === null || seq < passed.seq),
      ),
    );
    const [first] = during;
    if (first === undefined) return [];
    const name = says`${word(first, "/event/note/surface")}`;
    return [
      provedBy(
        name,
        during.map(({ seq }) => seq),
      ),
    ];
  });
  if (down === null || answering.length === 0) return null;
  return says`while ${down} ${plural(downSurfaces(harmed).length, "was", "were")} down, ${inARow(answering)} answered`;
}

/** By what the first sign was seen, in words; null: the journal does not say. */
export function foundBy(it: Case, harmed: Harmed): Sentence | null {
  const { detected } = harmed;
  if (detected === null) return null;
  const on = instanceIn(detected);
  if (detected.event.kind === "outcome")
    return says`the outcome of ${word(detected, "/event/action/kind")} on ${on}, ${word(detected, "/event/outcome/failure/code")}`;
  if (isNote(detected, "verdict")) return says`the verdict on ${stepIn(it, detected)} on ${on}`;
  if (isNote(detected, "step.finished")) return says`the end of ${stepIn(it, detected)} on ${on}`;
  if (isNote(detected, "guard.fired"))
    return says`the guard of ${on}, which had gone back by itself`;
  if (isNote(detected, "probe"))
    return says`probe ${word(detected, "/event/note/probe")} on surface ${word(detected, "/event/note/surface")} of ${on}`;
  return says`a recovery on ${on}`;
}

/** Instances where the same step ran, was judged and found to have kept every contract. */
export function ranElsewhere(it: Case, harmed: Harmed): Sentence | null {
  const step = harmed.incident.step === null ? null : harmed.incident.step.number - 1;
  const bad = new Set(it.summary.incidents.map(({ instance }) => instance));
  const kept = new Map<string, NoteRecord<"verdict">>();
  for (const record of it.verdictsKept) {
    const { note } = record.event;
    if (note.step === step && !bad.has(note.instance)) kept.set(note.instance, record);
  }
  if (kept.size === 0) return null;
  const all = [...kept.values()];
  return says`The same step ran on ${count(all)} other ${plural(kept.size, "instance")}, and the verdict there found every contract kept.`;
}

/** `at 2026-11-23 03:13:35Z (11:13:35 Asia/Shanghai)`. */
export function when(record: JournalRecord, harmed: Harmed | null): Said {
  return time(record, harmed?.incident.timezone ?? null);
}
