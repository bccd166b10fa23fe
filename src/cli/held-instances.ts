import { oneLine } from "../core/printable.ts";
import { whyKept } from "../core/why-kept.ts";
import type { FoundRollout } from "./find-rollout.ts";

export interface HeldInstance {
  readonly name: string;
  /** Region of the itinerary. */
  readonly region: string;
  /** When this rollout last began to take the lock: RFC 3339, UTC; null: the journal does not say. */
  readonly since: string | null;
  readonly why: string;
  readonly waitsForDecision: boolean;
}

/** Instances whose hosts are still locked for this rollout, although nobody works on them now. */
export function heldInstances({ state, holder, records }: FoundRollout): readonly HeldInstance[] {
  if (holder !== null) return [];
  const isClosed = state.closed !== null;
  return [...state.instances.values()]
    .filter((it) => it.claimed && (!state.released.has(it.name) || state.lingering.has(it.name)))
    .map((it) => ({
      name: it.name,
      region: it.region,
      waitsForDecision: it.phase === "inconclusive" || it.phase === "asking",
      since: sinceOf(it.name, records),
      why:
        whyKept(it) ??
        (isClosed ? failedRelease(it.bad?.failure.message) : "the rollout is not over"),
    }));
}

function sinceOf(instance: string, records: FoundRollout["records"]): string | null {
  const begun = records.findLast(
    ({ event }) =>
      event.kind === "intent" &&
      event.action.kind === "begin" &&
      event.action.instance === instance,
  );
  return begun?.at ?? null;
}

function failedRelease(because: string | undefined): string {
  return `giving it back failed${because === undefined ? "" : `, after this: ${oneLine(because)}`}`;
}
