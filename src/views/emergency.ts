import { shortenedBakes, waitsForEmergency } from "../core/emergency.ts";
import type { Itinerary } from "../core/itinerary.ts";
import type { Bake, EmergencyPolicy } from "../core/plan/plan.ts";
import type { RolloutState } from "../core/state.ts";
import type { JournalRecord } from "../ports/journal.ts";
import type { Block } from "./page.ts";
import { span, utcDateTime } from "./times.ts";
import { listed } from "./wording.ts";

/** Whom it waits for: "the approval of ann or bob; not by deploy@laptop, who began it". */
export function emergencyWords({ itinerary, startedBy }: RolloutState): string {
  const rule = itinerary.emergency?.rule;
  if (rule === undefined) return "a person";
  const not = rule.starter || startedBy === null ? "" : `; not by ${startedBy}, who began it`;
  return `the approval of ${oneOf(rule.from ?? [])}${not}`;
}

function oneOf(names: readonly string[]): string {
  if (names.length === 0) return "a person";
  return names.length === 1 ? names[0]! : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}

/** Under the headline, wherever a rollout is shown that was started as an emergency; else nothing. */
export function emergencyBlocks(state: RolloutState): readonly Block[] {
  const { emergency } = state.itinerary;
  if (emergency === undefined) return [];
  const stands = waitsForEmergency(state)
    ? "not approved yet"
    : `approved by ${state.emergency?.by ?? "nobody"}`;
  const text = `EMERGENCY, ${stands}: ${bakesWords(state.itinerary)}. Reason: ${emergency.reason}`;
  return [{ kind: "text", level: 1, tone: "warning", text }];
}

/** For a report: why and by whom, what was shorter, who approved it and why; empty: it was none. */
export function emergencyRows(
  state: RolloutState,
  records: readonly JournalRecord[],
): readonly string[] {
  const { emergency } = state.itinerary;
  if (emergency === undefined) return [];
  const given = records.flatMap(({ at, event }) =>
    event.kind === "asked" &&
    event.wish.kind === "approve-emergency" &&
    event.by === state.emergency?.by
      ? [`approved by ${event.by} at ${utcDateTime(at)}: ${event.reason}`]
      : [],
  );
  return [
    `asked for by ${state.startedBy ?? "nobody knows whom"}: ${emergency.reason}`,
    bakesWords(state.itinerary),
    given.at(-1) ?? "never approved",
  ];
}

/** "eu bakes stable 2 min (else 30 min); us, cn bake stable 2 min (else 10 min)". */
function bakesWords(itinerary: Itinerary): string {
  const byText = Map.groupBy(shortenedBakes(itinerary), ({ usual, now }) => shorter(usual, now));
  return [...byText]
    .map(([text, regions]) => {
      const names = listed(regions.map(({ region }) => region));
      return `${names} ${regions.length === 1 ? "bakes" : "bake"} ${text}`;
    })
    .join("; ");
}

const parts = [
  ["settle", "settleMs"],
  ["stable", "stableMs"],
  ["retry", "retryMs"],
] as const satisfies readonly (readonly [string, keyof Bake])[];

function shorter(usual: Bake, now: Bake): string {
  const words = parts.flatMap(([word, key]) =>
    now[key] === usual[key] ? [] : [`${word} ${span(now[key])} (else ${span(usual[key])})`],
  );
  const until = [now, usual].map((one) => span(one.until?.timeMs ?? 0));
  if (until[0] !== until[1]) words.push(`at least ${until[0]} in all (else ${until[1]})`);
  return words.length === 0 ? "as always" : words.join(", ");
}

/** What a plan declares, for its preview: "stable 2 min, once ann or bob approves". */
function policyWords(policy: EmergencyPolicy): string {
  const words = parts.flatMap(([word, key]) => {
    const ms = policy.bake[key];
    return ms === undefined ? [] : [`${word} ${span(ms)}`];
  });
  if (policy.bake.untilMs !== undefined) words.push(`at least ${span(policy.bake.untilMs)} in all`);
  const { approvers, starter } = policy;
  return `${words.join(", ")}, once ${oneOf(approvers)} approves${starter ? "" : ", who is not the one who starts it"}`;
}

/** At the head of the preview of one. */
export function emergencyRow(it: PreviewEmergency): string {
  return `${it.says}; nothing is touched before ${oneOf(it.approvers)} approves it; all else is as always`;
}

export interface PreviewEmergency {
  /** Is the preview of one? */
  readonly is: boolean;
  /** What is shorter. */
  readonly says: string;
  readonly approvers: readonly string[];
  /** What one of them types; null: it is none. */
  readonly command: string | null;
}

/** null: its plan declares nothing for an emergency. */
export function previewEmergency(itinerary: Itinerary): PreviewEmergency | null {
  const policy = itinerary.plan.rollout.emergency;
  if (policy === undefined) return null;
  const is = itinerary.emergency !== undefined;
  return {
    is,
    says: is ? bakesWords(itinerary) : policyWords(policy),
    approvers: policy.approvers,
    command: is ? 'handrail approve ROLLOUT --emergency --reason "…"' : null,
  };
}
