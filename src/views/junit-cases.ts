import { type InstanceState, needsPerson, type RolloutState } from "../core/state.ts";
import type { JournalRecord } from "../ports/journal.ts";
import type { Incident } from "./incidents.ts";
import type { CaseEnd, JunitCase, JunitSuite } from "./junit.ts";
import type { Summary } from "./summary.ts";
import { usersWords } from "./surfaces.ts";
import { msBetween } from "./times.ts";

/**
 * A rollout as test suites: one for each region, with cases for preflight, every step and the end of
 * each of its instances, and a last one for the rollout itself. That one passes only with exit 0, so
 * no file is all green where the command was not.
 */
export function rolloutSuites(
  state: RolloutState,
  records: readonly JournalRecord[],
  summary: Summary,
): readonly JunitSuite[] {
  const took = timesOf(records);
  const incidents = new Map(summary.incidents.map((it) => [it.instance, it]));
  const began = summary.startedAt ?? new Date(0).toISOString();
  const regions = state.itinerary.regions.map((region): JunitSuite => {
    const members = region.batches.flatMap((batch) => batch.instances);
    const started = records.find(
      ({ event }) => event.kind === "region-started" && event.region === region.name,
    );
    return {
      name: region.name,
      at: started?.at ?? began,
      cases: members.flatMap((name) => {
        const it = state.instances.get(name);
        return it === undefined
          ? []
          : casesOf(it, { state, incident: incidents.get(name) ?? null, took });
      }),
    };
  });
  return [...regions, { name: "rollout", at: began, cases: [outcomeCase(state, summary)] }];
}

/** Where there is no rollout: it was refused before it began. */
export function refusalSuites(
  at: string,
  type: string,
  [message, ...lines]: readonly string[],
): readonly JunitSuite[] {
  const end = { is: "failure", type, message: message ?? "refused", lines } as const;
  return [{ name: "rollout", at, cases: [{ of: "handrail", name: "outcome", ms: 0, end }] }];
}

interface Around {
  readonly state: RolloutState;
  readonly incident: Incident | null;
  readonly took: ReadonlyMap<string, number>;
}

function casesOf(it: InstanceState, { state, incident, took }: Around): readonly JunitCase[] {
  const { steps } = state.itinerary.plan;
  const troubleAt = troublePlace(it, steps.length);
  const told = incident === null ? null : trouble(it, incident);
  const made = (name: string, place: number, key: string): JunitCase => ({
    of: `${it.region}.${it.name}`,
    name,
    ms: took.get(`${it.name}/${key}`) ?? 0,
    end: endAt(it, { place, last: steps.length, troubleAt, told, state }),
  });
  return [
    made("preflight", -1, "preflight"),
    ...steps.map(({ name }, index) => made(`${index + 1} ${name}`, index, `step ${index}`)),
    made("end", steps.length, "end"),
  ];
}

interface Place {
  /** -1: preflight; an index in the plan; the number of steps: the end. */
  readonly place: number;
  readonly last: number;
  /** Where it went wrong; null: nowhere. */
  readonly troubleAt: number | null;
  readonly told: CaseEnd | null;
  readonly state: RolloutState;
}

function endAt(it: InstanceState, { place, last, troubleAt, told, state }: Place): CaseEnd {
  if (state.closed === "undone") return undone(it, { place, last, told });
  if (it.phase === "sealed") return { is: "passed" };
  if (troubleAt === null || told === null) return underWay(it, place);
  if (place === troubleAt) return told;
  if (place > troubleAt) {
    // What went wrong on the way back is a second thing that went wrong.
    return place === last && needsPerson(it)
      ? wayBack(it, told)
      : { is: "skipped", because: "not reached" };
  }
  if (place < 0 || it.rollbacks === 0) return { is: "passed" };
  const end = needsPerson(it) ? "and the way back did not end well" : "and taken back";
  return { is: "skipped", because: `done, ${end}` };
}

function undone(
  it: InstanceState,
  { place, last, told }: Omit<Place, "state" | "troubleAt">,
): CaseEnd {
  if (!wasTouched(it)) return { is: "skipped", because: "not touched" };
  if (place < 0) return { is: "passed" };
  if (place < last) return { is: "skipped", because: "taken back, as was asked for" };
  if (it.phase === "rolled-back") return { is: "passed" };
  return (
    told ?? { is: "failure", type: it.phase, message: `${it.name} is not as before`, lines: [] }
  );
}

function underWay(it: InstanceState, place: number): CaseEnd {
  if (it.phase === "unchecked" || (it.touched === 0 && place >= 0))
    return { is: "skipped", because: "not touched" };
  return place < it.step ? { is: "passed" } : { is: "skipped", because: "not done yet" };
}

/** Before everything, at a step, or at the end. */
function troublePlace(it: InstanceState, steps: number): number | null {
  if (it.bad === null && it.doubt === null) return null;
  if (it.bad !== null && it.bad.step !== null) return it.bad.step;
  if (!wasTouched(it)) return -1;
  return it.bad === null ? Math.min(it.step, steps) : steps;
}

/** What went wrong there, with the same story. */
function wayBack(it: InstanceState, told: CaseEnd): CaseEnd {
  if (it.doubt === null || told.is === "passed" || told.is === "skipped") return told;
  return { ...told, type: it.doubt.code, message: it.doubt.message };
}

/** Its steps are counted down again as they are taken back. */
function wasTouched(it: InstanceState): boolean {
  return it.touched > 0 || it.rollbacks > 0;
}

function trouble(it: InstanceState, incident: Incident): CaseEnd {
  const { failure, done, surfaces, as } = incident;
  // Neither good nor bad, or nobody knows: a person must look before it is called a failure.
  const open = as === null || as === "unknown" || it.phase === "unknown";
  const detail = failure.detail === undefined ? [] : [failure.detail];
  return {
    is: open ? "error" : "failure",
    type: failure.code,
    message: failure.message,
    lines: [...detail, ...done, `users: ${usersWords(surfaces)}`, `next: ${failure.hint}`],
  };
}

function outcomeCase({ itinerary, halt }: RolloutState, summary: Summary): JunitCase {
  const { outcome, exit, rollout, next, tookMs } = summary;
  const why = halt === null || outcome === "sealed" ? "" : `: ${halt.sentence}`;
  const end: CaseEnd =
    exit === 0
      ? { is: "passed" }
      : {
          is: "failure",
          type: outcome,
          message: `${rollout} ended with exit ${exit}, ${outcome}${why}`,
          lines: next.map((it) => `next: ${it.command}  (${it.why})`),
        };
  return { of: itinerary.plan.name, name: "outcome", ms: tookMs ?? 0, end };
}

/** Milliseconds that were spent, by instance and case. */
function timesOf(records: readonly JournalRecord[]): ReadonlyMap<string, number> {
  const begun = new Map<string, string>();
  const took = new Map<string, number>();
  for (const { at, event } of records) {
    if (event.kind !== "intent" && event.kind !== "outcome") continue;
    const { action } = event;
    const key = `${action.instance}/${caseOf(action)}`;
    if (event.kind === "intent") begun.set(`${key}/${action.kind}`, at);
    else {
      const ms = msBetween(begun.get(`${key}/${action.kind}`) ?? null, at) ?? 0;
      took.set(key, (took.get(key) ?? 0) + ms);
    }
  }
  return took;
}

function caseOf(action: Extract<JournalRecord["event"], { kind: "intent" }>["action"]): string {
  if (action.kind === "preflight" || action.kind === "begin") return "preflight";
  return "step" in action ? `step ${action.step}` : "end";
}
