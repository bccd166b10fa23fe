import { harmOf } from "../../core/did-harm.ts";
import type { Case, Harmed } from "./case.ts";
import {
  anyRecordOf,
  deletions,
  downSurfaces,
  foundBy,
  instanceIn,
  ranElsewhere,
  regionOf,
  stepIn,
  when,
  whileOthersAnswered,
} from "./claims.ts";
import { isOver, overSentence, trouble } from "./drafts.ts";
import { stepBegan } from "./facts-page.ts";
import { outcomes } from "./note-records.ts";
import { fill, fillItem, heading, item, type Page, type Part, statement, words } from "./page.ts";
import { count, inARow, number, plural, provedBy, says, word } from "./said.ts";
import { timeline } from "./timeline-page.ts";

/** Draft of the report on the root cause, in the sections that customers know. */
export function rootCauseReport(it: Case, note: Part): Page {
  return {
    file: "root-cause-report.md",
    parts: [
      heading(1, `Root cause analysis: draft, rollout ${it.summary.rollout}`),
      note,
      heading(2, "Introduction"),
      ...introduction(it),
      heading(2, "Event Timeline"),
      ...timeline(it, { brief: true }),
      heading(2, "Root Cause Analysis"),
      ...it.harmed.flatMap((harmed) => cause(it, harmed)),
      heading(2, "Technical Action Items and Preventive Measures"),
      ...measures(it),
      heading(2, "Customer Communication"),
      ...communication(),
    ],
  };
}

function introduction(it: Case): readonly Part[] {
  const { opened } = it;
  const plan = word(opened, "/event/itinerary/plan/name");
  const summary = it.state.itinerary.plan.summary;
  const what = summary === "" ? says`` : says` (${word(opened, "/event/itinerary/plan/summary")})`;
  return [
    statement(
      says`At ${when(opened, it.harmed[0] ?? null)} ${word(opened, "/event/by")} began to roll out "${plan}"${what}, rollout ${word(opened, "/event/itinerary/rollout")}.`,
    ),
    ...it.harmed.flatMap((harmed) =>
      isOver(harmed) ? [statement(overSentence(it, harmed))] : trouble(it, harmed),
    ),
    fill("what the service is, and which customers use the instances that are named here"),
  ];
}

function cause(it: Case, harmed: Harmed): readonly Part[] {
  const { incident, began, failed, verdicts } = harmed;
  const parts: Part[] = [heading(3, `${incident.region}: ${incident.instance}`)];
  if (began !== null) parts.push(statement(says`${stepBegan(it, harmed)}.`));
  const [ended] = harmed.ended;
  if (ended !== undefined && ended.event.note.exitCode !== null)
    parts.push(
      statement(
        says`Its command ended with exit code ${number(ended, "/event/note/exitCode")} at ${when(ended, harmed)}.`,
      ),
    );
  const proved = deletions(it, harmed);
  if (proved.length > 0) {
    const meanwhile = whileOthersAnswered(harmed);
    const answered = meanwhile === null ? says`` : says`, and ${meanwhile}`;
    parts.push(statement(says`${inARow(proved)}${answered}.`));
  }
  for (const record of verdicts)
    for (const [at, finding] of record.event.note.verdict.findings.entries()) {
      const place = `/event/note/verdict/findings/${at}`;
      const not =
        finding.notByStep === true
          ? says` The step itself could not write there: something that it set off did this, or someone else.`
          : says``;
      parts.push(
        statement(
          says`The verdict on ${stepIn(it, record)} on ${instanceIn(record)}, at ${when(record, harmed)}: ${word(record, `${place}/message`)} (${word(record, `${place}/code`)}).${not}`,
        ),
      );
    }
  for (const { down } of downSurfaces(harmed))
    for (const { first } of down)
      parts.push(
        statement(
          says`Probe ${word(first, "/event/note/probe")} on surface ${word(first, "/event/note/surface")} failed on ${instanceIn(first)} at ${when(first, harmed)}: ${word(first, "/event/note/because")}.`,
        ),
      );
  if (verdicts.length === 0 && failed !== null)
    parts.push(
      statement(
        says`What the journal has of it: ${word(failed, "/event/outcome/failure/message")} (${word(failed, "/event/outcome/failure/code")}), at ${when(failed, harmed)}.`,
      ),
    );
  const elsewhere = ranElsewhere(it, harmed);
  if (elsewhere !== null) parts.push(statement(elsewhere));
  const by = foundBy(it, harmed);
  if (by !== null) parts.push(statement(says`It was found by ${by}.`));
  return [...parts, ...openQuestions(harmed, proved.length > 0)];
}

function openQuestions(harmed: Harmed, proved: boolean): readonly Part[] {
  const { step, instance, failure } = harmed.incident;
  const questions: Part[] = [];
  if (!proved) questions.push(fillItem(`the cause on ${instance}: the journal does not prove one`));
  else if (step !== null)
    questions.push(fillItem(`why step ${step.number} "${step.name}" did this on ${instance}`));
  if (failure.code === "REGENERATION_LATE")
    questions.push(fillItem(`why ${instance} did not make again by itself what was gone`));
  return questions;
}

function measures(it: Case): readonly Part[] {
  const parts: Part[] = [];
  const harmful = it.harmed.find(({ incident }) => incident.failure.message === harmOf(it.state));
  if (harmful?.failed != null)
    parts.push(
      item(
        provedBy(
          says`The plan with digest ${word(it.opened, "/event/itinerary/digest")} did harm: Handrail refuses it until it changes.`,
          [harmful.failed.seq],
        ),
      ),
    );
  for (const harmed of it.harmed) {
    const { step } = harmed.incident;
    if (step !== null && deletions(it, harmed).length > 0)
      parts.push(
        fillItem(
          `correct step ${step.number} "${step.name}" so that it deletes nothing there: who, until when`,
        ),
      );
  }
  if (it.halted !== null)
    parts.push(
      item(
        says`The rollout was halted at ${when(it.halted, it.harmed[0] ?? null)}: ${word(it.halted, "/event/halt/sentence")}.`,
      ),
    );
  const sealed = new Set(it.summary.fates.get("sealed") ?? []);
  const baked = new Map(
    outcomes(it.records, "bake").flatMap((record) =>
      record.event.kind === "outcome" && sealed.has(record.event.action.instance)
        ? [[record.event.action.instance, record] as const]
        : [],
    ),
  );
  if (baked.size > 0)
    parts.push(
      item(
        says`${count([...baked.values()])} sealed ${plural(baked.size, "instance keeps", "instances keep")} the change.`,
      ),
      fillItem(
        `whether they shall keep it; ${it.program} undo ${it.summary.rollout} takes it back`,
      ),
    );
  for (const harmed of it.harmed.filter((each) => !isOver(each))) {
    const record = anyRecordOf(harmed);
    if (record === null) continue;
    parts.push(
      item(
        says`${instanceIn(record)} (${regionOf(it, harmed.incident.region)}) is not known to be as before.`,
      ),
      fillItem(`who sees to ${harmed.incident.instance}, and until when`),
    );
  }
  return [...parts, fillItem("what shall keep this from happening again: who, until when")];
}

function communication(): readonly Part[] {
  return [
    words("Drafts: status-page.md and customer-email.md, in this folder."),
    fillItem("when what was published on the status page"),
    fillItem("when which customers were written to"),
  ];
}
