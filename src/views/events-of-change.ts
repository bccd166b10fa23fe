import { changedBetween } from "../core/persistent-map.ts";
import type { InstanceState, RolloutState } from "../core/state.ts";
import { type About, publicFailure, stepOf } from "./event-facts.ts";
import type { PublicEvent } from "./public-events.ts";

/** What became of instances between the two states, in rollout order. */
export function eventsOfChange(
  before: RolloutState | null,
  after: RolloutState,
  about: About,
): readonly PublicEvent[] {
  if (before === null) return [];
  return changedBetween(before.instances, after.instances).flatMap(({ was, is }) =>
    was === undefined ? [] : changesOf(was, is, { about, after }),
  );
}

function changesOf(
  was: InstanceState,
  it: InstanceState,
  { about, after }: { readonly about: About; readonly after: RolloutState },
): readonly PublicEvent[] {
  const on = { ...about, region: it.region, instance: it.name };
  const told: PublicEvent[] = [];
  if (was.bad === null && it.bad !== null) {
    const { as, failure, step } = it.bad;
    const at = step === null ? {} : stepOf(after, step);
    // What is taken back is not "not touched" only because nothing is left of it afterwards.
    const touched = was.touched > 0 || it.touched > 0;
    told.push({ type: "instance.bad", ...on, as, failure: publicFailure(failure), ...at, touched });
  }
  if (was.phase === it.phase) return told;
  const doubt = it.doubt ?? it.bad?.failure ?? null;
  const because = doubt === null ? [] : [publicFailure(doubt)];
  switch (it.phase) {
    case "beginning":
      told.push({ type: "instance.started", ...on });
      break;
    case "sealed":
      told.push({ type: "instance.sealed", ...on });
      break;
    case "inconclusive":
    case "asking":
    case "left":
    case "unknown":
      for (const failure of because) told.push({ type: `instance.${it.phase}`, ...on, failure });
      break;
    case "reverting":
      // One that begins anew is told with its first intent, after the halt that it may follow.
      if (it.step !== it.touched - 1)
        told.push({ type: "rollback.started", ...on, steps: it.step + 1 });
      break;
    case "rolled-back":
      told.push({ type: "rollback.finished", ...on, is: "verified" });
      break;
    case "rolled-back-unverified":
    case "rollback-failed": {
      const is = it.phase === "rollback-failed" ? "failed" : "not verified";
      const [failure] = because;
      told.push({ type: "rollback.finished", ...on, is, ...(failure ? { failure } : {}) });
      break;
    }
    case "unchecked":
    case "waiting":
    case "unfit":
    case "stepping":
    case "rewinding":
    case "stepped":
    case "baking":
    case "verifying":
      break;
  }
  return told;
}
