import type { Case, Harmed } from "./case.ts";
import {
  anyRecordOf,
  answersSince,
  downSurfaces,
  foundBy,
  instanceIn,
  regionOf,
  stepIn,
  upSurfaces,
  when,
} from "./claims.ts";
import { isNote, outcomes } from "./note-records.ts";
import { fillItem, heading, item, type Page, type Part } from "./page.ts";
import { count, number, plural, says, type Sentence, span, sum, word } from "./said.ts";
import type { DownCourse, SurfaceCourse } from "./surface-course.ts";

/** What is known, and what is not: impact, how it was found, what was restored, what verified it. */
export function factsPage(it: Case, note: Part): Page {
  return {
    file: "facts.md",
    parts: [
      heading(1, `Facts of the incident in rollout ${it.summary.rollout}`),
      note,
      heading(2, "Impact"),
      ...impact(it),
      heading(2, "How it was found"),
      ...it.harmed.flatMap((harmed) => found(it, harmed)),
      heading(2, "What was restored, and what verified it"),
      ...it.harmed.flatMap((harmed) => restored(it, harmed)),
      ...takenBack(it),
      heading(2, "What is not known"),
      ...unknown(it),
    ],
  };
}

/** By region, instance and surface: from when to when, by which probe. */
function impact(it: Case): readonly Part[] {
  return it.harmed.flatMap((harmed) => {
    const { incident } = harmed;
    return [
      heading(3, `${incident.region}: ${incident.instance}`),
      ...downSurfaces(harmed).flatMap((surface) =>
        surface.down.flatMap((each) => down(it, harmed, { surface, each })),
      ),
      ...upSurfaces(harmed).map((surface) => up(it, harmed, surface)),
      ...unsure(harmed),
      ...(downSurfaces(harmed).length > 0
        ? []
        : [fillItem(`whether users of ${incident.instance} were affected: no probe failed there`)]),
    ];
  });
}

interface DownAt {
  readonly surface: SurfaceCourse;
  readonly each: DownCourse;
}

function down(it: Case, harmed: Harmed, { surface, each }: DownAt): readonly Part[] {
  const { first, failing, passed, before } = each;
  const about = says`Surface ${word(first, "/event/note/surface")} of ${instanceIn(first)} (${regionOf(it, harmed.incident.region)})`;
  const from = says`${about} was down from ${when(first, harmed)}`;
  const failingOf = (record: (typeof failing)[number]): typeof failing =>
    failing.filter(({ event }) => event.note.probe === record.event.note.probe);
  const probes = new Map(failing.map((record) => [record.event.note.probe, record]));
  const parts: Part[] = [];
  if (passed === null) parts.push(item(says`${from} on; no answer that passed is in the journal.`));
  else {
    const ms = span(first, passed);
    const long = ms === null ? says`` : says`, for ${ms}`;
    parts.push(item(says`${from} to ${when(passed, harmed)}${long}, as far as it was asked.`));
  }
  for (const record of probes.values())
    parts.push(
      item(
        says`Probe ${word(record, "/event/note/probe")} saw it in ${count(failingOf(record))} failing ${plural(failingOf(record).length, "answer")}; at first: ${word(record, "/event/note/because")}.`,
      ),
    );
  const known = harmed.began !== null && harmed.began.seq < first.seq ? harmed.began : before;
  if (known !== null)
    parts.push(
      item(
        says`Between ${when(known, harmed)} and the first failing answer nobody asked: it may have been down from then on.`,
      ),
    );
  if (surface.health.now !== "up")
    parts.push(
      fillItem(`when ${surface.health.surface} of ${harmed.incident.instance} is up again`),
    );
  return parts;
}

function up(it: Case, harmed: Harmed, surface: SurfaceCourse): Part {
  const answers = answersSince(harmed, surface);
  const [first] = answers;
  const last = answers.at(-1)!;
  const about = says`Surface ${word(first!, "/event/note/surface")} of ${instanceIn(first!)} (${regionOf(it, harmed.incident.region)})`;
  return item(
    says`${about} was up each time that it was asked: ${count(answers)} ${plural(answers.length, "answer")} passed, the first at ${when(first!, harmed)}, the last at ${when(last, harmed)}.`,
  );
}

/** Surfaces that were neither seen down nor always up. */
function unsure(harmed: Harmed): readonly Part[] {
  const known = new Set([...downSurfaces(harmed), ...upSurfaces(harmed)]);
  return harmed.surfaces
    .filter((surface) => !known.has(surface))
    .flatMap((surface): readonly Part[] => {
      const { surface: name } = surface.health;
      const { instance } = harmed.incident;
      const error = answersSince(harmed, surface).find(({ event }) => event.note.is === "error");
      if (error === undefined)
        return [
          fillItem(`how surface ${name} of ${instance} fared: nobody asked after the step began`),
        ];
      return [
        item(
          says`Probe ${word(error, "/event/note/probe")} could not tell how surface ${word(error, "/event/note/surface")} of ${instanceIn(error)} was at ${when(error, harmed)}: ${word(error, "/event/note/because")}.`,
        ),
        fillItem(`how surface ${name} of ${instance} fared meanwhile`),
      ];
    });
}

function found(it: Case, harmed: Harmed): readonly Part[] {
  const { instance } = harmed.incident;
  const by = foundBy(it, harmed);
  const { began, detected } = harmed;
  if (by === null || detected === null)
    return [fillItem(`how the trouble on ${instance} was found`)];
  const parts: Part[] = [item(says`It was found by ${by}, at ${when(detected, harmed)}.`)];
  if (began === null) {
    parts.push(fillItem(`when the trouble on ${instance} began: no step of the rollout began it`));
    return parts;
  }
  parts.push(item(says`${stepBegan(it, harmed)}.`));
  const ms = span(began, detected);
  parts.push(
    ms === null
      ? fillItem(`the time to detect on ${instance}: the clock of the journal was put back`)
      : item(says`Time to detect on ${instanceIn(detected)}: ${ms}, from the begin of the step.`),
  );
  return parts;
}

/** `On cn01 step 2 "clear" began at …`; only where `began` is known. */
export function stepBegan(it: Case, harmed: Harmed): Sentence {
  const { began } = harmed;
  if (began === null || !isNote(began, "step.started")) throw new Error("no step began it");
  return says`On ${instanceIn(began)} ${stepIn(it, began)} began at ${when(began, harmed)}`;
}

function restored(it: Case, harmed: Harmed): readonly Part[] {
  const { incident, verified, detected } = harmed;
  const parts: Part[] = [];
  for (const record of harmed.recoveries) {
    const end = record.event.note.verified ? says`was verified` : says`could NOT be verified`;
    parts.push(
      item(
        says`The declared recovery of "${word(record, "/event/note/path")}" ran on ${instanceIn(record)} and ${end}, by ${when(record, harmed)}.`,
      ),
    );
  }
  for (const record of harmed.fired) {
    const end = record.event.note.complete
      ? says``
      : says`, but it was ended before it had done everything`;
    parts.push(
      item(
        says`The guard of ${instanceIn(record)} put back ${number(record, "/event/note/restored")} ${plural(record.event.note.restored, "entry", "entries")} by itself${end}; the journal heard of it at ${when(record, harmed)}.`,
      ),
    );
  }
  const entries = harmed.restored.filter(({ event }) => event.note.restored > 0);
  const [first] = entries;
  if (first !== undefined)
    parts.push(
      item(
        says`Put back from snapshots on ${instanceIn(first)}: ${sum(entries, "/event/note/restored")} ${plural(
          entries.reduce((all, { event }) => all + event.note.restored, 0),
          "entry",
          "entries",
        )}, by ${when(entries.at(-1)!, harmed)}.`,
      ),
    );
  for (const record of harmed.restored.filter(({ event }) => event.note.conflicts.length > 0))
    parts.push(
      item(
        says`On ${instanceIn(record)} something else stood in the way, and was left alone: "${word(record, "/event/note/conflicts/0")}" (the record names all).`,
      ),
    );
  const [undone] = harmed.reverted;
  if (undone !== undefined)
    parts.push(
      item(
        says`Taken back on ${instanceIn(undone)}, newest first: ${count(harmed.reverted)} ${plural(harmed.reverted.length, "step")}.`,
      ),
    );
  if (verified !== null && incident.asBefore) {
    parts.push(
      item(
        says`Content and health of ${instanceIn(verified)} were confirmed to be as before, at ${when(verified, harmed)}.`,
      ),
    );
    const ms = detected === null ? null : span(detected, verified);
    if (ms !== null)
      parts.push(
        item(says`Time to recover on ${instanceIn(verified)}: ${ms}, from when it was found.`),
      );
  } else
    parts.push(
      fillItem(
        `when ${incident.instance} is as it should be: the journal does not say that content and health are as before (${ending(incident.done)})`,
      ),
    );
  return parts;
}

function ending(done: readonly string[]): string {
  return done.at(-1) ?? "nothing is known of it";
}

/** Instances that were only taken back with the others, and are as before. */
function takenBack(it: Case): readonly Part[] {
  const names = new Set(it.takenBack.map(({ instance }) => instance));
  const verified = new Map(
    outcomes(it.records, "verify").flatMap((record) =>
      record.event.kind === "outcome" && names.has(record.event.action.instance)
        ? [[record.event.action.instance, record] as const]
        : [],
    ),
  );
  const last = [...verified.values()].toSorted((a, b) => a.seq - b.seq).at(-1);
  if (last === undefined) return [];
  const many = says`${count([...verified.values()])} more ${plural(verified.size, "instance")}`;
  return [
    item(
      says`Taken back with them, with nothing wrong there: ${many}, confirmed to be as before by ${when(last, null)}.`,
    ),
  ];
}

function unknown(it: Case): readonly Part[] {
  const parts: Part[] = [
    fillItem("how many users and customers were affected, and what they saw"),
    fillItem("what became of requests and jobs that were under way"),
  ];
  for (const harmed of it.harmed) {
    const { instance, failure } = harmed.incident;
    if (failure.code === "REGENERATION_LATE")
      parts.push(fillItem(`why ${instance} did not make again by itself what was gone`));
    const record = anyRecordOf(harmed);
    if (harmed.incident.as === "unknown" && record !== null)
      parts.push(
        item(says`What the last command on ${instanceIn(record)} did could not be found out.`),
        fillItem(`in which state ${instance} is`),
      );
  }
  const losses = it.records.filter(
    (record) => isNote(record, "snapshot.taken") && record.event.note.losses.length > 0,
  );
  const harmedNames = new Set(it.harmed.map(({ incident }) => incident.instance));
  for (const record of losses) {
    if (!isNote(record, "snapshot.taken") || !harmedNames.has(record.event.note.instance)) continue;
    parts.push(
      item(
        says`The snapshot on ${instanceIn(record)} could not hold everything: ${word(record, "/event/note/losses/0")}.`,
      ),
    );
  }
  if (it.interim) parts.push(fillItem("whatever happens after the last record"));
  return parts;
}
