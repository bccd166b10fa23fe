import type { RolloutEvent } from "../core/event.ts";
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
      return [{ type: "approval.given", ...about, region, by, reason, ...digest, approved }];
    }
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
