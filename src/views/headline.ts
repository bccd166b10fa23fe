import { harmOf } from "../core/did-harm.ts";
import { oddOnesIn } from "../core/odd-ones.ts";
import { lacksRequired } from "../core/required.ts";
import type { RolloutState } from "../core/state.ts";
import type { Block } from "./page.ts";
import type { Tone } from "./paint.ts";
import { type Fate, fullDisk, type Summary } from "./summary.ts";
import { duration } from "../core/duration-words.ts";
import { emergencyBlocks, emergencyWords } from "./emergency.ts";
import { approvalWords, windowWait } from "./region-waits.ts";
import { timeLeftWords } from "./time-left.ts";
import { span, utcDateTime } from "./times.ts";
import { counted, listed } from "./wording.ts";

/** What the rollout came to, in one line, and which rollout it is. */
export function headline(summary: Summary, state: RolloutState): readonly Block[] {
  const took = summary.tookMs === null ? "" : ` after ${duration(summary.tookMs)}`;
  const { sign, word, tone, says } = verdictOf(summary, state);
  const left = summary.timeLeft === null ? "" : `; ${timeLeftWords(summary.timeLeft)}`;
  return [
    { kind: "gap" },
    { kind: "heading", tone, text: `${sign} ${word}${took}: ${says}${left}` },
    { kind: "text", level: 1, tone: "quiet", text: identity(summary, state) },
    ...emergencyBlocks(state),
    ...leftAlone(summary, state),
    ...(summary.stoppedBecause === null
      ? []
      : [{ kind: "text", level: 1, tone: "warning", text: summary.stoppedBecause } as const]),
  ];
}

/** Where a step may have run when the process went: its host does not wait for ever. */
function leftAlone(summary: Summary, state: RolloutState): readonly Block[] {
  if (summary.outcome !== "interrupted" || state.parked !== null) return [];
  const armed = [...state.instances.values()].filter(({ guard }) => guard === "armed");
  if (armed.length === 0) return [];
  const lease = span(state.itinerary.plan.rollout.guard.leaseMs);
  const text = `a step may still run on ${listed(armed.map(({ name }) => name))}: unless somebody goes on within ${lease} after its process ended, the host ends the step, and takes it back`;
  return [{ kind: "text", level: 1, tone: "warning", text }];
}

/** An outcome in a line: "✖", "HALTED", "a person is needed". */
export interface Headline {
  readonly sign: string;
  readonly word: string;
  readonly tone: Tone;
  readonly says: string;
}

/** What the rollout came to. */
export function verdictOf(summary: Summary, state: RolloutState): Headline {
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
            says: unharmed(summary, state),
          }
        : { sign: "✖", word: "HALTED", tone: "bad", says: "a person is needed" };
    case "refused":
      return { sign: "✖", word: "REFUSED", tone: "bad", says: "nothing was touched anywhere" };
    case "undone":
      return summary.exit === 0
        ? { sign: "✔", word: "UNDONE", tone: "good", says: "all is as before, verified" }
        : { sign: "✖", word: "UNDONE", tone: "bad", says: "not everywhere: a person is needed" };
    case "paused":
      return { sign: "‖", word: "PAUSED", tone: "warning", says: pause(state, summary.nowMs) };
    case "interrupted":
      return { sign: "‖", tone: "warning", ...interruption(state, summary.nowMs) };
    case "running":
      return { sign: "▸", word: "RUNNING", tone: "plain", says: `${all} in ${regions}` };
  }
}

/** How a halted rollout ended well, said of no instance of which it is not true. */
function unharmed(summary: Summary, state: RolloutState): string {
  const count = (fate: Fate): number => summary.fates.get(fate)?.length ?? 0;
  const sealed = count("sealed");
  // Before the halt or after it: what was under way then came to its end.
  const stay =
    sealed === 0
      ? ""
      : `; ${counted(sealed, "instance")} ${sealed === 1 ? "stays" : "stay"} sealed`;
  if (count("rolled back") === 0)
    return sealed === 0 ? "no instance was changed" : `no instance was harmed${stay}`;
  if (harmOf(state) !== null) return `every instance that was harmed is as before, verified${stay}`;
  const back = counted(count("rolled back"), "instance");
  return `${back} taken back and as before, verified${stay}`;
}

function interruption(state: RolloutState, nowMs: number | null): Pick<Headline, "word" | "says"> {
  const { parked } = state;
  if (parked?.kind !== "interrupted" && parked !== null)
    return { word: "INTERRUPTED", says: pause(state, nowMs) };
  if (parked === null)
    return {
      word: "STOPPED",
      says: "nobody runs it: its process is gone",
    };
  return parked.signal === fullDisk
    ? { word: "STOPPED", says: "the journal's disk is full; no new work was begun" }
    : { word: "INTERRUPTED", says: "no new work was begun; it can go on from here" };
}

function pause(state: RolloutState, nowMs: number | null): string {
  const why = state.parked;
  switch (why?.kind) {
    case "approval":
      return `region ${why.region} waits for ${approvalWords(state, why.region, nowMs)}${odd(state, why.region)}`;
    case "emergency":
      return `the emergency waits for ${emergencyWords(state)}`;
    case "window":
      return `region ${why.region} waits for ${windowWait(state, why.region, nowMs) ?? "its maintenance window"}`;
    case "inconclusive":
      return `${listed(why.instances)} neither good nor bad: a person must decide`;
    case "ask":
      return `${listed(why.instances)} failed, and the plan says: ask`;
    case "bad-in-region":
      if (why.instances.some((name) => lacksRequired(state, name)))
        return `region ${why.region} has bad instances (${listed(why.instances)}), and a step that did not succeed is required: nobody may go on without it`;
      return `region ${why.region} has bad instances (${listed(why.instances)}); the next begins only by a decision`;
    case "paused":
      return why.because ?? "as was asked for";
    case "interrupted":
    case undefined:
      return "as was asked for";
  }
}

/** Whom it waits for, where it is for their sake. */
function odd(state: RolloutState, region: string): string {
  const says = oddOnesIn(state, region).map((it) => it.says);
  if (says.length === 0) return "";
  const more = says.length > 1 ? `, and ${says.length - 1} more such` : "";
  return `: ${says[0]}${more}`;
}

function identity(summary: Summary, state: RolloutState): string {
  const since = summary.startedAt === null ? "" : `, begun ${utcDateTime(summary.startedAt)}`;
  return `${summary.rollout}, plan ${state.itinerary.plan.name}${since}`;
}
