import type { RolloutState } from "../core/state.ts";
import type { Block } from "./page.ts";
import type { Tone } from "./paint.ts";
import type { Summary } from "./summary.ts";
import { duration, utcDateTime } from "./times.ts";
import { counted, listed } from "./wording.ts";

/** What the rollout came to, in one line, and which rollout it is. */
export function headline(summary: Summary, state: RolloutState): readonly Block[] {
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
