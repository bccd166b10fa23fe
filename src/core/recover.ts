import type { Action } from "./action.ts";
import type { RolloutEvent } from "./event.ts";
import type { RolloutState } from "./state.ts";

/**
 * What a new runner writes first: every intent whose runner is gone gets an ending. Doing an action
 * again is safe, because the host's receipt tells what became of it, with one exception: a step that
 * the controller does by itself (`http`) leaves no receipt, and is never repeated unless the plan
 * calls it idempotent.
 */
export function recover(state: RolloutState): readonly RolloutEvent[] {
  return [...state.instances.values()].flatMap((it): RolloutEvent[] => {
    const action = it.pending;
    if (action === null) return [];
    if (action.kind === "revert") return [afterRevert(state, it.name, action)];
    if (action.kind !== "apply") return [{ kind: "forgotten", action }];
    const step = state.itinerary.plan.steps[action.step];
    if (state.itinerary.receipted[action.step] === true || step?.idempotent === true)
      return [{ kind: "forgotten", action }];
    return [
      {
        kind: "outcome",
        action,
        outcome: {
          is: "failed",
          failure: {
            code: "STEP_IN_DOUBT",
            message: `Handrail stopped while step "${step?.name ?? action.step}" was under way on ${it.name}, and nothing can tell whether it was done`,
            hint: "look at what the request was for; a step that may run twice can say `idempotent: true`",
          },
        },
      },
    ];
  });
}

/** An undo by `http` leaves no receipt either: it may have been sent, and is not sent again. */
function afterRevert(
  state: RolloutState,
  name: string,
  action: Extract<Action, { kind: "revert" }>,
): RolloutEvent {
  const step = state.itinerary.plan.steps[action.step];
  if (step?.undo?.kind !== "http" || step.idempotent) return { kind: "forgotten", action };
  return {
    kind: "outcome",
    action,
    outcome: {
      is: "failed",
      failure: {
        code: "UNDO_FAILED",
        message: `Handrail stopped while the undo of step "${step.name}" was under way on ${name}, and nothing can tell whether its request was sent`,
        hint: "see whether it took effect; `handrail reconcile` sends it again",
      },
    },
  };
}
