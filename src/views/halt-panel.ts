import type { RolloutState } from "../core/state.ts";
import type { JournalRecord } from "../ports/journal.ts";
import { headline } from "./headline.ts";
import { incidentBlocks } from "./incident-blocks.ts";
import { nextBlocks } from "./next-blocks.ts";
import { type Block, layOut, type PageOptions, plainPage } from "./page.ts";
import { type Fate, summarise, type Summary, type SummaryOptions } from "./summary.ts";
import { usersBlocks } from "./users.ts";
import { counted, grouped, listed } from "./wording.ts";

export type PanelOptions = SummaryOptions & Partial<PageOptions>;

/**
 * The last thing on the screen, for a tired person: what happened, where, since when, what was done
 * about it, how users are now, the rule, what was touched and what not, the next command to type.
 */
export function haltPanel(
  state: RolloutState,
  records: readonly JournalRecord[],
  options: PanelOptions = {},
): string {
  const summary = summarise(state, records, options);
  const blocks = [
    ...headline(summary, state),
    ...whatHappened(summary, state, options.program),
    ...rule(state),
    ...touched(summary, state),
    ...nextBlocks(summary),
  ];
  return layOut(blocks, { ...plainPage, ...options });
}

/** Whole stories told; of any further ones only who and what. */
const storiesMax = 3;

function whatHappened(summary: Summary, state: RolloutState, program?: string): readonly Block[] {
  // Who was only taken back with the others, and is as before, has no story of its own.
  const stories = summary.incidents.filter((it) => it.as !== "rolled back" || !it.asBefore);
  const quiet = summary.incidents.filter((it) => !stories.includes(it));
  const more = stories.slice(storiesMax);
  return [
    ...stories.slice(0, storiesMax).flatMap((it) => incidentBlocks(it, program)),
    ...section(`And ${counted(more.length, "more instance")}`, more.length > 0, {
      kind: "rows",
      level: 1,
      rows: more.map((it) => [it.instance, it.failure.message]),
    }),
    ...usersBlocks(
      state,
      summary,
      stories.slice(0, storiesMax).map(({ instance }) => instance),
    ),
    ...section("Taken back with it", quiet.length > 0, {
      kind: "text",
      level: 1,
      text: `${listed(quiet.map((it) => it.instance))}: nothing was wrong there; as before, verified`,
    }),
  ];
}

function section(title: string, is: boolean, block: Block): readonly Block[] {
  return is ? [{ kind: "gap" }, { kind: "heading", text: title }, block] : [];
}

function rule(state: RolloutState): readonly Block[] {
  const { halt } = state;
  if (halt === null || state.closed === "sealed") return [];
  return [
    { kind: "gap" },
    { kind: "heading", text: "Rule" },
    { kind: "text", level: 1, text: `${halt.sentence}: no new work was begun after that` },
  ];
}

/** What became of an instance, for people. */
export const fateWords: Readonly<Record<Fate, string>> = {
  sealed: "sealed: changed, good",
  "rolled back": "rolled back, verified",
  "rolled back, not verified": "put back, NOT verified",
  "rollback failed": "rollback FAILED",
  left: "left as it is",
  unknown: "state NOT KNOWN",
  unfit: "bad before it was touched",
  inconclusive: "neither good nor bad",
  asking: "waits for a decision",
  "under way": "under way",
  "not touched": "not touched",
};

/** The order in which a tired person wants to know it. */
export const fateOrder: readonly Fate[] = [
  "unknown",
  "rollback failed",
  "left",
  "rolled back, not verified",
  "asking",
  "inconclusive",
  "under way",
  "rolled back",
  "unfit",
  "sealed",
  "not touched",
];

/** Names of one fate that are listed; more are counted by region. */
const namesMax = 12;

function touched(summary: Summary, state: RolloutState): readonly Block[] {
  const rows = fateOrder.flatMap((fate): readonly (readonly [string, string])[] => {
    const names = summary.fates.get(fate) ?? [];
    if (names.length === 0) return [];
    return [[`${grouped(names.length)} ${fateWords[fate]}`, whoAndWhere(names, state)]];
  });
  return [
    { kind: "gap" },
    { kind: "heading", text: `Instances (${summary.instances})` },
    { kind: "rows", level: 1, tone: "plain", rows },
  ];
}

/** Names, or how many in which region where there are too many to read. */
export function whoAndWhere(names: readonly string[], state: RolloutState): string {
  if (names.length <= namesMax) return names.join(", ");
  const regions = state.itinerary.regions.flatMap(({ name }) => {
    const count = names.filter((each) => state.instances.get(each)?.region === name).length;
    return count === 0 ? [] : [`${name} ${grouped(count)}`];
  });
  return listed(regions, namesMax);
}
