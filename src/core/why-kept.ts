import type { Failure } from "./failure.ts";
import { oneLine } from "./printable.ts";
import type { InstanceState } from "./state.ts";

/**
 * Why the lock of an instance stays on purpose, though nobody works on it: what is not known, not as
 * before, or waits for a person. null: it stays for no such reason.
 */
export function whyKept(it: InstanceState): string | null {
  const what = whatIsOpen(it);
  return what === null
    ? null
    : `kept because ${what}${because(it.doubt ?? it.bad?.failure ?? null)}`;
}

function whatIsOpen(it: InstanceState): string | null {
  const { name } = it;
  switch (it.phase) {
    case "unknown":
      return `what became of ${name}'s ${stepWords(it)} is unknown`;
    case "left":
      return `${name} was left as it is after its ${stepWords(it)}`;
    case "rollback-failed":
      return `${name} could not be taken back`;
    case "rolled-back-unverified":
      return `${name} was taken back, and whether it serves users is not known`;
    case "inconclusive":
      return `whether ${name} is well is not known, and a person has to decide`;
    case "asking":
      return `${name}'s ${stepWords(it)} failed, and a person has to decide`;
    case "unchecked":
    case "waiting":
    case "unfit":
    case "beginning":
    case "stepping":
    case "rewinding":
    case "stepped":
    case "baking":
    case "reverting":
    case "verifying":
    case "sealed":
    case "rolled-back":
      return null;
  }
}

/** Steps count from 1 for people. */
function stepWords({ bad, step }: InstanceState): string {
  return `step ${(bad?.step ?? step) + 1}`;
}

function because(failure: Failure | null): string {
  return failure === null ? "" : `: ${oneLine(failure.message)}`;
}
