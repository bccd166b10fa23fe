import { personOf, refusedApprover } from "./approval.ts";
import type { Wish } from "./event.ts";
import type { Itinerary } from "./itinerary.ts";
import type { ApprovalRule, Bake, EmergencyPolicy, Plan } from "./plan/plan.ts";
import type { RolloutState } from "./state.ts";

/**
 * An emergency shortens what the plan's author declared for it, and nothing else: bakes. What a probe asks,
 * snapshots, switches, limits, windows and the approvals of regions are as always. It takes one more
 * person: nothing is touched before somebody whom the plan names has approved it.
 */
export function emergencyBake(usual: Bake, { bake }: EmergencyPolicy): Bake {
  const { untilMs, ...shorter } = bake;
  const { until } = usual;
  if (until === undefined || untilMs === undefined) return { ...usual, ...shorter };
  return { ...usual, ...shorter, until: { ...until, timeMs: Math.min(untilMs, until.timeMs) } };
}

/** Who approves an emergency of this plan: one of those that it names. */
export function emergencyRule({ approvers, starter }: EmergencyPolicy): ApprovalRule {
  return { by: 1, from: approvers, expiresMs: null, starter };
}

/** Does everything still wait for the person who approves the emergency? */
export function waitsForEmergency(state: RolloutState): boolean {
  return state.itinerary.emergency !== undefined && state.emergency === null;
}

/** Why this person's approval of the emergency would not count; null: it would. */
export function refusedEmergency(
  { itinerary, startedBy }: RolloutState,
  by: string,
): "not named" | "started it" | null {
  const rule = itinerary.emergency?.rule;
  return rule === undefined ? "not named" : refusedApprover(rule, by, startedBy);
}

/** The state after somebody approved it; the same where that means nothing. */
export function approveEmergency(
  state: RolloutState,
  wish: Extract<Wish, { kind: "approve-emergency" }>,
  by: string,
): RolloutState {
  if (!waitsForEmergency(state) || wish.digest !== state.itinerary.digest) return state;
  if (refusedEmergency(state, by) !== null) return state;
  const parked = state.parked?.kind === "emergency" ? null : state.parked;
  return { ...state, parked, emergency: { by, at: wish.at ?? null } };
}

/** Why no rollout of a plan without one is an emergency, with what to do. */
export const undeclaredEmergency = {
  why: "the plan declares nothing for one",
  hint: "leave --emergency out, or declare it: rollout: { emergency: { bake: { stable: 2m }, approvers: [ann, bob] } }",
} as const;

/**
 * Why this person can't start an emergency of this plan, with what to do: nobody could approve it. null:
 * nothing is in the way.
 */
export function emergencyTrouble(
  { rollout: { emergency } }: Plan,
  by: string,
): { readonly why: string; readonly hint: string } | null {
  if (emergency === undefined) return undeclaredEmergency;
  const others = emergency.approvers.filter((name) => name !== personOf(by));
  if (emergency.starter || others.length > 0) return null;
  return {
    why: `only ${personOf(by)} may approve an emergency of this plan, and it takes somebody else than who starts it`,
    hint: "have somebody else start it, or name more `approvers`",
  };
}

/** The bakes of an emergency beside what they are otherwise, region by region. */
export function shortenedBakes(
  itinerary: Itinerary,
): readonly { readonly region: string; readonly usual: Bake; readonly now: Bake }[] {
  const { bake, bakeFirst } = itinerary.plan.rollout;
  return itinerary.regions.map((region, at) => ({
    region: region.name,
    usual: at === 0 ? bakeFirst : bake,
    now: region.bake,
  }));
}
