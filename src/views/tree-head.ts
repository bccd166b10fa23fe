import { duration } from "../core/duration-words.ts";
import { isBad, isUnderWay, type RolloutState } from "../core/state.ts";
import type { Activity } from "./activity.ts";
import { timeLeft, timeLeftWords } from "./time-left.ts";
import type { TreeLook, TreeRow } from "./tree-row.ts";
import { grouped } from "./wording.ts";

/**
 * The whole rollout on one line, the most wanted first, as a narrow screen cuts its end: how many are good, at
 * work and bad, how long it will take, which region it is at, how long it has gone on, and its name.
 */
export function headRow(
  state: RolloutState,
  { activity, nowMs }: { readonly activity: Activity; readonly nowMs: number },
): TreeRow {
  const all = [...state.instances.values()];
  const bad = all.filter(isBad).length;
  const going = all.filter((it) => isUnderWay(it) && !isBad(it)).length;
  const sealed = all.filter((it) => it.phase === "sealed" && !isBad(it)).length;
  const counts = [
    `${grouped(sealed)} of ${grouped(all.length)} good`,
    ...(going > 0 ? [`${grouped(going)} under way`] : []),
    ...(bad > 0 ? [`${grouped(bad)} BAD`] : []),
  ];
  const left = timeLeft(state, activity.batches, nowMs);
  const begun = state.regions.filter(({ stage }) => stage !== "waiting").length;
  const words = [
    counts.join(", "),
    ...(left === null ? [] : [timeLeftWords(left)]),
    `region ${Math.max(1, begun)} of ${state.regions.length}`,
    ...(activity.sinceMs === null
      ? []
      : [`${duration(wholeSeconds(nowMs - activity.sinceMs))} so far`]),
    state.itinerary.rollout,
  ];
  return { key: "head", look: lookOf(state), title: words.join(" · "), children: [] };
}

function lookOf(state: RolloutState): TreeLook {
  if (state.halt !== null) return "bad";
  if (state.parked !== null || state.held !== null) return "paused";
  return state.mode === "undoing" ? "back" : "running";
}

/** Tenths of a second would be drawn again each time. */
function wholeSeconds(ms: number): number {
  return Math.max(0, Math.floor(ms / 1_000)) * 1_000;
}
