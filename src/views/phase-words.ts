import type { InstanceState } from "../core/state.ts";

/** What an instance is doing now, in a few words: `step 2/4 clear compiled pages`. */
export function phaseWords(it: InstanceState, steps: readonly string[]): string {
  const step = `step ${it.step + 1}/${steps.length} ${steps[it.step] ?? ""}`.trimEnd();
  const again = it.tries > 0 ? `, asked ${it.tries + 1} times` : "";
  switch (it.phase) {
    case "unchecked":
      return it.pending === null ? "not looked at yet" : "is being looked at";
    case "waiting":
      return "waits for its turn";
    case "unfit":
      return "bad before it was touched";
    case "beginning":
      return `begins: locks, looks at health${again}`;
    case "stepping": {
      const attempt = it.attempt > 1 ? `, attempt ${it.attempt}` : "";
      return `${step}${it.pending?.kind === "snapshot" ? ": snapshot" : ""}${attempt}${again}`;
    }
    case "rewinding":
      return `${step}: put back for another attempt${again}`;
    case "stepped":
      return "all steps done, waits for its batch";
    case "baking":
      return "bakes: watches health";
    case "inconclusive":
      return "neither good nor bad, waits for a decision";
    case "asking":
      return "failed, waits for a decision";
    case "reverting":
      return `back: ${step}${again}`;
    case "verifying":
      return `back: verifies content and health${again}`;
    case "sealed":
      return "sealed";
    case "rolled-back":
      return "rolled back, verified";
    case "rolled-back-unverified":
      return "put back, NOT verified: needs a person";
    case "rollback-failed":
      return "rollback FAILED: needs a person";
    case "left":
      return "left as it is: needs a person";
    case "unknown":
      return "state NOT KNOWN: needs a person";
  }
}
