import type { Failure } from "../core/failure.ts";
import { publicFailure } from "./event-facts.ts";
import type { PublicEventOf } from "./public-events.ts";

export interface Waiting {
  /** RFC 3339, UTC. */
  readonly at: string;
  /** Who holds what is waited for. */
  readonly failure: Failure;
  /** Milliseconds that are left of the wait. */
  readonly leftMs: number;
}

/** A line of `--json` before there is a rollout: what it waits for. */
export function waitingEvent({ at, failure, leftMs }: Waiting): PublicEventOf<"lock.waiting"> {
  return {
    type: "lock.waiting",
    at,
    rollout: null,
    failure: publicFailure(failure),
    leftMs: Math.max(0, Math.round(leftMs)),
  };
}
