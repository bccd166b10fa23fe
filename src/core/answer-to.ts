import type { Wish } from "./event.ts";
import { isGoing, type Standing, standingOf } from "./standing.ts";
import type { RolloutState } from "./state.ts";
import { type Answer, verbAnswers } from "./verb-answers.ts";
import { holds } from "./verb-conditions.ts";
import { attendedRows, restingRows, stoppedRows, type Verb, type VerbRow } from "./verb-table.ts";

/** What is asked, of a rollout that stands so. */
export interface Asked {
  readonly state: RolloutState;
  /** Does somebody run it right now? */
  readonly attended: boolean;
  readonly wish: Wish;
  /** Who asks: "deploy@laptop". Default: nobody in particular. */
  readonly by?: string;
}

/**
 * What a person or a signal is told who asks for this. Where the word is "refused" or "already so",
 * the wish must not be left: it would mean nothing, or something else by the time it is heard.
 */
export function answerTo(asked: Asked): Answer {
  const standing = standingOf(asked.state);
  const verb = verbOf(asked.wish);
  const cell = rowOf(standing, asked.attended)[verb];
  if (cell === null) throw new Error(`nobody runs a rollout that is ${standing}, yet: ${verb}`);
  const met = cell.where.find(([condition]) => holds(condition, asked));
  return verbAnswers[met?.[1] ?? cell.otherwise];
}

function rowOf(standing: Standing, attended: boolean): VerbRow {
  if (!isGoing(standing)) return restingRows[standing];
  return (attended ? attendedRows : stoppedRows)[standing];
}

export function verbOf(wish: Wish): Verb {
  switch (wish.kind) {
    case "abort":
      return wish.rollback ? "abort --rollback" : "abort";
    case "release-lock":
      return "locks release";
    case "approve-emergency":
      return "approve --emergency";
    case "override-window":
      return "override";
    case "interrupt":
      return "first signal";
    case "deadline":
      throw new Error("a deadline is nothing that a person asks for");
    case "pause":
    case "resume":
    case "approve":
    case "undo":
    case "reconcile":
    case "decide":
      return wish.kind;
  }
}
