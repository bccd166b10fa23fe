import type { Note, RolloutEvent } from "../core/event.ts";
import { comparisonWords } from "./comparison-words.ts";
import { oneLine, printable } from "../core/printable.ts";
import type { RolloutState } from "../core/state.ts";
import type { JournalRecord } from "../ports/journal.ts";
import { decisionWords } from "./decision-words.ts";
import type { Incident } from "./incidents.ts";
import { emergencyRows } from "./emergency.ts";
import { regionRows } from "./region-rows.ts";
import { replay } from "./replay.ts";
import { summarise, type Summary, type SummaryOptions } from "./summary.ts";
import { usersWords } from "./surfaces.ts";
import { usersRows } from "./users.ts";
import { followTimeline } from "./timeline-words.ts";
import { duration } from "../core/duration-words.ts";
import { utcDate, utcDateTime, utcTime, zoneTime } from "./times.ts";
import { counted, size } from "./wording.ts";

/**
 * The record of a rollout in plain text with Markdown's headings: outcome, what went wrong, regions,
 * decisions, verdicts with their files, timeline. Everything in it is in the journal.
 */
export function reportText(
  state: RolloutState,
  records: readonly JournalRecord[],
  options: SummaryOptions = {},
): string {
  const summary = summarise(state, records, options);
  const lines = [
    `# Rollout ${summary.rollout}`,
    "",
    ...identity(summary, state, records),
    "",
    "## What went wrong",
    "",
    ...(summary.incidents.length === 0 ? ["Nothing."] : summary.incidents.flatMap(incident)),
    "",
    "## Users",
    "",
    ...orNone(usersRows(state, summary.evidence).map(([name, text]) => `- ${name}: ${text}`)),
    "",
    "## Regions",
    "",
    ...regionRows(state).map(([name, text]) => `- ${name}: ${text}`),
    "",
    "## Decisions",
    "",
    ...orNone(records.flatMap(({ at, event }) => decision(at, event))),
    "",
    "## Verdicts",
    "",
    ...verdicts(state, records),
    "",
    ...comparisons(records),
    "## Timeline (UTC)",
    "",
    ...timeline(records),
  ];
  return lines.map((line) => `${printable(line)}\n`).join("");
}

function orNone(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? ["None."] : lines;
}

function identity(
  summary: Summary,
  state: RolloutState,
  records: readonly JournalRecord[],
): readonly string[] {
  const { plan, digest, inventory } = state.itinerary;
  const opened = records.find(({ event }) => event.kind === "opened")?.event;
  const by = opened?.kind === "opened" ? `${opened.by}, with handrail ${opened.tool}` : "not known";
  return [
    `- outcome: ${summary.outcome}${summary.outcome === "running" ? "" : ` (exit ${summary.exit})`}`,
    ...(state.halt === null ? [] : [`- rule: ${state.halt.sentence}`]),
    `- plan: ${plan.name}${plan.summary === "" ? "" : `: ${oneLine(plan.summary)}`}`,
    `- digest: ${digest}`,
    `- inventory: ${inventory.name}${inventory.production ? " (production)" : ""}`,
    `- by: ${by}`,
    ...emergencyRows(state, records).map((text) => `- EMERGENCY: ${text}`),
    ...(summary.startedAt === null ? [] : [`- begun: ${utcDateTime(summary.startedAt)}`]),
    ...(summary.lastAt === null ? [] : [`- last record: ${utcDateTime(summary.lastAt)}`]),
    ...(summary.durationMs === null ? [] : [`- duration: ${duration(summary.durationMs)}`]),
    ...[...summary.fates].map(
      ([fate, names]) => `- ${fate}: ${names.length} (${names.join(", ")})`,
    ),
  ];
}

function incident(it: Incident): readonly string[] {
  const when = (name: string, at: string | null, ms: number | null): readonly string[] => {
    if (at === null) return [];
    const local = zoneTime(at, it.timezone);
    const after = ms === null ? "" : `, after ${duration(ms)}`;
    return [`- ${name}: ${utcDateTime(at)}${local === null ? "" : ` (${local})`}${after}`];
  };
  const step = it.step === null ? "" : ` at step ${it.step.number} "${it.step.name}"`;
  return [
    `### ${it.instance} (${it.region}): ${it.as ?? "inconclusive"}${step}`,
    "",
    `${it.failure.code}: ${it.failure.message}`,
    "",
    ...when("step began", it.harmAt, null),
    ...when("detected", it.detectedAt, it.timeToDetectMs),
    ...when("recovered", it.recoveredAt, it.timeToRecoverMs),
    ...it.done.map((each) => `- done: ${each}`),
    `- users: ${usersWords(it.surfaces, it.timezone)}`,
    `- hint: ${it.failure.hint}`,
    ...((it.failure.detail ?? "").trim() === "" ? [] : ["", ...quoted(it.failure.detail ?? "")]),
    "",
  ];
}

function quoted(text: string): readonly string[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => `    ${line}`);
}

function decision(at: string, event: RolloutEvent): readonly string[] {
  if (event.kind !== "asked") return [];
  const reason = event.reason === "" ? "" : `: ${oneLine(event.reason)}`;
  return [`- ${utcDateTime(at)} ${event.by}: ${decisionWords(event.wish)}${reason}`];
}

/** Told only where the plan compares something. */
function comparisons(records: readonly JournalRecord[]): readonly string[] {
  const told = records.flatMap(({ at, event }) => compared(at, event));
  return told.length === 0 ? [] : ["## Comparisons", "", ...told, ""];
}

/** Every verdict on a metric, also what decided nothing. */
function compared(at: string, event: RolloutEvent): readonly string[] {
  if (event.kind !== "noted") return [];
  const { note } = event;
  if (note.kind !== "control.compared" && note.kind !== "baseline.compared") return [];
  const who =
    note.kind === "control.compared"
      ? `${note.instances.join(", ")} against ${counted(note.control.instances, "instance")} not yet changed`
      : `${note.instance} against itself before`;
  return [`- ${utcDateTime(at)} ${who}: ${note.is}: ${comparisonWords(note)}`];
}

/** Those that found something, whole; the others are counted here, and one word in the timeline. */
function verdicts(state: RolloutState, records: readonly JournalRecord[]): readonly string[] {
  const told = records.flatMap(({ at, event }) => verdict(at, event, state));
  // A runner that takes over may judge what was judged before it: that is one verdict still.
  const clean = new Set(
    records.flatMap(({ seq, event }) => {
      if (event.kind !== "noted" || event.note.kind !== "verdict") return [];
      const { instance, host, step, attempt, verdict: said } = event.note;
      if (said.findings.length > 0) return [];
      return [JSON.stringify([instance, host, step, attempt ?? seq])];
    }),
  ).size;
  const rest = `${counted(clean, "verdict")} found nothing: every contract was kept.`;
  if (clean === 0) return orNone(told);
  return told.length === 0 ? [rest] : [...told, "", rest];
}

function verdict(at: string, event: RolloutEvent, state: RolloutState): readonly string[] {
  if (event.kind !== "noted" || event.note.kind !== "verdict") return [];
  const { note } = event;
  if (note.verdict.findings.length === 0) return [];
  const step = state.itinerary.plan.steps[note.step]?.name ?? "?";
  const where = note.host === undefined ? note.instance : `${note.instance} on ${note.host}`;
  return [
    `- ${utcDateTime(at)} ${where}, step ${note.step + 1} "${step}": ${note.verdict.is}`,
    ...note.verdict.findings.flatMap(finding),
  ];
}

function finding(it: Extract<Note, { kind: "verdict" }>["verdict"]["findings"][number]): string[] {
  const more = it.count - it.examples.length;
  return [
    `  - ${it.code}: ${oneLine(it.message)}`,
    ...it.examples.map(
      ({ path, class: what, size: bytes }) => `    - ${what} ${path} (${size(bytes)})`,
    ),
    ...(more > 0 ? [`    - and ${counted(more, "more path")}`] : []),
  ];
}

function timeline(records: readonly JournalRecord[]): readonly string[] {
  const lines: string[] = [];
  const wordsOf = followTimeline();
  let date = "";
  for (const told of replay(records)) {
    const { at } = told.record;
    for (const words of wordsOf(told)) {
      if (utcDate(at) !== date) {
        date = utcDate(at);
        lines.push(`- ${date}`);
      }
      lines.push(`- ${utcTime(at)} ${words.who}: ${words.text}`);
    }
  }
  return lines;
}
