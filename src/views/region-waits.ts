import { approvalRule } from "../core/approval.ts";
import type { ItineraryRegion } from "../core/itinerary.ts";
import { durationText } from "../core/plan/durations.ts";
import type { RolloutState, Vote } from "../core/state.ts";
import { shutRegion } from "../core/told-time.ts";
import { secondsLeft } from "./bake-progress.ts";
import { bothTimes, opensWords } from "./times.ts";
import { listed } from "./wording.ts";

/** What it takes to begin: "a person's approval", "2 approvals of ann, bob; each counts for 4h". */
export function ruleWords(planned: ItineraryRegion): string {
  if (planned.approval === undefined) return "a person's approval";
  const { by, from, starter, expiresMs } = planned.approval;
  const who = from === null ? "" : ` of ${listed(from)}`;
  const not = starter ? "" : "; not by who starts it";
  return `${by} ${by === 1 ? "approval" : "approvals"}${who}${not}${expiresWords(expiresMs)}`;
}

/**
 * What is left of that: "1 more approval of ann, bob; bob@desk approved". `nowMs`, since 1970: also how long
 * what was given still counts.
 */
export function approvalWords(
  state: RolloutState,
  name: string,
  nowMs: number | null = null,
): string {
  const planned = state.itinerary.regions.find((it) => it.name === name);
  const votes = state.regions.find((it) => it.name === name)?.votes ?? [];
  if (planned?.approval === undefined) return "a person's approval";
  const { by, from, starter, expiresMs } = approvalRule(planned);
  const left = by - votes.length;
  const more = votes.length === 0 ? "" : " more";
  const who = from === null ? "" : ` of ${listed(from)}`;
  const so =
    votes.length === 0
      ? ""
      : `; ${listed(votes.map((it) => voteWords(it, expiresMs, nowMs)))} approved`;
  const starters =
    starter || state.startedBy === null ? "" : `; not by ${state.startedBy}, who began it`;
  return `${left}${more} ${left === 1 ? "approval" : "approvals"}${who}${so}${starters}${expiresWords(expiresMs)}`;
}

function voteWords({ by, at }: Vote, expiresMs: number | null, nowMs: number | null): string {
  if (expiresMs === null || at === null || nowMs === null) return by;
  const leftMs = Date.parse(at) + expiresMs - nowMs;
  return leftMs > 0 ? `${by} (counts for ${secondsLeft(leftMs)} more)` : `${by} (too long ago)`;
}

function expiresWords(expiresMs: number | null): string {
  return expiresMs === null ? "" : `; each counts for ${durationText(expiresMs)}`;
}

/**
 * "its maintenance window, which opens at …"; null while nothing waits there for one. `nowMs`, since 1970:
 * also in how long that is.
 */
export function windowWait(
  state: RolloutState,
  name: string,
  nowMs: number | null = null,
): string | null {
  const shut = shutRegion(state);
  if (shut?.name !== name || shut.window === null) return null;
  const zone = state.itinerary.regions.find((it) => it.name === name)?.timezone ?? null;
  const { until } = shut.window;
  if (until === null || nowMs === null) return `its maintenance window${opensWords(until, zone)}`;
  // First in how long: a row of a tree is cut off at its end.
  return `its maintenance window, which opens ${inWords(until, nowMs)}${bothTimes(until, zone)}`;
}

/** "in 2 h 14 min, at ", counted down. */
function inWords(opens: string, nowMs: number): string {
  const leftMs = Date.parse(opens) - nowMs;
  return leftMs > 0 ? `in ${secondsLeft(leftMs)}, at ` : "now: ";
}
