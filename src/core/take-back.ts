import type { Halt } from "./halt.ts";
import type { InstanceState, RolloutState } from "./state.ts";
import { takeBack } from "./way-back.ts";

/**
 * What a halt means for one instance that no action is pending on. Called for every instance when
 * the halt is written, and again for each whose last action ends later.
 */
export function underHalt(it: InstanceState, halt: Halt, state: RolloutState): InstanceState {
  if (it.pending !== null) return it;
  switch (it.phase) {
    case "unchecked":
    case "waiting":
    case "reverting":
    case "verifying":
    case "unfit":
    case "rolled-back":
    case "rolled-back-unverified":
    case "rollback-failed":
    case "unknown":
      return it;
    case "beginning":
      return { ...it, phase: "waiting", tries: 0 };
    case "left":
      return halt.scope === "all" && halt.rule === "abort" ? taken(it, halt) : it;
    case "asking":
      return halt.rule === "abort" ? taken(it, halt) : it;
    case "stepping":
    case "rewinding":
      // In doubt, the receipt is asked by the rollback itself, which ends what still runs.
      return it.touched === 0 ? { ...it, phase: "waiting" } : stopped(it, halt);
    case "inconclusive":
      return it.touched === 0 ? { ...it, phase: "waiting", resumeAt: null } : stopped(it, halt);
    case "stepped":
    case "baking":
      if (halt.scope === "all" || halt.rule === "abort" || inScopeRegion(it, halt, state))
        return taken(it, halt);
      return it;
    case "sealed":
      return halt.scope === "all" || inScopeRegion(it, halt, state) ? taken(it, halt) : it;
  }
}

function stopped(it: InstanceState, halt: Halt): InstanceState {
  if (halt.scope !== "none") return taken(it, halt);
  const where = it.inDoubt ? "in the middle of a step" : "between two steps";
  return { ...it, phase: "left", bad: it.bad ?? badByHalt(it, halt, `stopped ${where}`) };
}

function taken(it: InstanceState, halt: Halt): InstanceState {
  return { ...takeBack(it), bad: it.bad ?? badByHalt(it, halt, "taken back") };
}

function badByHalt(it: InstanceState, halt: Halt, what: string): NonNullable<InstanceState["bad"]> {
  return {
    as: "rolled back",
    step: null,
    failure: {
      code: "ROLLED_BACK_BY_HALT",
      message: `${it.name} was ${what} because the rollout halted: ${halt.sentence}`,
      hint: "nothing is wrong with this instance by itself; start again with a corrected plan",
    },
  };
}

/** Regions in which an instance broke the rule. */
function inScopeRegion(it: InstanceState, halt: Halt, state: RolloutState): boolean {
  if (halt.scope !== "region") return false;
  return halt.instances.some((name) => state.instances.get(name)?.region === it.region);
}
