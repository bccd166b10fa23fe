import type { ItineraryRegion } from "./itinerary.ts";
import type { ApprovalRule } from "./plan/plan.ts";
import type { RegionState, Vote } from "./state.ts";

/** What the short form of a plan asks: one person, whoever it is. */
const anybody: ApprovalRule = { by: 1, from: null, expiresMs: null, starter: true };

export function approvalRule(region: ItineraryRegion | undefined): ApprovalRule {
  return region?.approval ?? anybody;
}

/**
 * The person behind "deploy@laptop": people are told apart by their login, on whichever machine they
 * sit. Nobody proves who they are here: whoever may write to the journal's folder is trusted.
 */
export function personOf(by: string): string {
  return by.split("@", 1)[0] ?? by;
}

/** Why this person's approval would not count; null: it would. */
export function refusedApprover(
  rule: ApprovalRule,
  by: string,
  startedBy: string | null,
): "not named" | "started it" | null {
  const person = personOf(by);
  if (rule.from !== null && !rule.from.includes(person)) return "not named";
  const isStarter = startedBy !== null && personOf(startedBy) === person;
  return isStarter && !rule.starter ? "started it" : null;
}

/** The approvals that count at this instant (RFC 3339); null, or one without a time, never expires. */
export function countingVotes(
  rule: ApprovalRule,
  votes: readonly Vote[],
  at: string | null,
): readonly Vote[] {
  const { expiresMs } = rule;
  if (expiresMs === null || at === null) return votes;
  return votes.filter(
    (vote) => vote.at === null || Date.parse(vote.at) + expiresMs > Date.parse(at),
  );
}

/** Do enough of them count at this instant? */
export function isApproved(rule: ApprovalRule, region: RegionState, at: string | null): boolean {
  return region.approved && countingVotes(rule, region.votes, at).length >= rule.by;
}
