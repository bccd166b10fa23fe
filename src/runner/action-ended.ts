import type { Answer } from "../core/answer.ts";
import type { Outcome } from "../core/event.ts";
import type { Failure } from "../core/failure.ts";

/** Leaves an action from any depth with its outcome. Never crosses the performer's door. */
export class ActionEnded extends Error {
  override readonly name = "ActionEnded";
  readonly outcome: Outcome;
  constructor(outcome: Outcome) {
    super(outcome.is);
    this.outcome = outcome;
  }
}

export function failed(failure: Failure): ActionEnded {
  return new ActionEnded({ is: "failed", failure });
}

/** The value of an answer; an answer without one ends the action as unreachable or unknown. */
export function valueOf<T>(answer: Answer<T>): T {
  switch (answer.kind) {
    case "result":
      return answer.value;
    case "not-sent":
      throw new ActionEnded({ is: "unreachable", failure: answer.failure });
    case "unknown":
      throw new ActionEnded({ is: "unknown", failure: answer.failure });
  }
}

/** As `valueOf`, and a refusal by the guard ends the action as failed. */
export function granted<T extends { readonly kind: string }>(
  answer: Answer<T | Refusal>,
): Exclude<T, Refusal> {
  const value = valueOf(answer);
  if (isRefusal(value)) throw failed(value.failure);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is left of the union
  return value as Exclude<T, Refusal>;
}

interface Refusal {
  readonly kind: "refused";
  readonly failure: Failure;
}

function isRefusal(value: { readonly kind: string }): value is Refusal {
  return value.kind === "refused";
}
