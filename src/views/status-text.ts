import { isUnderWay, type InstanceState, type RolloutState } from "../core/state.ts";
import type { JournalRecord } from "../ports/journal.ts";
import { type Bakes, bakesOf, bakeWords } from "./bake-progress.ts";
import { headline } from "./headline.ts";
import { incidentBlocks } from "./incident-blocks.ts";
import { nextBlocks } from "./next-blocks.ts";
import { type Block, layOut, type PageOptions, plainPage } from "./page.ts";
import { phaseWords } from "./phase-words.ts";
import { regionRows } from "./region-rows.ts";
import { summarise, type Summary, type SummaryOptions } from "./summary.ts";
import { usersBlocks } from "./users.ts";
import { counted } from "./wording.ts";

export type StatusOptions = SummaryOptions & Partial<PageOptions>;

/** Instances under way that are listed by name. */
const underWayMax = 20;

/** Whole stories told. */
const storiesMax = 3;

/** Where a rollout stands, for `handrail status`: regions, who is under way, who is bad, what next. */
export function statusText(
  state: RolloutState,
  records: readonly JournalRecord[],
  options: StatusOptions = {},
): string {
  const summary = summarise(state, records, options);
  const going = [...state.instances.values()].filter(isUnderWay);
  const stories = summary.incidents.filter((it) => it.as !== "rolled back" || !it.asBefore);
  const blocks: readonly Block[] = [
    ...headline(summary, state),
    ...wishes(state),
    { kind: "gap" },
    { kind: "heading", text: "Regions" },
    { kind: "rows", level: 1, rows: regionRows(state, summary.nowMs) },
    ...underWay(going, state, { bakes: bakesOf(records, state), nowMs: summary.nowMs }),
    ...stories.slice(0, storiesMax).flatMap((it) => incidentBlocks(it, options.program)),
    ...usersBlocks(state, summary, named(stories.slice(0, storiesMax))),
    ...nextBlocks(summary),
  ];
  return layOut(blocks, { ...plainPage, ...options });
}

function named(stories: Summary["incidents"]): readonly string[] {
  return stories.map(({ instance }) => instance);
}

function wishes(state: RolloutState): readonly Block[] {
  if (state.closed !== null) return [];
  const said: string[] = [];
  if (state.held !== null && state.parked === null)
    said.push("no new work begins: a pause was asked for");
  if (state.halt !== null) said.push(`halting: ${state.halt.sentence}`);
  return said.map((text) => ({ kind: "text", level: 1, tone: "warning", text }));
}

function underWay(
  going: readonly InstanceState[],
  state: RolloutState,
  { bakes, nowMs }: { readonly bakes: Bakes; readonly nowMs: number | null },
): readonly Block[] {
  if (going.length === 0) return [];
  const steps = state.itinerary.plan.steps.map((step) => step.name);
  const rows = going.slice(0, underWayMax).map((it): readonly [string, string] => {
    const bake = it.phase === "baking" && nowMs !== null ? bakes.get(it.name) : undefined;
    const far = bake === undefined || nowMs === null ? "" : `, ${bakeWords(bake, nowMs)}`;
    return [it.name, `${phaseWords(it, steps)}${far}`];
  });
  const more = going.length - rows.length;
  return [
    { kind: "gap" },
    { kind: "heading", text: `Under way (${going.length})` },
    { kind: "rows", level: 1, rows },
    ...(more > 0
      ? [{ kind: "text", level: 1, text: `and ${counted(more, "more instance")}` } as const]
      : []),
  ];
}
