import type { RolloutState } from "../core/state.ts";
import type { JournalRecord } from "../ports/journal.ts";
import { incidentBlocks } from "./incident-blocks.ts";
import { type Block, layOut, type PageOptions, plainPage } from "./page.ts";
import type { Tone } from "./paint.ts";
import { type Fate, summarise, type Summary, type SummaryOptions } from "./summary.ts";
import { duration, utcDateTime } from "./times.ts";
import { counted, listed } from "./wording.ts";

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
    ...whatHappened(summary),
    ...rule(state),
    ...touched(summary),
    ...nextBlocks(summary),
  ];
  return layOut(blocks, { ...plainPage, ...options });
}

function headline(summary: Summary, state: RolloutState): readonly Block[] {
  const took = summary.durationMs === null ? "" : ` after ${duration(summary.durationMs)}`;
  const { sign, word, tone, says } = verdictOf(summary, state);
  return [
    { kind: "gap" },
    { kind: "heading", tone, text: `${sign} ${word}${took}: ${says}` },
    { kind: "text", level: 1, tone: "quiet", text: identity(summary, state) },
  ];
}

interface Headline {
  readonly sign: string;
  readonly word: string;
  readonly tone: Tone;
  readonly says: string;
}

function verdictOf(summary: Summary, state: RolloutState): Headline {
  const all = counted(summary.instances, "instance");
  const regions = counted(state.itinerary.regions.length, "region");
  switch (summary.outcome) {
    case "sealed":
      return {
        sign: "✔",
        word: "SEALED",
        tone: "good",
        says: `${all} in ${regions}, each verified`,
      };
    case "halted":
      return summary.exit === 4
        ? {
            sign: "✖",
            word: "HALTED",
            tone: "bad",
            says: "every instance that was harmed is as before, verified",
          }
        : { sign: "✖", word: "HALTED", tone: "bad", says: "a person is needed" };
    case "refused":
      return { sign: "✖", word: "REFUSED", tone: "bad", says: "nothing was touched anywhere" };
    case "undone":
      return summary.exit === 0
        ? { sign: "✔", word: "UNDONE", tone: "good", says: "all is as before, verified" }
        : { sign: "✖", word: "UNDONE", tone: "bad", says: "not everywhere: a person is needed" };
    case "paused":
      return { sign: "‖", word: "PAUSED", tone: "warning", says: pause(state) };
    case "interrupted":
      return {
        sign: "‖",
        word: "INTERRUPTED",
        tone: "warning",
        says: "no new work was begun; it can go on from here",
      };
    case "running":
      return { sign: "▸", word: "RUNNING", tone: "plain", says: `${all} in ${regions}` };
  }
}

function pause(state: RolloutState): string {
  const why = state.parked;
  switch (why?.kind) {
    case "approval":
      return `region ${why.region} waits for a person's approval`;
    case "inconclusive":
      return `${listed(why.instances)} neither good nor bad: a person must decide`;
    case "ask":
      return `${listed(why.instances)} failed, and the plan says: ask`;
    case "bad-in-region":
      return `region ${why.region} has bad instances (${listed(why.instances)}); the next begins only by a decision`;
    case "paused":
    case "interrupted":
    case undefined:
      return "as was asked for";
  }
}

function identity(summary: Summary, state: RolloutState): string {
  const since = summary.startedAt === null ? "" : `, begun ${utcDateTime(summary.startedAt)}`;
  return `${summary.rollout}, plan ${state.itinerary.plan.name}${since}`;
}

/** Whole stories told; of any further ones only who and what. */
const storiesMax = 3;

function whatHappened(summary: Summary): readonly Block[] {
  const { incidents } = summary;
  const told = incidents.slice(0, storiesMax).flatMap(incidentBlocks);
  const more = incidents.slice(storiesMax);
  if (more.length === 0) return told;
  return [
    ...told,
    { kind: "gap" },
    { kind: "heading", text: `And ${counted(more.length, "more instance")}` },
    { kind: "rows", level: 1, rows: more.map((it) => [it.instance, it.failure.message]) },
  ];
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

const fateWords: Readonly<Record<Fate, string>> = {
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
const fateOrder: readonly Fate[] = [
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

/** Names of one fate that are listed. */
const namesMax = 12;

function touched(summary: Summary): readonly Block[] {
  const rows = fateOrder.flatMap((fate): readonly (readonly [string, string])[] => {
    const names = summary.fates.get(fate) ?? [];
    if (names.length === 0) return [];
    return [[`${names.length} ${fateWords[fate]}`, listed(names, namesMax)]];
  });
  return [
    { kind: "gap" },
    { kind: "heading", text: `Instances (${summary.instances})` },
    { kind: "rows", level: 1, tone: "plain", rows },
  ];
}

function nextBlocks(summary: Summary): readonly Block[] {
  if (summary.next.length === 0) return [];
  return [
    { kind: "gap" },
    { kind: "heading", text: "Next" },
    ...summary.next.flatMap(({ command, why }): readonly Block[] => [
      { kind: "verbatim", level: 1, text: command },
      { kind: "text", level: 3, tone: "quiet", text: why },
    ]),
  ];
}
