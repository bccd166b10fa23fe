import type { Wish } from "../core/event.ts";
import { needsApproval } from "../core/odd-ones.ts";
import { quoted } from "../core/plan/quoted.ts";
import { nearestOrAll } from "../core/plan/suggest.ts";
import { beginsWork } from "../core/wish.ts";
import type { FoundRollout } from "./find-rollout.ts";
import { UsageError } from "./refusal.ts";

export interface ApproveOrder {
  readonly region: string;
  /** As it was typed; undefined: whatever the rollout has. */
  readonly digest?: string | undefined;
}

/** What is asked of the rollout; throws where no such region waits, or another digest was read. */
export function approveWish({ id, state }: FoundRollout, order: ApproveOrder): Wish {
  const waiting = state.itinerary.regions.filter(({ name }) => needsApproval(state, name));
  const names = waiting.map(({ name }) => name);
  if (!beginsWork(state) || names.includes(order.region)) {
    const { digest } = state.itinerary;
    refuseOther(order.digest, { id, digest });
    // What was approved, and when, goes with it: an approval may expire.
    return { kind: "approve", region: order.region, at: new Date().toISOString(), digest };
  }
  const suggestion = nearestOrAll(order.region, names);
  const why = `no region "${order.region}" of ${id} waits for approval`;
  throw new UsageError(
    suggestion === null ? why : `${why}; ${suggestion}`,
    `see where it stands: handrail status ${id}`,
  );
}

/** The same of the emergency that the whole rollout is. */
export function emergencyWish(
  { id, state }: FoundRollout,
  order: Pick<ApproveOrder, "digest">,
): Wish {
  const { digest } = state.itinerary;
  refuseOther(order.digest, { id, digest });
  return { kind: "approve-emergency", at: new Date().toISOString(), digest };
}

/** Whoever read a preview approves what that preview showed, or nothing. */
function refuseOther(
  given: string | undefined,
  { id, digest }: { readonly id: string; readonly digest: string },
): void {
  if (given === undefined || given.toLowerCase() === digest) return;
  throw new UsageError(
    `--digest is ${quoted(given)}, and ${id} has the digest ${digest}`,
    `look at what it does: handrail report ${id}`,
  );
}
