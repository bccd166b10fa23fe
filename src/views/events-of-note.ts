import type { Finding, Note } from "../core/event.ts";
import { instanceOf, type RolloutState } from "../core/state.ts";
import { type About, publicFailure, stepOf } from "./event-facts.ts";
import type { PublicEvent, PublicEventOf } from "./public-events.ts";

/** What a fact from inside an action says to the world outside; marks say nothing. */
export function eventsOfNote(
  note: Note,
  about: About,
  state: RolloutState,
): readonly PublicEvent[] {
  const { region } = instanceOf(state, note.instance);
  const host = note.host === undefined ? {} : { host: note.host };
  const on = { ...about, region, instance: note.instance, ...host };
  switch (note.kind) {
    case "snapshot.taken": {
      const { kind: type, entries, bytes, durationMs } = note;
      const losses = [...note.losses];
      return [{ type, ...on, ...stepOf(state, note.step), entries, bytes, durationMs, losses }];
    }
    case "step.started": {
      const { kind: type, attempt } = note;
      return [{ type, ...on, ...stepOf(state, note.step), attempt }];
    }
    case "step.finished": {
      const { kind: type, attempt, exitCode, timedOut, durationMs, output } = note;
      const ended = { attempt, exitCode, timedOut, durationMs, output };
      return [{ type, ...on, ...stepOf(state, note.step), ...ended }];
    }
    case "verdict": {
      const { is, counts } = note.verdict;
      const findings = note.verdict.findings.map(publicFinding);
      const verdict = { is, findings, counts: { ...counts } };
      return [{ type: "verdict", ...on, ...stepOf(state, note.step), ...verdict }];
    }
    case "probe": {
      const { kind: type, probe, surface, is, because, tookMs } = note;
      return [{ type, ...on, probe, surface, is, because, tookMs, while: note.while }];
    }
    case "recovery": {
      const { kind: type, path, verified } = note;
      return [{ type, ...on, ...stepOf(state, note.step), path, did: [...note.did], verified }];
    }
    case "restored": {
      const { kind: type, restored } = note;
      const conflicts = [...note.conflicts];
      return [{ type, ...on, ...stepOf(state, note.step), restored, conflicts }];
    }
    case "retrying": {
      const { kind: type, what, inMs } = note;
      return [{ type, ...on, what, failure: publicFailure(note.failure), inMs }];
    }
    case "remark":
      return [{ type: "remark", ...on, text: note.text }];
    case "mark":
      return [];
  }
}

function publicFinding(finding: Finding): PublicEventOf<"verdict">["findings"][number] {
  const { path, policy, code, message, count } = finding;
  const examples = finding.examples.map((it) => ({
    path: it.path,
    class: it.class,
    size: it.size,
  }));
  return { path, policy, code, message, count, examples };
}
