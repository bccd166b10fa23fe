import { approvalRule } from "../core/approval.ts";
import { durationText } from "../core/plan/durations.ts";
import type { RolloutState } from "../core/state.ts";
import { shutRegion } from "../core/told-time.ts";
import { opensWords } from "./times.ts";
import { listed } from "./wording.ts";

/** What a region waits for that must be approved: "a person's approval", "1 more approval of ann, bob". */
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
  const expires = expiresMs === null ? "" : `; each counts for ${durationText(expiresMs)}`;
  return `${left}${more} ${left === 1 ? "approval" : "approvals"}${who}${so}${starters}${expires}`;
}

/** "its maintenance window, which opens at …"; null while nothing waits there for one. */
export function windowWait(state: RolloutState, name: string): string | null {
  const shut = shutRegion(state);
  if (shut?.name !== name || shut.window === null) return null;
  const zone = state.itinerary.regions.find((it) => it.name === name)?.timezone ?? null;
  return `its maintenance window${opensWords(shut.window.until, zone)}`;
}
