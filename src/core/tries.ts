import type { Action } from "./action.ts";
import type { Failure } from "./failure.ts";
import type { InstanceState } from "./state.ts";

/** How often one question is put to a host that gave no answer, the first time included. */
export const triesMax = 4;

/** Preflight touches nothing, and a person waits for it. */
const preflightTriesMax = 2;

/**
 * Is the same question put again after this failure? Answers that would be the same a second later
 * only keep a person waiting, and a deadline that is over stays over.
 */
export function asksAgain(
  it: Pick<InstanceState, "tries">,
  { kind }: Pick<Action, "kind">,
  failure: Failure,
): boolean {
  const asks = kind === "preflight" ? preflightTriesMax : triesMax;
  return it.tries + 1 < asks && !lasting.has(failure.code);
}

const lasting: ReadonlySet<string> = new Set([
  "HOST_KEY_UNKNOWN",
  "HOST_KEY_CHANGED",
  "AUTH_FAILED",
  "BECOME_FAILED",
  "TRANSPORT_UNSUPPORTED",
  "GUARD_HOST_UNFIT",
  "DEADLINE_INSTANCE",
]);
