import type { ItineraryRegion } from "../../core/itinerary.ts";
import { instancesOf, type InstanceState, type RolloutState } from "../../core/state.ts";
import type { Evidence } from "../evidence.ts";
import type { Incident } from "../incidents.ts";
import { finding, lookOf } from "../instance-row.ts";
import type { Tone } from "../paint.ts";
import { phaseWords } from "../phase-words.ts";
import { regionRows } from "../region-rows.ts";
import { surfacesOf } from "../surfaces.ts";
import { groupLook, isUntouched } from "../tree-model.ts";
import type { TreeLook } from "../tree-row.ts";
import { clipped } from "../wording.ts";
import type { Lane, PictureRegion, Span } from "./picture.ts";
import type { Course } from "./spans.ts";
import { scaleOver } from "./time-scale.ts";

export interface RegionsQuestion {
  readonly courses: ReadonlyMap<string, Course>;
  readonly pauses: ReadonlyMap<string, readonly Span[]>;
  readonly sealed: ReadonlyMap<string, number>;
  readonly evidence: ReadonlyMap<string, Evidence>;
  readonly incidents: readonly Incident[];
  /** Until when what goes on is drawn. */
  readonly nowMs: number;
  readonly ended: boolean;
}

interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Instances that are drawn, of all regions; further ones are counted, those in trouble last. */
const lanesMax = 2_000;
/** Characters of what was found on one instance. */
const findingMax = 400;

/** The regions in rollout order, each with the time in which it was worked on. */
export function pictureRegions(
  state: RolloutState,
  question: RegionsQuestion,
): readonly { readonly region: PictureRegion; readonly work: readonly Stretch[] }[] {
  const words = new Map(regionRows(state));
  const drawn = lanesDrawn(state);
  const incidents = new Map(question.incidents.map((it) => [it.instance, it]));
  return state.itinerary.regions.map((planned) => {
    const members = instancesOf(state, planned.name);
    const busy = members.flatMap((it) => question.courses.get(it.name)?.spans ?? []);
    const begun = busy.filter((it) => it.kind !== "preflight");
    const about = { state, question, incidents, begun: begun.length > 0 };
    const lanes = new Map(
      members.filter((it) => drawn.has(it.name)).map((it) => [it.name, laneOf(it, about)]),
    );
    const shown = begun.length > 0 ? begun : busy;
    const work = shown.map(({ fromMs, toMs }) => ({ fromMs, toMs: toMs ?? question.nowMs }));
    const region: PictureRegion = {
      name: planned.name,
      timezone: planned.timezone,
      words: words.get(planned.name) ?? "",
      look: regionLook(state, members, question),
      beganMs: leastOf(begun.map((it) => it.fromMs)),
      lastMs: mostOf(begun.map((it) => it.toMs ?? question.nowMs)),
      sealedMs: question.sealed.get(planned.name) ?? null,
      scale: scaleOver(work.filter((_, index) => shown[index]?.kind !== "wait")),
      waits: question.pauses.get(planned.name) ?? [],
      batches: batchesOf(planned, lanes),
      notDrawn: members.length - lanes.size,
    };
    return { region, work: work.filter((_, index) => shown[index]?.kind !== "wait") };
  });
}

function leastOf(all: readonly number[]): number | null {
  return all.length === 0 ? null : all.reduce((least, it) => Math.min(least, it));
}

function mostOf(all: readonly number[]): number | null {
  return all.length === 0 ? null : all.reduce((most, it) => Math.max(most, it));
}

function regionLook(
  state: RolloutState,
  members: readonly InstanceState[],
  { ended }: RegionsQuestion,
): TreeLook {
  if (!members.every(isUntouched)) return groupLook(members, { ended });
  if (members.some((it) => it.phase === "unfit")) return "bad";
  return state.closed !== null || state.halt !== null ? "skipped" : "waiting";
}

function batchesOf(
  planned: ItineraryRegion,
  lanes: ReadonlyMap<string, Lane>,
): PictureRegion["batches"] {
  return planned.batches.map((batch, index) => ({
    number: index + 1,
    instances: batch.instances.length,
    maxBad: batch.maxBad,
    lanes: batch.instances.flatMap((name) => lanes.get(name) ?? []),
  }));
}

/** All, or where they are too many those in trouble, and then the first ones. */
function lanesDrawn(state: RolloutState): ReadonlySet<string> {
  const all = [...state.instances.values()];
  const trouble = all.filter((it) => it.bad !== null || it.doubt !== null);
  return new Set([...trouble, ...all].slice(0, lanesMax).map((it) => it.name));
}

function laneOf(
  it: InstanceState,
  {
    state,
    question,
    incidents,
    begun,
  }: {
    readonly state: RolloutState;
    readonly question: RegionsQuestion;
    readonly incidents: ReadonlyMap<string, Incident>;
    /** More than preflight was done in its region, and preflight was long before that. */
    readonly begun: boolean;
  },
): Lane {
  const course = question.courses.get(it.name);
  const spans = (course?.spans ?? []).filter((span) => !begun || span.kind !== "preflight");
  const found = finding(it);
  const steps = state.itinerary.plan.steps.map((step) => step.name);
  const incident = incidents.get(it.name);
  // What failed for a moment on an instance that is good is told, and is no alarm.
  const mild = it.bad === null && it.doubt === null;
  return {
    instance: it.name,
    look: lookOf(it, { ended: question.ended, halted: state.halt !== null }),
    words: isUntouched(it) && state.halt !== null ? "not touched" : phaseWords(it, steps),
    finding: found === null ? null : clipped(found, findingMax),
    spans: [...spans, ...harm(incident)]
      .map((span) => (mild ? softened(span) : span))
      .sort((a, b) => a.fromMs - b.fromMs),
    spansCut: course?.spansCut ?? 0,
    marks: (course?.marks ?? []).map((mark) => (mild ? softened(mark) : mark)),
    surfaces: surfacesOf(question.evidence.get(it.name)?.probes ?? []),
  };
}

function softened<Drawn extends { readonly tone: Tone }>(drawn: Drawn): Drawn {
  return drawn.tone === "bad" ? { ...drawn, tone: "warning" } : drawn;
}

/** From the first sign until content and health were seen to be as before; null: still. */
function harm(incident: Incident | undefined): readonly Span[] {
  if (incident === undefined || incident.detectedAt === null || incident.harmAt === null) return [];
  return [
    {
      kind: "harm",
      fromMs: Date.parse(incident.detectedAt),
      toMs: incident.recoveredAt === null ? null : Date.parse(incident.recoveredAt),
      text: `not as before: ${incident.failure.message}`,
      tone: "bad",
    },
  ];
}
