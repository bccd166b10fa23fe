import type { ParkedReason, RolloutEvent } from "../core/event.ts";
import type { Itinerary } from "../core/itinerary.ts";
import { planVariables } from "../core/plan/instance-variables.ts";
import type { NoticeKind } from "../core/plan/plan.ts";
import { redactor } from "../core/redact.ts";
import type { RolloutState } from "../core/state.ts";
import { substitute } from "../core/variables.ts";
import type { JournalRecord } from "../ports/journal.ts";
import type { Notice, NotifierKind } from "../ports/notifier.ts";

/** Longest that one notice is waited for. */
const noticeMaxMs = 10_000;

/** Tells everybody whom the plan names for this kind of notice. Trouble changes nothing but words. */
export async function tell(order: {
  readonly itinerary: Itinerary;
  readonly notice: Notice;
  readonly notifierKind: (name: string) => NotifierKind | null;
  readonly onTrouble: (sentence: string) => void;
  readonly secrets: Readonly<Record<string, string>>;
}): Promise<void> {
  const { itinerary, notice } = order;
  const secrets = Object.entries(order.secrets).map(([name, value]) => [`secret_${name}`, value]);
  const variables = { ...planVariables(itinerary.plan.vars), ...Object.fromEntries(secrets) };
  for (const spec of itinerary.plan.notify.filter((it) => it.on.includes(notice.kind))) {
    const kind = order.notifierKind(spec.kind);
    if (kind === null) throw new Error(`no notifier kind is named "${spec.kind}"`);
    try {
      await kind.tell(substitute(spec.args, variables), notice, AbortSignal.timeout(noticeMaxMs));
    } catch (error) {
      const why = redactor(order.secrets).text(
        error instanceof Error ? error.message : String(error),
      );
      order.onTrouble(`the notice "${notice.text}" reached nobody by ${spec.kind}: ${why}`);
    }
  }
}

function waitsFor(why: ParkedReason): string {
  if (why.kind !== "window") return `waits for a person: ${why.kind}`;
  const opens = why.opens === null ? "" : `, which opens at ${why.opens}`;
  return `waits for the maintenance window of region ${why.region}${opens}`;
}

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
      return ["paused", `${plan.name} ${waitsFor(event.why)}`];
    case "closed":
      return event.outcome === "sealed" ? ["sealed", `${plan.name} is sealed everywhere`] : null;
    case "opened":
    case "taken-up":
    case "intent":
    case "outcome":
    case "forgotten":
    case "noted":
    case "outliers-found":
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
