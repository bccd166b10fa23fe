import type { Action } from "../core/action.ts";
import { durationText } from "../core/plan/durations.ts";
import type { RolloutEvent } from "../core/event.ts";
import type { Failure } from "../core/failure.ts";
import type { Itinerary } from "../core/itinerary.ts";
import type { RolloutState } from "../core/state.ts";
import type { Clock } from "../ports/clock.ts";

/**
 * The plan's deadlines for an instance and for progress, and the bound of everything on the way back:
 * each revert, verification and release may take as long as an instance may, so that an abort ends.
 * They are kept by this runner's clock: a
 * rollout that was taken up again gets its time anew, because nothing was done in between.
 */
export class Deadlines {
  readonly #itinerary: Itinerary;
  readonly #clock: Clock;
  readonly #begun = new Map<string, number>();
  #progressMs: number;

  constructor(itinerary: Itinerary, clock: Clock) {
    this.#itinerary = itinerary;
    this.#clock = clock;
    this.#progressMs = clock.now();
  }

  /**
   * The action's end, or its failure when the instance's time is over first. The command itself is
   * ended by the rollback that follows, which asks its receipt.
   */
  guard(
    action: Action,
    ended: Promise<RolloutEvent>,
    abort: AbortController,
  ): Promise<RolloutEvent> {
    const { instanceMs } = this.#itinerary.plan.rollout.deadline;
    const begunMs = forward.has(action.kind) ? this.#begunMs(action) : this.#clock.now();
    const leftMs = Math.max(0, begunMs + instanceMs - this.#clock.now());
    const stop = new AbortController();
    const late = this.#clock.sleep(leftMs, stop.signal).then(
      (): RolloutEvent => {
        abort.abort();
        return {
          kind: "outcome",
          action,
          outcome: { is: "failed", failure: overdueInstance(action, instanceMs) },
        };
      },
      () => ended,
    );
    return Promise.race([ended.finally(() => stop.abort()), late]);
  }

  #begunMs({ instance, kind }: Action): number {
    // The bake has its own: waiting for the rest of a batch is nobody's delay.
    const clock = `${instance} ${kind === "bake" ? "bake" : "steps"}`;
    const begunMs = this.#begun.get(clock) ?? this.#clock.now();
    this.#begun.set(clock, begunMs);
    return begunMs;
  }

  saw(event: RolloutEvent): void {
    if (event.kind !== "outcome") return;
    if (event.outcome.is === "done") this.#progressMs = this.#clock.now();
  }

  /** Non-null once nothing was finished for longer than the plan allows. */
  progress(state: RolloutState): Failure | null {
    const waits = state.mode !== "forward" || state.held !== null || state.parked !== null;
    if (waits || state.overdue !== null) {
      this.#progressMs = this.#clock.now();
      return null;
    }
    const { progressMs } = this.#itinerary.plan.rollout.deadline;
    if (this.#clock.now() - this.#progressMs < progressMs) return null;
    return {
      code: "DEADLINE_PROGRESS",
      message: `nothing came to a good end for ${durationText(progressMs)}`,
      hint: "see what the instances under way wait for; `deadline: { progress: … }` in the plan is the limit",
    };
  }
}

const forward: ReadonlySet<Action["kind"]> = new Set<Action["kind"]>([
  "begin",
  "snapshot",
  "apply",
  "rewind",
  "bake",
]);

function overdueInstance(action: Action, instanceMs: number): Failure {
  const limit = durationText(instanceMs);
  const message = forward.has(action.kind)
    ? `${action.instance} was not done within ${limit}; its time was over during ${action.kind}`
    : `${action.kind} on ${action.instance} did not end within ${limit}`;
  return {
    code: "DEADLINE_INSTANCE",
    message,
    hint: "see what took so long; `deadline: { instance: … }` in the plan is the limit",
  };
}
