import { type Action, actionId } from "../../../src/core/action.ts";
import { lateHarmSeen } from "../../../src/core/after-late-harm.ts";
import { decide } from "../../../src/core/decide.ts";
import { due } from "../../../src/core/due.ts";
import type { Note, Outcome, RolloutEvent, Wish } from "../../../src/core/event.ts";
import { evolve } from "../../../src/core/evolve.ts";
import type { Itinerary } from "../../../src/core/itinerary.ts";
import type { LateHarm } from "../../../src/core/late-harm.ts";
import { openRollout, type RolloutState } from "../../../src/core/state.ts";
import { toldTime } from "../../../src/core/told-time.ts";
import type { JournalRecord } from "../../../src/ports/journal.ts";

/** One record with the states around it, as a live view is told. */
export interface Told {
  readonly record: JournalRecord;
  readonly before: RolloutState | null;
  readonly after: RolloutState;
}

/** How an action goes in the made-up world. */
export interface Course {
  readonly takesMs: number;
  /** Notes with the milliseconds after the action's begin at which they are seen. */
  readonly notes: readonly (readonly [number, Note])[];
  readonly outcome: Outcome;
}

export interface MadeUp {
  readonly itinerary: Itinerary;
  readonly perform: (action: Action) => Course;
  /** Asked of the rollout once the milliseconds since its begin have passed, also after its end. */
  readonly wishes?: readonly (readonly [number, Wish])[];
  /** Seen on instances that are sealed by then, as above. */
  readonly harms?: readonly (readonly [number, LateHarm])[];
  /** RFC 3339, UTC. */
  readonly startAt?: string;
  /** Default: more than any made-up rollout of a test has. */
  readonly recordsMax?: number;
  /** Is told each record, and nothing is given back: the states of a large fleet are not all kept. */
  readonly told?: (told: Told) => void;
}

/** A loop that does not end is a fault of the test. */
const recordsMaxDefault = 50_000;

/**
 * A whole rollout as the real brain drives it, in a world where actions take time and notes are seen
 * on the way. Ends when nothing is left to happen.
 */
export function madeUpRollout(made: MadeUp): readonly Told[] {
  const startMs = Date.parse(made.startAt ?? "2026-11-23T03:12:40.000Z");
  const told: Told[] = [];
  let state: RolloutState = openRollout(made.itinerary);
  let nowMs = 0;
  let written = 0;
  const tell = made.told ?? ((it: Told) => told.push(it));
  const write = (event: RolloutEvent): void => {
    const before = written === 0 ? null : state;
    state = evolve(state, event);
    const at = new Date(startMs + nowMs).toISOString();
    written += 1;
    tell({ record: { seq: written, at, event }, before, after: state });
    if (written > (made.recordsMax ?? recordsMaxDefault))
      throw new Error("the made-up rollout does not end");
  };
  type Due = { readonly atMs: number; readonly order: number; readonly event: RolloutEvent };
  const agenda: (
    | Due
    | { readonly atMs: number; readonly order: number; readonly harm: LateHarm }
  )[] = (made.wishes ?? []).map(([atMs, wish], order) => ({
    atMs,
    order,
    event: { kind: "asked", wish, by: "deploy@laptop", reason: "as agreed" },
  }));
  for (const [atMs, harm] of made.harms ?? []) agenda.push({ atMs, order: agenda.length, harm });
  const running = new Set<string>();

  const owed = (): RolloutEvent | null =>
    toldTime(state, new Date(startMs + nowMs).toISOString()) ?? due(state);

  write({
    kind: "opened",
    itinerary: made.itinerary,
    by: "deploy@laptop",
    tool: "0.1.0",
    planFolder: "/srv/plans",
  });
  write({ kind: "taken-up", runner: "laptop:4711:ab12", epoch: 1 });
  for (;;) {
    for (let next = owed(); next !== null; next = owed()) write(next);
    for (const action of decide(state)) {
      const id = actionId(action);
      if (running.has(id)) continue;
      running.add(id);
      write({ kind: "intent", action });
      const course = made.perform(action);
      for (const [afterMs, note] of course.notes)
        agenda.push({
          atMs: nowMs + afterMs,
          order: agenda.length,
          event: { kind: "noted", note },
        });
      agenda.push({
        atMs: nowMs + course.takesMs,
        order: agenda.length + 1_000_000,
        event: { kind: "outcome", action, outcome: course.outcome },
      });
    }
    agenda.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
    const next = agenda.shift();
    if (next === undefined) return told;
    const idle = running.size === 0;
    nowMs = Math.max(nowMs, next.atMs);
    if ("harm" in next) {
      const seen = lateHarmSeen(state, next.harm);
      if (seen !== null) write(seen);
      continue;
    }
    if (next.event.kind === "outcome") running.delete(actionId(next.event.action));
    write(next.event);
    if (next.event.kind === "asked" && idle)
      write({ kind: "taken-up", runner: "laptop:4712:cd34", epoch: state.epoch + 1 });
  }
}
