import type { Finding, Note, TreeEffects } from "../core/event.ts";
import type { Comparison } from "../core/metric-note.ts";
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
      const taken = { entries, bytes, durationMs, losses: [...note.losses] };
      const added = note.added === undefined ? {} : { added: note.added };
      const drilled = note.drilled === undefined ? {} : { drilled: note.drilled };
      return [{ type, ...on, ...stepOf(state, note.step), ...taken, ...added, ...drilled }];
    }
    case "guard.armed": {
      const { kind: type, leaseMs } = note;
      return [{ type, ...on, ...stepOf(state, note.step), leaseMs }];
    }
    case "guard.disarmed": {
      const { kind: type, because } = note;
      return [{ type, ...on, ...stepOf(state, note.step), because }];
    }
    case "guard.fired": {
      const { kind: type, firedAt, complete, restored } = note;
      const paths = { conflicts: [...note.conflicts], failed: [...note.failed] };
      const fired = { firedAt, complete, restored, ...paths };
      return [{ type, ...on, ...stepOf(state, note.step), ...fired }];
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
      // Journals of 0.1 have none.
      const remarks = [...(note.verdict.remarks ?? [])];
      const trees = note.verdict.trees?.map((it) => publicTree(it, state));
      const verdict = {
        is,
        findings,
        counts: { ...counts },
        remarks,
        ...(trees === undefined ? {} : { trees }),
      };
      return [{ type: "verdict", ...on, ...stepOf(state, note.step), ...verdict }];
    }
    case "probe": {
      const { kind: type, probe, surface, is, because, tookMs } = note;
      return [{ type, ...on, probe, surface, is, because, tookMs, while: note.while }];
    }
    case "baseline": {
      const { metric, values, missed } = note;
      const told = { metric, values: [...values], ...(missed === undefined ? {} : { missed }) };
      return [{ type: "baseline.measured", ...on, ...told }];
    }
    case "bake.evidence": {
      const { kind: type, metric, seen, written: wanted, number, enough } = note;
      return [{ type, ...on, metric, seen, wanted, number, enough }];
    }
    case "baseline.compared":
      return [{ type: "baseline.compared", ...on, ...comparisonOf(note) }];
    case "control.compared": {
      const groups = { changed: { ...note.changed }, control: { ...note.control } };
      const batch = note.batch + 1;
      const instances = [...note.instances];
      const told = { batch, instances, ...comparisonOf(note), ...groups };
      return [{ type: "control.compared", ...about, region, ...told }];
    }
    case "recovery": {
      const { kind: type, path, verified } = note;
      return [{ type, ...on, ...stepOf(state, note.step), path, did: [...note.did], verified }];
    }
    case "restored": {
      const { kind: type, restored } = note;
      const paths = { conflicts: [...note.conflicts], setAside: [...(note.setAside ?? [])] };
      return [{ type, ...on, ...stepOf(state, note.step), restored, ...paths }];
    }
    case "bake.stage": {
      const { kind: type, stage, leftMs, ofMs } = note;
      const until = new Date(Date.parse(about.at) + leftMs).toISOString();
      return [{ type, ...on, stage, until, ofMs }];
    }
    case "retrying": {
      const { kind: type, what, inMs } = note;
      return [{ type, ...on, what, failure: publicFailure(note.failure), inMs }];
    }
    case "remark":
      return [{ type: "remark", ...on, text: note.text }];
    case "mark":
    case "host.facts":
      return [];
  }
}

function comparisonOf({ metric, mode, is, because, few, chance }: Comparison): Comparison {
  return { metric, mode, is, because, few, chance };
}

function publicTree(
  { protect, counts, notBack, backMs }: TreeEffects,
  state: RolloutState,
): NonNullable<PublicEventOf<"verdict">["trees"]>[number] {
  return {
    path: state.itinerary.plan.protect[protect]?.path ?? "?",
    counts: { ...counts },
    notBack,
    ...(backMs === undefined ? {} : { backMs }),
  };
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
