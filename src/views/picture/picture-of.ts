import type { JournalRecord } from "../../ports/journal.ts";
import type { RolloutState } from "../../core/state.ts";
import { decisionWords } from "../decision-words.ts";
import { emergencyRows } from "../emergency.ts";
import { fateOrder, fateWords, whoAndWhere } from "../halt-panel.ts";
import { verdictOf } from "../headline.ts";
import type { ToldNotices } from "../notices-text.ts";
import { replay, type Replayed } from "../replay.ts";
import { type Fate, summarise, type Summary, type SummaryOptions } from "../summary.ts";
import { followTimeline } from "../timeline-words.ts";
import type { TreeLook } from "../tree-row.ts";
import { clipped } from "../wording.ts";
import type {
  Picture,
  PictureDecision,
  PictureHead,
  PictureRecord,
  RecordLine,
} from "./picture.ts";
import { planOutline } from "./plan-outline.ts";
import { followPauses } from "./pauses.ts";
import { pictureRegions } from "./regions.ts";
import { followSpans } from "./spans.ts";
import { surfaceCharts } from "./surface-charts.ts";
import { scaleOver } from "./time-scale.ts";
import { verdictFacts } from "./verdict-facts.ts";

export interface PictureOptions extends SummaryOptions {
  /** Milliseconds since 1970 until which what goes on is drawn; default: the last record. */
  readonly nowMs?: number;
  /** What was told to whom; default: nobody has looked. */
  readonly notices?: ToldNotices;
}

/** A journal that is followed: records as they come, and a picture whenever one is wanted. */
export interface Following {
  /** The next record, with the states around it. */
  observe(told: Replayed): void;
  /** null: nothing was observed yet. */
  picture(options?: PictureOptions): Picture | null;
}

/** The picture of a whole journal; null where it does not begin with its opening. */
export function pictureOf(
  records: readonly JournalRecord[],
  options: PictureOptions = {},
): Picture | null {
  const following = followPicture();
  for (const told of replay(records)) following.observe(told);
  return following.picture(options);
}

/** Stories that are told whole. */
const storiesMax = 40;
/** Further ones that are named. */
const moreStoriesMax = 500;
const decisionsMax = 500;
/** Lines of the record: the first ones, the last ones, and all in between that are not quiet. */
const linesMax = 1_500;

/** Follows a journal from its first record on. Costs as much per record as a live tree does. */
export function followPicture(): Following {
  const records: JournalRecord[] = [];
  const spans = followSpans();
  const pauses = followPauses();
  const wordsOf = followTimeline();
  const lines: RecordLine[] = [];
  let state: RolloutState | null = null;
  return {
    observe(told) {
      state = told.after;
      records.push(told.record);
      spans.observe(told);
      pauses.observe(told);
      const { seq, at } = told.record;
      for (const { who, text, tone } of wordsOf(told))
        lines.push({ seq, atMs: Date.parse(at), who, text: clipped(text, lineMax), tone });
    },
    picture(options = {}) {
      if (state === null) return null;
      const drawn = state;
      const summary = summarise(drawn, records, options);
      const lastMs = Date.parse(records.at(-1)?.at ?? "");
      const nowMs = drawn.closed === null ? (options.nowMs ?? lastMs) : lastMs;
      const regions = pictureRegions(drawn, {
        courses: spans.courses,
        pauses: pauses.byRegion,
        sealed: pauses.sealed,
        evidence: summary.evidence,
        incidents: summary.incidents,
        nowMs,
        ended: options.attended === false || drawn.closed !== null,
      });
      const scale = scaleOver(regions.flatMap((it) => it.work));
      const stories = summary.incidents.filter((it) => it.as !== "rolled back" || !it.asBefore);
      return {
        untilMs: nowMs,
        head: head(drawn, records, summary),
        stories: stories.slice(0, storiesMax),
        moreStories: stories.slice(storiesMax, storiesMax + moreStoriesMax),
        takenBackWith: summary.incidents
          .filter((it) => !stories.includes(it))
          .map((it) => it.instance),
        fates: fates(drawn, summary),
        scale,
        regions: regions.map((it) => it.region),
        pauses: pauses.all,
        surfaces: surfaceCharts(records, {
          scale,
          regionOf: (name) => drawn.instances.get(name)?.region ?? "",
          order: [...drawn.instances.keys()],
        }),
        verdicts: verdictFacts(drawn, records),
        decisions: records.flatMap(decision).slice(0, decisionsMax),
        notices: noticesOf(drawn, options.notices),
        plan: planOutline(drawn.itinerary),
        record: bounded(lines),
      };
    },
  };
}

/** Notices that are told. */
const noticesMax = 500;

function noticesOf({ itinerary }: RolloutState, told: ToldNotices | undefined): Picture["notices"] {
  if (told === undefined || itinerary.plan.notify.length === 0) return null;
  const rows = told.rows.slice(0, noticesMax);
  return { ...told, rows, more: told.rows.length - rows.length };
}

/** Characters of one line of the record. */
const lineMax = 800;

function head(
  state: RolloutState,
  records: readonly JournalRecord[],
  summary: Summary,
): PictureHead {
  const { plan, digest, inventory, rollout } = state.itinerary;
  const opened = records[0]?.event;
  const by = opened?.kind === "opened" ? opened : null;
  const zones = state.itinerary.regions.flatMap((it) => it.timezone ?? []);
  const { sign, word, tone, says } = verdictOf(summary, state);
  return {
    rollout,
    outcome: summary.outcome,
    exit: summary.outcome === "running" ? null : summary.exit,
    sign,
    word,
    tone,
    says,
    plan: plan.name,
    summary: plan.summary,
    digest,
    inventory: inventory.name,
    production: inventory.production,
    by: by?.by ?? null,
    tool: by?.tool ?? null,
    beganMs: ms(summary.startedAt),
    lastMs: ms(summary.lastAt),
    tookMs: summary.tookMs,
    timezones: [...new Set(zones)],
    rule: state.closed === "sealed" ? null : (state.halt?.sentence ?? null),
    stoppedBecause: summary.stoppedBecause,
    emergency: emergencyRows(state, records),
    instances: summary.instances,
    next: summary.next,
    records: records.length,
  };
}

function ms(at: string | null): number | null {
  return at === null ? null : Date.parse(at);
}

const fateLooks: Readonly<Record<Fate, TreeLook>> = {
  sealed: "good",
  "rolled back": "back",
  "rolled back, not verified": "bad",
  "rollback failed": "bad",
  left: "bad",
  unknown: "bad",
  unfit: "bad",
  inconclusive: "paused",
  asking: "paused",
  "under way": "running",
  "not touched": "skipped",
};

function fates(state: RolloutState, summary: Summary): Picture["fates"] {
  return fateOrder.flatMap((fate) => {
    const names = summary.fates.get(fate) ?? [];
    if (names.length === 0) return [];
    const who = whoAndWhere(names, state);
    const look = fateLooks[fate];
    return [{ fate, words: fateWords[fate], look, count: names.length, who }];
  });
}

function decision({ at, event }: JournalRecord): readonly PictureDecision[] {
  if (event.kind !== "asked") return [];
  const what = decisionWords(event.wish);
  return [{ atMs: Date.parse(at), by: event.by, what, reason: clipped(event.reason, lineMax) }];
}

/** The ends are kept, and what is no everyday line; of the rest as much as there is room for. */
function bounded(lines: readonly RecordLine[]): PictureRecord {
  if (lines.length <= linesMax) return { lines: [...lines], cut: 0 };
  const ends = linesMax / 4;
  const first = lines.slice(0, ends);
  const last = lines.slice(-ends);
  const middle = lines.slice(ends, -ends);
  const loud = middle.filter(({ tone }) => tone !== "plain" && tone !== "quiet");
  const kept = [...first, ...loud.slice(0, linesMax - 2 * ends), ...last];
  return { lines: kept, cut: lines.length - kept.length };
}
