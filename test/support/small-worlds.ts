import { createHash } from "node:crypto";
import { decide } from "../../src/core/decide.ts";
import { due } from "../../src/core/due.ts";
import type { Outcome, RolloutEvent, Wish } from "../../src/core/event.ts";
import type { Failure } from "../../src/core/failure.ts";
import { lateHarmSeen, watchedIn } from "../../src/core/after-late-harm.ts";
import { recover } from "../../src/core/recover.ts";
import type { RolloutState } from "../../src/core/state.ts";
import { toldTime } from "../../src/core/told-time.ts";

const failure: Failure = { code: "STEP_EXIT", message: "exit 1", hint: "look" };
const fired: Failure = { code: "GUARD_FIRED", message: "went back", hint: "look" };
const undone: Failure = { code: "UNDO_FAILED", message: "exit 1", hint: "look" };

/**
 * What the runner could write next by itself, with every outcome of what is under way. `silent`
 * worlds leave out lost answers, whose tries multiply the states.
 */
export function ownSuccessors(state: RolloutState, silent: boolean): readonly RolloutEvent[] {
  if (state.closed !== null) return [];
  const next = due(state);
  if (next !== null) return [next];
  const pending = [...state.instances.values()].flatMap((it) => (it.pending ? [it.pending] : []));
  return [
    ...decide(state).map((action): RolloutEvent => ({ kind: "intent", action })),
    ...pending.flatMap((action) =>
      outcomesOf(action.kind, silent).map((outcome): RolloutEvent => ({
        kind: "outcome",
        action,
        outcome,
      })),
    ),
  ];
}

/** The same, and what the world and people can do to it. */
export function successors(
  state: RolloutState,
  wishes: readonly Wish[],
  silent: boolean,
): readonly RolloutEvent[] {
  const asked = wishes
    .filter((wish) => state.closed === null || reopening.has(wish.kind))
    .flatMap((wish) =>
      askers(state, wish).map((by): RolloutEvent => ({ kind: "asked", wish, by, reason: "" })),
    );
  if (state.closed !== null) return asked;
  if (due(state) !== null) return [...tellings(state), ...ownSuccessors(state, silent)];
  const resumed: RolloutEvent[] =
    state.parked === null ? [] : [{ kind: "taken-up", runner: "next", epoch: state.epoch }];
  return [
    ...ownSuccessors(state, silent),
    ...lateHarms(state),
    // One intent at a time is enough: recover's records are independent of each other.
    ...recover(state),
    ...resumed,
    ...asked,
  ];
}

/** What may be seen on any instance that is looked at after it was sealed. */
function lateHarms(state: RolloutState): readonly RolloutEvent[] {
  return watchedIn(state).flatMap(
    (instance) => lateHarmSeen(state, { instance, is: "unhealthy", says: "a probe fails" }) ?? [],
  );
}

/** Where it takes two people, two ask for it. */
function askers(state: RolloutState, wish: Wish): readonly string[] {
  const region = state.itinerary.regions.find((it) => "region" in wish && it.name === wish.region);
  return wish.kind === "approve" && (region?.approval?.by ?? 1) > 1
    ? ["somebody", "bob"]
    : ["somebody"];
}

/** What a clock may say next to a rollout of which something is still to begin. */
function tellings(state: RolloutState): readonly RolloutEvent[] {
  return [tellOpen, tellClosed].flatMap((now) => toldTime(state, now) ?? []);
}

/** Two instants of one night, each long after what the other one said has ceased to hold. */
const tellOpen = "2026-01-01T03:00:00Z";
const tellClosed = "2026-01-01T12:00:00Z";

const reopening: ReadonlySet<Wish["kind"]> = new Set(["undo", "reconcile", "release-lock"]);

function outcomesOf(kind: string, silent: boolean): readonly Outcome[] {
  const plain: Outcome[] = [{ is: "done" }, { is: "failed", failure }];
  if (kind === "apply" || kind === "bake") plain.push({ is: "inconclusive", failure });
  if (kind === "apply" || kind === "stand-down") plain.push({ is: "failed", failure: fired });
  if (kind === "revert") plain.push({ is: "failed", failure: undone });
  if (silent) return plain;
  plain.push({ is: "unknown", failure });
  if (kind === "apply" || kind === "snapshot") plain.push({ is: "unreachable", failure });
  return plain;
}

export function describeState(state: RolloutState): string {
  const instances = [...state.instances.values()].map(
    (it) => `${it.name} ${it.phase} step ${it.step} pending ${it.pending?.kind ?? "nothing"}`,
  );
  return [state.mode, ...instances].join(", ");
}

/** Names a state by everything that decides the future; texts of failures and the history do not. */
export function keyOf(state: RolloutState): string {
  const text = JSON.stringify([
    [...state.instances.values()].map((it) => [
      it.phase,
      it.step,
      it.attempt,
      it.tries,
      it.snapshotted,
      it.inDoubt,
      it.touched,
      it.claimed,
      it.guard,
      it.freed,
      it.rollbacks > 0,
      it.back,
      it.flaws.map((flaw) => flaw.step),
      it.bad?.step,
      it.bad?.as,
      it.bad?.late !== undefined,
      it.resumeAt,
      it.excluded,
      it.pending?.kind,
    ]),
    state.regions,
    state.mode,
    state.halt?.rule,
    state.halt?.scope,
    state.halt?.instances,
    state.emergency,
    state.held,
    state.parked?.kind,
    state.abort?.rollback,
    [...state.released.keys()],
    [...state.lingering],
    state.closed,
  ]);
  // Sixteen bytes are enough to tell a few million states apart, and fit in memory.
  return createHash("md5").update(text).digest("base64");
}
