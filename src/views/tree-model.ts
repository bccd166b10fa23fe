import { oneLine } from "../core/printable.ts";
import {
  instancesOf,
  type InstanceState,
  isUnderWay,
  needsPerson,
  type RegionState,
  type RolloutState,
} from "../core/state.ts";
import type { Activity } from "./activity.ts";
import { batchBakeWords } from "./bake-progress.ts";
import { emergencyWords } from "./emergency.ts";
import { instanceRow } from "./instance-row.ts";
import { duration } from "../core/duration-words.ts";
import { fitted } from "./tree-fit.ts";
import { foldBatches } from "./fold-batches.ts";
import { headRow } from "./tree-head.ts";
import type { TreeRow } from "./tree-row.ts";
import { approvalWords, windowWait } from "./region-waits.ts";
import { counted, grouped } from "./wording.ts";

export interface TreeQuestion {
  readonly activity: Activity;
  readonly nowMs: number;
  /** Lines that fit on the screen. */
  readonly lines: number;
  /** Nothing more will be drawn: what still runs is shown as stopped, never as done. */
  readonly ended: boolean;
}

/**
 * The rows to draw, top to bottom, never more than there are lines. A region that is sealed, or not begun, is
 * one line; so are many batches of one kind next to each other.
 */
export function treeModel(state: RolloutState, question: TreeQuestion): readonly TreeRow[] {
  const open = state.regions.filter((region) => isOpen(state, region)).length;
  // Each region is a line, each open one also has its batches; the rest is for instances.
  const used = state.regions.length + open * 3 + 3;
  const room = Math.max(instancesMin, Math.floor((question.lines - used) / Math.max(1, open)));
  const rows = [
    ...(question.ended || state.mode === "preflight" ? [] : [headRow(state, question)]),
    ...preflightRows(state, room),
    ...state.regions.map((region) => regionRow(state, region, { ...question, room })),
    ...haltRows(state, question),
  ];
  return fitted(rows, question.lines);
}

/** So many instances of an open region are shown however small the screen is. */
const instancesMin = 4;

interface Drawn extends TreeQuestion {
  /** Instances to show in a region. */
  readonly room: number;
}

function preflightRows(state: RolloutState, room: number): readonly TreeRow[] {
  const all = [...state.instances.values()];
  const looked = all.filter((it) => it.phase !== "unchecked").length;
  const unfit = all.filter((it) => it.phase === "unfit" && it.bad?.step === null && !it.claimed);
  const refused = state.closed === "refused";
  if (state.mode !== "preflight" && unfit.length === 0) return [];
  const title =
    state.mode === "preflight"
      ? `preflight: ${grouped(looked)} of ${counted(all.length, "instance")} looked at`
      : `preflight: ${grouped(unfit.length)} of ${counted(all.length, "instance")} not fit`;
  const children = unfit.slice(0, room).map((it): TreeRow => ({
    key: `preflight/${it.name}`,
    look: "bad",
    title: `${it.name}  ${oneLine(it.bad?.failure.message ?? "")}`,
    children: [],
  }));
  const look =
    state.mode === "preflight" ? "running" : refused || unfit.length > 0 ? "bad" : "good";
  return [{ key: "preflight", look, title, children }];
}

function haltRows(state: RolloutState, { ended }: TreeQuestion): readonly TreeRow[] {
  if (state.halt === null || state.closed === "refused" || ended) return [];
  const title = `HALTED: ${oneLine(state.halt.sentence)}`;
  return [{ key: "halt", look: "bad", title, children: [] }];
}

/** Something is going on in it, or something in it is bad. */
function isOpen(state: RolloutState, region: RegionState): boolean {
  if (state.mode === "preflight") return false;
  const members = instancesOf(state, region.name);
  return members.some((it) => isUnderWay(it) || isTrouble(it)) || region.stage === "started";
}

function isTrouble(it: InstanceState): boolean {
  const quiet = it.phase === "rolled-back" && it.bad?.as === "rolled back";
  return it.phase !== "waiting" && it.bad !== null && !quiet;
}

function regionRow(state: RolloutState, region: RegionState, drawn: Drawn): TreeRow {
  const members = instancesOf(state, region.name);
  const count = counted(members.length, "instance");
  const open = isOpen(state, region);
  const key = `region/${region.name}`;
  const width = Math.max(...state.regions.map((it) => it.name.length));
  const name = region.name.padEnd(Math.min(width, regionNameMax));
  if (members.every(isUntouched)) {
    const why = untouchedReason(state);
    if (why !== null)
      return { key, look: "skipped", title: `${name}  ${count} not touched: ${why}`, children: [] };
    const nowMs = drawn.ended ? null : drawn.nowMs;
    const title = `${name}  ${count}${waitWords(state, region, nowMs)}`;
    return { key, look: region.stage === "approval" ? "paused" : "waiting", title, children: [] };
  }
  const times = drawn.activity.regions.get(region.name);
  const endMs = open && !drawn.ended ? drawn.nowMs : (times?.toMs ?? drawn.nowMs);
  const took = times === undefined ? "" : `  ${duration(Math.max(0, endMs - times.fromMs))}`;
  // While it is open, its batches say who is at work.
  const told = open ? members.filter((it) => !isUnderWay(it) || waits(it)) : members;
  return {
    key,
    look: groupLook(members, drawn),
    title: `${name}  ${tally(told, members.length)}${took}`,
    children: open ? batchRows(state, region, { ...drawn, members }) : [],
  };
}

/** Columns of the regions' names, at most. */
const regionNameMax = 16;

function waitWords(state: RolloutState, region: RegionState, nowMs: number | null): string {
  const next = state.regions.find((it) => it.stage !== "sealed");
  if (state.parked?.kind === "emergency" && next === region)
    return `, the emergency waits for ${emergencyWords(state)}`;
  if (region.stage === "approval" && !region.approved)
    return `, waits for ${approvalWords(state, region.name, nowMs)}`;
  const window = windowWait(state, region.name, nowMs);
  if (window !== null) return `, waits for ${window}`;
  const planned = state.itinerary.regions.find((it) => it.name === region.name);
  return planned?.approve === true && !region.approved ? ", needs approval" : "";
}

/** Why nothing will be touched any more; null while it still may be. */
function untouchedReason(state: RolloutState): string | null {
  if (state.closed === "refused") return "the rollout was refused";
  if (state.halt !== null) return "the rollout halted";
  return state.closed === null ? null : "the rollout is over";
}

/** Was nothing of it begun? */
export function isUntouched(it: InstanceState): boolean {
  return (
    it.phase === "unchecked" || it.phase === "waiting" || (it.phase === "unfit" && !it.claimed)
  );
}

function batchRows(
  state: RolloutState,
  region: RegionState,
  drawn: Drawn & { readonly members: readonly InstanceState[] },
): readonly TreeRow[] {
  const planned = state.itinerary.regions.find((it) => it.name === region.name);
  const batches = planned?.batches ?? [];
  const sizes = batches.map(({ instances }, index) => {
    const sealed = drawn.members.filter((it) => it.batch === index && it.phase === "sealed");
    return [instances.length, sealed.length] as const;
  });
  const rows = batches.map((batch, index): TreeRow => {
    const members = drawn.members.filter((it) => it.batch === index);
    const canary = index === 0 ? " (canary)" : "";
    const name = `batch ${index + 1} of ${batches.length}${canary}`;
    const key = `batch/${region.name}/${index}`;
    if (members.every(isUntouched)) {
      const why = untouchedReason(state);
      const count = counted(batch.instances.length, "instance");
      return why === null
        ? { key, look: "waiting", title: `${name}  ${count}`, children: [] }
        : { key, look: "skipped", title: `${name}  ${count} not touched: ${why}`, children: [] };
    }
    const look = groupLook(members, drawn);
    const baking = drawn.ended
      ? []
      : members.flatMap((it) =>
          it.phase === "baking" ? (drawn.activity.bakes.get(it.name) ?? []) : [],
        );
    const bake = batchBakeWords(baking, drawn.nowMs);
    const shown = look === "good" ? [] : shownInstances(members, drawn.room);
    const width = Math.max(0, ...shown.map((it) => it.name.length));
    return {
      key,
      look,
      title: `${name}  ${tally(members)}${bake === "" ? "" : `: ${bake}`}`,
      children: shown.map((it) =>
        instanceRow(it, { ...drawn, width, halted: state.halt !== null }),
      ),
    };
  });
  return foldBatches(rows, { region: region.name, sizes, why: untouchedReason(state) });
}

/** Trouble first to be kept, then who is under way; drawn in rollout order. */
function shownInstances(members: readonly InstanceState[], room: number): readonly InstanceState[] {
  if (members.length <= room) return members;
  const kept = new Set(
    [...members]
      .sort((a, b) => rank(a) - rank(b))
      .slice(0, room)
      .filter((it) => rank(it) < 2),
  );
  return members.filter((it) => kept.has(it));
}

function rank(it: InstanceState): number {
  // Who caused the halt, or needs a person, before who is only taken back with it.
  if (needsPerson(it) || (isTrouble(it) && it.bad?.as !== "rolled back")) return 0;
  if (!isUnderWay(it)) return 3;
  return it.phase === "stepped" || it.phase === "baking" ? 2 : 1;
}

/** How instances together are shown at a glance. */
export function groupLook(
  members: readonly InstanceState[],
  { ended }: Pick<TreeQuestion, "ended">,
): TreeRow["look"] {
  if (members.some(needsPerson)) return "bad";
  if (members.some((it) => it.phase === "inconclusive" || it.phase === "asking")) return "paused";
  if (members.some((it) => it.phase === "reverting" || it.phase === "verifying"))
    return ended ? "stopped" : "back";
  if (members.some(isUnderWay)) return ended ? "stopped" : "running";
  if (members.some((it) => it.phase === "rolled-back" || it.phase === "unfit")) return "bad";
  if (members.every((it) => it.phase === "sealed" || it.excluded)) return "good";
  return ended ? "stopped" : "running";
}

/** `3 of 5 sealed, 2 at work`. */
function tally(members: readonly InstanceState[], all = members.length): string {
  const tallied = new Map<string, number>();
  for (const it of members) {
    const words = tallyWords(it);
    if (words !== null) tallied.set(words, (tallied.get(words) ?? 0) + 1);
  }
  const sealed = members.filter((it) => it.phase === "sealed").length;
  const rest = [...tallied].map(([words, count]) => `${grouped(count)} ${words}`);
  return [`${grouped(sealed)} of ${grouped(all)} sealed`, ...rest].join(", ");
}

function tallyWords(it: InstanceState): string | null {
  switch (it.phase) {
    case "beginning":
    case "stepping":
    case "rewinding":
      return "at work";
    case "stepped":
      return "ready to bake";
    case "baking":
      return "baking";
    case "reverting":
    case "verifying":
      return "going back";
    case "inconclusive":
    case "asking":
      return "waiting for a decision";
    case "rolled-back":
      return "rolled back";
    case "rolled-back-unverified":
    case "rollback-failed":
    case "left":
    case "unknown":
      return "in need of a person";
    case "unfit":
      return "not fit";
    case "unchecked":
    case "waiting":
    case "sealed":
      return null;
  }
}

function waits(it: InstanceState): boolean {
  return it.phase === "inconclusive" || it.phase === "asking";
}
