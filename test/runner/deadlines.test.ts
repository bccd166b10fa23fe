import { expect, test } from "vitest";
import type { Action } from "../../src/core/action.ts";
import type { RolloutEvent } from "../../src/core/event.ts";
import { openRollout } from "../../src/core/state.ts";
import { Deadlines } from "../../src/runner/deadlines.ts";
import { smallItinerary } from "../support/small-itinerary.ts";
import { VirtualClock } from "../simulation/virtual-clock.ts";

const apply: Action = { kind: "apply", instance: "a", step: 0, attempt: 1 };
const snapshot: Action = { kind: "snapshot", instance: "a", step: 0 };
const bake: Action = { kind: "bake", instance: "a" };
const ended = (action: Action): RolloutEvent => ({
  kind: "outcome",
  action,
  outcome: { is: "done" },
});
const minute = 60_000;

/** Deadlines of ten minutes an instance and an hour of progress, on a clock that the test drives. */
function setUp() {
  const virtual = new VirtualClock();
  const clock = virtual.seenBy({ value: true });
  const itinerary = smallItinerary({ regions: { eu: [["a"]] } });
  const deadlines = new Deadlines(itinerary, clock);
  const forward = { ...openRollout(itinerary), mode: "forward" as const };
  async function lasting(action: Action, ms: number): Promise<RolloutEvent> {
    await clock.sleep(ms);
    return ended(action);
  }
  const takes = (action: Action, ms: number, abort = new AbortController()) =>
    deadlines.guard(action, lasting(action, ms), abort);
  const drive = <T>(work: Promise<T>): Promise<T> => virtual.drive(work, 100 * 60 * minute);
  return { virtual, clock, deadlines, forward, takes, drive };
}

const overdue = { outcome: { is: "failed", failure: { code: "DEADLINE_INSTANCE" } } };

test("an action that outlasts its instance's time is told to end, and has failed", async () => {
  const { takes, drive } = setUp();
  const abort = new AbortController();
  expect(await drive(takes(apply, 11 * minute, abort))).toMatchObject(overdue);
  expect(abort.signal.aborted).toBe(true);
});

test("an action that ends in time is left alone", async () => {
  const { takes, drive } = setUp();
  const abort = new AbortController();
  expect(await drive(takes(apply, 9 * minute, abort))).toEqual(ended(apply));
  expect(abort.signal.aborted).toBe(false);
});

test("an instance has its time for all its steps together", async () => {
  const { takes, drive } = setUp();
  expect(await drive(takes(snapshot, 6 * minute))).toEqual(ended(snapshot));
  expect(await drive(takes(apply, 6 * minute))).toMatchObject(overdue);
});

test("waiting for the rest of a batch is not counted: the bake has a time of its own", async () => {
  const { clock, takes, drive } = setUp();
  await drive(takes(apply, 5 * minute));
  await drive(clock.sleep(30 * minute));
  expect(await drive(takes(bake, 5 * minute))).toMatchObject({ outcome: { is: "done" } });
});

test.each(["revert", "verify", "release", "stand-down"] as const)(
  "%s can't keep an abort from ending: it has as long as an instance has",
  async (kind) => {
    const { takes, drive } = setUp();
    const action: Action =
      kind === "revert" || kind === "stand-down"
        ? { kind, instance: "a", step: 0 }
        : { kind, instance: "a" };
    expect(await drive(takes(action, 9 * minute))).toMatchObject({ outcome: { is: "done" } });
    // The next one has its time for itself.
    expect(await drive(takes(action, 9 * minute))).toMatchObject({ outcome: { is: "done" } });
    expect(await drive(takes(action, 11 * minute))).toMatchObject(overdue);
  },
);

test("every good end is progress; none for too long is a finding", async () => {
  const { clock, deadlines, forward, drive } = setUp();
  for (let step = 0; step < 3; step += 1) {
    await drive(clock.sleep(50 * minute));
    deadlines.saw(ended(apply));
    expect(deadlines.progress(forward)).toBeNull();
  }
  await drive(clock.sleep(61 * minute));
  expect(deadlines.progress(forward)).toMatchObject({ code: "DEADLINE_PROGRESS" });
});

test("time while a person thinks is nobody's delay", async () => {
  const { clock, deadlines, forward, drive } = setUp();
  const held = { ...forward, held: { why: { kind: "paused" as const } } };
  await drive(clock.sleep(300 * minute));
  expect(deadlines.progress(held)).toBeNull();
  expect(deadlines.progress(forward)).toBeNull();
});
