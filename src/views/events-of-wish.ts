import { approvalRule } from "../core/approval.ts";
import type { RolloutEvent, Wish } from "../core/event.ts";
import type { RolloutState } from "../core/state.ts";
import type { About } from "./event-facts.ts";
import type { PublicEvent } from "./public-events.ts";

/** What a person, a signal or a deadline asked for. */
export function eventsOfWish(
  event: Extract<RolloutEvent, { kind: "asked" }>,
  about: About,
  state: RolloutState,
): readonly PublicEvent[] {
  const { wish, by, reason } = event;
  switch (wish.kind) {
    case "approve": {
      const { region } = wish;
      const digest = wish.digest === undefined ? {} : { digest: wish.digest };
      const approved = state.regions.some((it) => it.name === region && it.approved);
      const given = { region, by, reason, ...digest, approved, ...untilOf(wish, about, state) };
      return [{ type: "approval.given", ...about, ...given }];
    }
    case "approve-emergency":
      return [{ type: "emergency.approved", ...about, by, reason, digest: wish.digest }];
    case "override-window":
      return [{ type: "window.overridden", ...about, region: wish.region, by, reason }];
    case "decide": {
      const { instance, choice } = wish;
      // A wish may name what is not there; it stays in the journal as asked.
      const region = state.instances.get(instance)?.region ?? "";
      return [{ type: "decided", ...about, region, instance, by, reason, choice }];
    }
    case "release-lock":
    case "pause":
    case "resume":
    case "abort":
    case "undo":
    case "reconcile":
    case "interrupt":
    case "deadline":
      return [{ type: "asked", ...about, by, reason, wish: wish.kind }];
  }
}

/** Until when it counts, where the plan lets it expire. */
function untilOf(
  wish: Extract<Wish, { kind: "approve" }>,
  about: About,
  state: RolloutState,
): { readonly until?: string } {
  const planned = state.itinerary.regions.find((it) => it.name === wish.region);
  const { expiresMs } = approvalRule(planned);
  if (expiresMs === null) return {};
  return { until: new Date(Date.parse(wish.at ?? about.at) + expiresMs).toISOString() };
}
