import type { RolloutState } from "../core/state.ts";
import type { JournalRecord } from "../ports/journal.ts";
import type { JunitSuite } from "./junit.ts";
import { rolloutSuites } from "./junit-cases.ts";
import { rolloutMarkdown } from "./rollout-markdown.ts";
import type { Summary } from "./summary.ts";

/** What a command came to, in the forms that CI servers show. */
export interface CiReport {
  readonly suites: readonly JunitSuite[];
  /** Paragraphs, the most important first. */
  readonly markdown: readonly string[];
  readonly annotations: readonly Annotation[];
  /** Values for later steps of a job: `exit-code`, `outcome`, `digest`, `rollout`. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** A remark that a server puts beside the job, or beside a line of a file. */
export interface Annotation {
  readonly level: "error" | "warning";
  readonly title: string;
  readonly message: string;
  /** As the person named it; absent: it belongs to no file. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

/** GitHub shows ten of each level and step: one is for the rollout itself. */
const incidentsMax = 9;

/** A rollout that ended, paused or was interrupted. `program`: how handrail is called here. */
export function rolloutReport(
  state: RolloutState,
  records: readonly JournalRecord[],
  { summary, program }: { readonly summary: Summary; readonly program: string },
): CiReport {
  return {
    suites: rolloutSuites(state, records, summary),
    markdown: rolloutMarkdown(state, summary, program),
    annotations: rolloutAnnotations(state, summary),
    outputs: {
      "exit-code": String(summary.exit),
      outcome: summary.outcome,
      digest: state.itinerary.digest,
      rollout: summary.rollout,
    },
  };
}

function rolloutAnnotations(state: RolloutState, summary: Summary): readonly Annotation[] {
  const { exit, outcome, rollout, incidents, next } = summary;
  if (exit === 0) return [];
  const level: Annotation["level"] =
    outcome === "halted" || outcome === "refused" ? "error" : "warning";
  const why = state.halt === null ? "" : `: ${state.halt.sentence}`;
  const [first] = next;
  const then = first === undefined ? "" : `. Next: ${first.command} (${first.why})`;
  return [
    { level, title: `Rollout ${outcome}`, message: `${rollout}, exit ${exit}${why}${then}` },
    ...incidents.slice(0, incidentsMax).map(({ instance, region, as, failure }) => ({
      level,
      title: `${instance} (${region}): ${as ?? "neither good nor bad"}`,
      message: `${failure.message}. ${failure.hint}`,
    })),
  ];
}
