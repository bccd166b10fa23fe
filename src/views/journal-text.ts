import { numberText } from "../core/evidence.ts";
import type { Action } from "../core/action.ts";
import type { Note, RolloutEvent } from "../core/event.ts";
import { durationText } from "../core/plan/durations.ts";
import { oneLine } from "../core/printable.ts";
import type { JournalRecord } from "../ports/journal.ts";
import { utcDate } from "./times.ts";

/** Characters of one line: the journal is looked through, not read word by word. */
const lineMax = 400;

/** The journal as it is, one line per record: number, time in UTC, kind, and what it is about. */
export function journalText(records: readonly JournalRecord[]): string {
  const width = String(records.at(-1)?.seq ?? 0).length;
  return records
    .map(({ seq, at, event }) => {
      const when = `${utcDate(at)} ${at.slice(11)}`;
      const said = oneLine(about(event), { max: lineMax });
      return `${String(seq).padStart(width)}  ${when}  ${event.kind.padEnd(16)}  ${said}`.trimEnd();
    })
    .map((line) => `${line}\n`)
    .join("");
}

function about(event: RolloutEvent): string {
  switch (event.kind) {
    case "opened":
      return `${event.itinerary.rollout} by ${event.by} with handrail ${event.tool}`;
    case "taken-up":
      return `epoch ${event.epoch} by ${event.runner}`;
    case "intent":
    case "forgotten":
      return actionWords(event.action);
    case "outcome": {
      const { outcome } = event;
      const why =
        outcome.is === "done" ? "" : ` ${outcome.failure.code}: ${outcome.failure.message}`;
      return `${actionWords(event.action)}: ${outcome.is}${why}`;
    }
    case "noted":
      return noted(event.note);
    case "outliers-found":
      return event.outliers.map(({ says }) => says).join("; ");
    case "order-decided":
      return event.regions
        .map(
          ({ region, batches }) =>
            `${region}: ${batches.map((it) => it.instances.join(", ")).join(" | ")}`,
        )
        .join("; ");
    case "preflight-passed":
      return "";
    case "region-started":
    case "region-sealed":
    case "approval-waiting":
      return event.region;
    case "approval-lapsed":
      return `${event.region}: ${event.people.join(", ")}`;
    case "window": {
      const until = event.until === null ? "" : ` until ${event.until}`;
      return `${event.region} ${event.open ? "open" : "closed"}${until}`;
    }
    case "batch-started":
    case "bake-started":
    case "bake-finished":
      return `${event.region} batch ${event.batch + 1}`;
    case "late-harm":
      return `${event.harm.instance}: ${event.harm.says}`;
    case "halting":
      return `${event.halt.rule}: ${event.halt.sentence}`;
    case "parked": {
      const { kind, ...rest } = event.why;
      return `${kind} ${Object.values(rest).flat().join(" ")}`;
    }
    case "asked": {
      const { kind, ...rest } = event.wish;
      const reason = event.reason === "" ? "" : `: ${event.reason}`;
      return `${kind} ${wish(rest)} by ${event.by}${reason}`;
    }
    case "closed":
      return event.outcome;
  }
}

/** Steps count from 1, as everywhere that people read. */
function actionWords(action: Action): string {
  const attempt = action.kind === "apply" ? `, attempt ${action.attempt}` : "";
  const step = "step" in action ? ` step ${action.step + 1}` : "";
  return `${action.instance} ${action.kind}${step}${attempt}`;
}

function wish(rest: Readonly<Record<string, unknown>>): string {
  return Object.entries(rest)
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" ");
}

function noted(note: Note): string {
  const where = note.host === undefined ? note.instance : `${note.instance}/${note.host}`;
  return `${where} ${note.kind} ${fact(note)}`;
}

function fact(note: Note): string {
  switch (note.kind) {
    case "snapshot.taken":
      return `step ${note.step + 1}: ${note.entries} entries, ${note.bytes} bytes`;
    case "guard.armed":
      return `step ${note.step + 1}: lease ${durationText(note.leaseMs)}`;
    case "guard.disarmed":
      return `step ${note.step + 1}: ${note.because}`;
    case "guard.fired":
      return `step ${note.step + 1}: at ${note.firedAt}, ${note.restored} entries put back${note.complete ? "" : ", NOT complete"}`;
    case "step.started":
      return `step ${note.step + 1}, attempt ${note.attempt}`;
    case "step.finished":
      return `step ${note.step + 1}: exit ${note.exitCode ?? "none"}${note.timedOut ? ", timed out" : ""}`;
    case "verdict":
      return `step ${note.step + 1}: ${note.verdict.is}`;
    case "probe":
      return `${note.probe} (${note.surface}) ${note.is} ${note.while}: ${note.because}`;
    case "recovery":
      return `${note.path}: ${note.did.join(", ")}${note.verified ? ", verified" : ""}`;
    case "restored":
      return `step ${note.step + 1}: ${note.restored} entries, ${note.conflicts.length} conflicts`;
    case "mark":
      return note.probe;
    case "bake.stage":
      return `${note.stage}, ${durationText(note.leftMs)} of ${durationText(note.ofMs)} left`;
    case "retrying":
      return `${note.what}: ${note.failure.message}`;
    case "baseline":
      return `${note.metric}: ${note.values.length} measurements`;
    case "bake.evidence":
      return `${note.metric} is ${numberText(note.seen)}: ${note.written}${note.enough ? ", enough" : ""}`;
    case "baseline.compared":
    case "control.compared":
      return `${note.metric} (${note.mode}): ${note.is}: ${note.because}`;
    case "host.facts":
      return `${note.facts.length} facts`;
    case "remark":
      return note.text;
  }
}
