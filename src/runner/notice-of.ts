import type { ParkedReason, RolloutEvent } from "../core/event.ts";
import { oneLine } from "../core/printable.ts";
import type { NoticeKind, NoticeSeverity } from "../core/plan/notice.ts";
import { needsPerson, type RolloutState } from "../core/state.ts";
import type { JournalRecord } from "../ports/journal.ts";
import type { Notice } from "../ports/notifier.ts";

/** A turn of the rollout, before it is known who is told of it. */
export type Turn = Omit<Notice, "id" | "written"> & { readonly seq: number };

/** Characters of a notice's sentence: it is read on a telephone. */
const textMax = 1_000;

/** The turn of the rollout that this record is, in a sentence; null when it is none. */
export function noticeOf(record: JournalRecord, after: RolloutState): Turn | null {
  const told = turnOf(record.event, after);
  if (told === null) return null;
  const [kind, severity, text] = told;
  const { rollout, plan } = after.itinerary;
  const { seq, at } = record;
  return {
    seq,
    kind,
    severity,
    rollout,
    plan: plan.name,
    at,
    text: oneLine(text, { max: textMax }),
  };
}

function turnOf(
  event: RolloutEvent,
  state: RolloutState,
): readonly [NoticeKind, NoticeSeverity, string] | null {
  const { plan, regions } = state.itinerary;
  switch (event.kind) {
    case "preflight-passed": {
      const names = regions.map((region) => region.name).join(", ");
      const { emergency } = state.itinerary;
      const as = emergency === undefined ? "" : ` as an EMERGENCY (${emergency.reason})`;
      return ["started", "info", `${plan.name} starts${as}: ${names}`];
    }
    case "region-sealed":
      return ["region-sealed", "info", `${plan.name}: region ${event.region} is sealed`];
    case "halting":
      return ["halted", "critical", `${plan.name} halts: ${event.halt.sentence}${because(state)}`];
    case "parked":
      return ["paused", "warning", `${plan.name} ${waitsFor(event.why)}`];
    case "closed":
      return ended(event.outcome, state);
    case "opened":
    case "taken-up":
    case "intent":
    case "outcome":
    case "forgotten":
    case "noted":
    case "outliers-found":
    case "late-harm":
    case "order-decided":
    case "region-started":
    case "batch-started":
    case "bake-started":
    case "bake-finished":
    case "approval-waiting":
    case "approval-lapsed":
    case "window":
    case "asked":
      return null;
  }
}

/** What the first instance that went wrong says of it. */
function because(state: RolloutState): string {
  const bad = [...state.instances.values()].find((it) => it.bad !== null)?.bad;
  return bad == null ? "" : `; ${bad.failure.message}`;
}

function ended(
  outcome: Extract<RolloutEvent, { kind: "closed" }>["outcome"],
  state: RolloutState,
): readonly [NoticeKind, NoticeSeverity, string] {
  const { name } = state.itinerary.plan;
  const all = [...state.instances.values()];
  const hands = all.filter(needsPerson).map((it) => it.name);
  if (outcome === "sealed") return ["sealed", "info", `${name} is sealed everywhere`];
  if (outcome === "refused")
    return ["ended", "warning", `${name} was refused: nothing was touched anywhere`];
  const how = outcome === "undone" ? "is undone" : "has ended halted";
  if (hands.length > 0)
    return ["ended", "critical", `${name} ${how}, and needs a person for ${namesOf(hands)}`];
  const sealed = all.filter((it) => it.phase === "sealed").length;
  const stay = sealed === 0 ? "" : `; sealed and left so: ${sealed}`;
  return ["ended", "warning", `${name} ${how}: what was taken back is as before, verified${stay}`];
}

/** Names that one notice tells; of more it says how many. */
const namesMax = 10;

function namesOf(names: readonly string[]): string {
  const more = names.length - namesMax;
  return more > 0 ? `${names.slice(0, namesMax).join(", ")} and ${more} more` : names.join(", ");
}

function waitsFor(why: ParkedReason): string {
  switch (why.kind) {
    case "approval":
      return `waits for approval of region ${why.region}`;
    case "emergency":
      return "waits for its approval as an emergency";
    case "window": {
      const opens = why.opens === null ? "" : `, which opens at ${why.opens}`;
      return `waits for the maintenance window of region ${why.region}${opens}`;
    }
    case "inconclusive":
      return `waits for a decision: ${namesOf(why.instances)} neither good nor bad`;
    case "ask":
      return `waits for a decision: failed on ${namesOf(why.instances)}, and the plan says ask`;
    case "bad-in-region":
      return `waits for a decision: region ${why.region} ended with bad instances, ${namesOf(why.instances)}`;
    case "paused":
      return "is paused, as was asked for";
    case "interrupted":
      return `was interrupted by ${why.signal}: nobody runs it`;
  }
}
