import type { RolloutEvent } from "../core/event.ts";
import type { NoticeKind } from "../core/plan/plan.ts";
import type { RolloutState } from "../core/state.ts";
import type { JournalRecord } from "../ports/journal.ts";
import type { Notice } from "../ports/notifier.ts";

/** The turn of the rollout that this record is, in a sentence; null when it is none. */
export function noticeOf(record: JournalRecord, after: RolloutState): Notice | null {
  const told = turnOf(record.event, after);
  if (told === null) return null;
  const { rollout } = after.itinerary;
  return { kind: told[0], rollout, at: record.at, text: told[1] };
}

function turnOf(event: RolloutEvent, state: RolloutState): readonly [NoticeKind, string] | null {
  const { plan, regions } = state.itinerary;
  switch (event.kind) {
    case "preflight-passed":
      return ["started", `${plan.name} starts: ${regions.map((region) => region.name).join(", ")}`];
    case "region-sealed":
      return ["region-sealed", `${plan.name}: region ${event.region} is sealed`];
    case "halting":
      return ["halted", `${plan.name} halts: ${event.halt.sentence}`];
    case "parked":
      return ["paused", `${plan.name} waits for a person: ${event.why.kind}`];
    case "closed":
      return event.outcome === "sealed" ? ["sealed", `${plan.name} is sealed everywhere`] : null;
    case "opened":
    case "taken-up":
    case "intent":
    case "outcome":
    case "forgotten":
    case "noted":
    case "region-started":
    case "batch-started":
    case "bake-started":
    case "bake-finished":
    case "approval-waiting":
    case "asked":
      return null;
  }
}
