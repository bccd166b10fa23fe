import { type Action, actionId } from "../../core/action.ts";
import type { Outcome } from "../../core/event.ts";
import { changedBetween } from "../../core/persistent-map.ts";
import type { InstanceState, Phase, RolloutState } from "../../core/state.ts";
import type { Replayed } from "../replay.ts";
import type { Mark, Span, SpanKind } from "./picture.ts";
import { markOf, stepTitle } from "./span-words.ts";

/** What is drawn of one instance, as far as the journal was followed. */
export interface Course {
  readonly spans: readonly Span[];
  readonly spansCut: number;
  readonly marks: readonly Mark[];
}

/** Spans, and marks, that are kept of one instance; those that say that something is wrong always. */
const spansMax = 120;
const marksMax = 40;

type Open = { -readonly [Key in keyof Span]: Span[Key] };

interface Growing {
  readonly spans: Open[];
  spansCut: number;
  readonly marks: Mark[];
  /** Spans that go on, by what they are of. */
  readonly open: Map<string, Open>;
  /** When something was heard of it last: where a recovery begins. */
  heardMs: number;
}

/** Follows a journal record by record and keeps, by instance, what was done when. */
export function followSpans(): {
  observe(told: Replayed): void;
  readonly courses: ReadonlyMap<string, Course>;
} {
  const courses = new Map<string, Growing>();
  const of = (instance: string): Growing => {
    const known = courses.get(instance) ?? {
      spans: [],
      spansCut: 0,
      marks: [],
      open: new Map(),
      heardMs: 0,
    };
    courses.set(instance, known);
    return known;
  };
  return {
    courses,
    observe({ record, before, after }) {
      const atMs = Date.parse(record.at);
      const { event } = record;
      if (event.kind === "intent") begin(of(event.action.instance), event.action, { atMs, after });
      if (event.kind === "outcome") finish(of(event.action.instance), event, atMs);
      if (event.kind === "forgotten") lose(of(event.action.instance), event.action, atMs);
      if (event.kind === "noted") {
        const it = of(event.note.instance);
        const told = markOf({ at: record.at, note: event.note }, after);
        if (told.mark !== null && it.marks.length < marksMax) it.marks.push({ atMs, ...told.mark });
        if (event.note.kind === "recovery")
          add(it, { kind: "recovery", fromMs: it.heardMs || atMs, toMs: atMs, ...told.words });
        else if (told.words.text !== "") tell(it, told.words);
        it.heardMs = atMs;
      }
      for (const { was, is } of changedBetween(before?.instances ?? new Map(), after.instances))
        waits(of(is.name), { was: was ?? null, is, atMs });
    },
  };
}

const kinds: Readonly<Record<Action["kind"], SpanKind | null>> = {
  preflight: "preflight",
  begin: "begin",
  snapshot: "snapshot",
  apply: "step",
  "stand-down": "between",
  rewind: "between",
  bake: "bake",
  revert: "rollback",
  verify: "verify",
  release: null,
};

function begin(
  it: Growing,
  action: Action,
  { atMs, after }: { readonly atMs: number; readonly after: RolloutState },
): void {
  const kind = kinds[action.kind];
  if (kind === null) return;
  it.heardMs = atMs;
  const text = stepTitle(action, after);
  it.open.set(actionId(action), add(it, { kind, fromMs: atMs, toMs: null, text, tone: "plain" }));
}

function finish(
  it: Growing,
  { action, outcome }: { readonly action: Action; readonly outcome: Outcome },
  atMs: number,
): void {
  const span = close(it, actionId(action), atMs);
  it.heardMs = atMs;
  if (span === null || outcome.is === "done") return;
  span.tone = outcome.is === "failed" ? "bad" : "warning";
  append(span, `${outcome.is}: ${outcome.failure.message}`);
}

/** The runner of this action is gone: nobody knows more of it than that it had begun. */
function lose(it: Growing, action: Action, atMs: number): void {
  const span = close(it, actionId(action), atMs);
  if (span === null) return;
  span.tone = "warning";
  append(span, "the process that ran it was gone");
}

function close(it: Growing, id: string, atMs: number): Open | null {
  const span = it.open.get(id);
  if (span === undefined) return null;
  it.open.delete(id);
  span.toMs = Math.max(span.fromMs, atMs);
  return span;
}

function add(it: Growing, span: Span): Open {
  const open = { ...span };
  if (it.spans.length < spansMax) it.spans.push(open);
  else it.spansCut += 1;
  return open;
}

/** What was heard on the way belongs to what is under way. */
function tell(it: Growing, words: Pick<Span, "text" | "tone">): void {
  const span = [...it.open.values()].findLast((each) => each.kind !== "wait");
  if (span === undefined) return;
  append(span, words.text);
  if (words.tone === "bad") span.tone = "bad";
}

/** Characters of what is said of one span. */
const textMax = 600;

function append(span: Open, text: string): void {
  if (span.text.length + text.length <= textMax) span.text += `; ${text}`;
}

/** What it does while nothing is done to it, by phase. */
const waiting: Readonly<Partial<Record<Phase, string>>> = {
  stepped: "waits for its batch",
  inconclusive: "waits for a decision: neither good nor bad",
  asking: "waits for a decision: failed",
};

function waits(
  it: Growing,
  turn: { readonly was: InstanceState | null; readonly is: InstanceState; readonly atMs: number },
): void {
  const { was, is, atMs } = turn;
  if (was?.phase === is.phase) return;
  if (was !== null) close(it, was.phase, atMs);
  const text = waiting[is.phase];
  if (text === undefined) return;
  const tone = is.phase === "stepped" ? "plain" : "warning";
  it.open.set(is.phase, add(it, { kind: "wait", fromMs: atMs, toMs: null, text, tone }));
}
