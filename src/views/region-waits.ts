import { approvalRule } from "../core/approval.ts";
import type { ItineraryRegion } from "../core/itinerary.ts";
import { durationText } from "../core/plan/durations.ts";
import type { RolloutState } from "../core/state.ts";
import { shutRegion } from "../core/told-time.ts";
import { opensWords } from "./times.ts";
import { listed } from "./wording.ts";

/** What it takes to begin: "a person's approval", "2 approvals of ann, bob; each counts for 4h". */
export function ruleWords(planned: ItineraryRegion): string {
  if (planned.approval === undefined) return "a person's approval";
  const { by, from, starter, expiresMs } = planned.approval;
  const who = from === null ? "" : ` of ${listed(from)}`;
  const not = starter ? "" : "; not by who starts it";
  return `${by} ${by === 1 ? "approval" : "approvals"}${who}${not}${expiresWords(expiresMs)}`;
}

/** What is left of that: "1 more approval of ann, bob; bob@desk approved". */
export function approvalWords(state: RolloutState, name: string): string {
  const planned = state.itinerary.regions.find((it) => it.name === name);
  const votes = state.regions.find((it) => it.name === name)?.votes ?? [];
  if (planned?.approval === undefined) return "a person's approval";
  const { by, from, starter, expiresMs } = approvalRule(planned);
  const left = by - votes.length;
  const more = votes.length === 0 ? "" : " more";
  const who = from === null ? "" : ` of ${listed(from)}`;
  const so = votes.length === 0 ? "" : `; ${listed(votes.map((it) => it.by))} approved`;
  const starters =
    starter || state.startedBy === null ? "" : `; not by ${state.startedBy}, who began it`;
  return `${left}${more} ${left === 1 ? "approval" : "approvals"}${who}${so}${starters}${expiresWords(expiresMs)}`;
}

function expiresWords(expiresMs: number | null): string {
  return expiresMs === null ? "" : `; each counts for ${durationText(expiresMs)}`;
}

/** "its maintenance window, which opens at …"; null while nothing waits there for one. */
export function windowWait(state: RolloutState, name: string): string | null {
  const shut = shutRegion(state);
  if (shut?.name !== name || shut.window === null) return null;
  const zone = state.itinerary.regions.find((it) => it.name === name)?.timezone ?? null;
  return `its maintenance window${opensWords(shut.window.until, zone)}`;
}
