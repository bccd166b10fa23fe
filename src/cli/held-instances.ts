import { oneLine } from "../core/printable.ts";
import type { InstanceState } from "../core/state.ts";
import type { FoundRollout } from "./find-rollout.ts";

export interface HeldInstance {
  readonly name: string;
  readonly why: string;
}

/** Instances whose hosts are still locked for this rollout, although nobody works on them now. */
export function heldInstances({ state, holder }: FoundRollout): readonly HeldInstance[] {
  if (holder !== null) return [];
  return [...state.instances.values()]
    .filter((it) => it.claimed && (!state.released.has(it.name) || state.lingering.has(it.name)))
    .map((it) => ({ name: it.name, why: whyHeld(it, state.closed !== null) }));
}

function whyHeld(it: InstanceState, closed: boolean): string {
  const failure = it.doubt ?? it.bad?.failure ?? null;
  const because = failure === null ? "" : `, because ${oneLine(failure.message)}`;
  if (it.phase === "unknown") return `what the last command did is not known${because}`;
  if (it.phase === "rollback-failed") return `it could not be taken back${because}`;
  if (it.phase === "left") return `it was left as it is${because}`;
  return closed ? `giving it back failed${because}` : "the rollout is not over";
}
