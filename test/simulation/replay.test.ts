import { describe, expect, test } from "vitest";
import type { Action } from "../../src/core/action.ts";
import { decide } from "../../src/core/decide.ts";
import { due } from "../../src/core/due.ts";
import type { Outcome, RolloutEvent, Wish } from "../../src/core/event.ts";
import { evolve } from "../../src/core/evolve.ts";
import { watchedIn } from "../../src/core/after-late-harm.ts";
import type { Itinerary } from "../../src/core/itinerary.ts";
import { brokenPromises } from "../../src/core/promises.ts";
import { recover } from "../../src/core/recover.ts";
import { openRollout, type RolloutState } from "../../src/core/state.ts";
import { isLong } from "../support/long-suite.ts";
import { bigFleet, goodCourse } from "../views/support/alma.ts";
import { type Course, madeUpRollout } from "../views/support/made-up-rollout.ts";
import { seeded } from "./seeded.ts";
import { simulateSeed } from "./simulate-seed.ts";

/** Of the small worlds of the simulator, and of fleets in which instances stand in many chunks. */
const seeds = Array.from({ length: isLong ? 400 : 15 }, (_, at) => at + 1);
const fleets = Array.from({ length: isLong ? 40 : 2 }, (_, at) => at + 1);

/** Every so many records the state is kept as text, and looked at again when all is over. */
const keptEvery = 61;

describe("a journal that is folded with maps that share what did not change", () => {
  test("comes, record by record, to what one copied as a whole each time comes to: simulated rollouts", async () => {
    let records = 0;
    for (const seed of seeds) {
      const { events } = await simulateSeed(seed);
      records += events.length;
      expect({ seed, wrong: differences(events) }).toEqual({ seed, wrong: [] });
    }
    expect(records).toBeGreaterThan(1_000);
  });

  test.each(fleets)("and where instances are many, fail, and are taken back: fleet %i", (seed) => {
    const events = eventsOfFleet(seed);
    // A fleet that is refused early has few; each has more than one for an instance.
    expect(events.length).toBeGreaterThan(81);
    expect(differences(events)).toEqual([]);
  });
});

/** Sentences about what is not the same; the first few. */
function differences(events: readonly RolloutEvent[]): readonly string[] {
  const [first] = events;
  // A runner that died before its first record never opened anything.
  if (first === undefined) return [];
  if (first.kind !== "opened") throw new Error("a journal begins with its opening");
  const wrong: string[] = [];
  const kept: { readonly state: RolloutState; readonly text: string; readonly at: number }[] = [];
  let fast = openRollout(first.itinerary);
  let plain = copied(openRollout(first.itinerary));
  for (const [at, event] of events.entries()) {
    const before = fast;
    const copiedBefore = plain;
    fast = evolve(fast, event);
    plain = copied(evolve(plain, event));
    const says = (what: string): void => {
      wrong.push(`record ${at + 1} (${event.kind}): ${what}`);
    };
    // Asked of each state, as a runner does: what is remembered of it goes into the next.
    if (!same(due(fast), due(plain))) says("what is due differs");
    if (!same(decide(fast), decide(plain))) says("what is decided differs");
    if (!same(watchedIn(fast), watchedIn(plain))) says("who is watched differs");
    if (!same(brokenPromises(before, event, fast), brokenPromises(copiedBefore, event, plain)))
      says("what is promised differs");
    if (at % keptEvery === 0 || at === events.length - 1) {
      const text = told(fast);
      if (text !== told(plain)) says("the states differ");
      if (!same(recover(fast), recover(plain))) says("what a new runner writes differs");
      kept.push({ state: fast, text, at });
    }
    if (wrong.length > 5) return wrong;
  }
  for (const { state, text, at } of kept)
    if (told(state) !== text) wrong.push(`the state after record ${at + 1} has changed since`);
  return wrong;
}

/** The same state in maps that know nothing of each other, each copied whole by what is done to it. */
function copied(state: RolloutState): RolloutState {
  return {
    ...state,
    instances: new Map(state.instances),
    seen: new Map(state.seen),
    facts: new Map(state.facts),
    released: new Map(state.released),
  };
}

function told({ itinerary: _itinerary, ...state }: RolloutState): string {
  return JSON.stringify(state, (_key, value: unknown) => (isEntries(value) ? [...value] : value));
}

function isEntries(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && "has" in value && "size" in value;
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

const badOutcomes: readonly Exclude<Outcome["is"], "done">[] = [
  "failed",
  "inconclusive",
  "unknown",
];

const wishes: readonly Wish[] = [
  { kind: "pause" },
  { kind: "resume" },
  { kind: "abort", rollback: false },
  { kind: "abort", rollback: true },
  { kind: "reconcile" },
  { kind: "undo" },
];

/** 81 instances in 3 regions, of which some do not do as they should, and wishes in between. */
function eventsOfFleet(seed: number): readonly RolloutEvent[] {
  const chance = seeded(seed);
  const trouble = chance.pick([0, 0.002, 0.02]);
  const perform = (action: Action): Course => {
    const course = goodCourse(action);
    if (action.kind === "preflight") {
      const fact = { about: "kernel", value: chance.is(0.05) ? "another" : "6.1" };
      const { instance } = action;
      return { ...course, notes: [[1, { kind: "host.facts", instance, facts: [fact] }]] };
    }
    if (!chance.is(trouble)) return course;
    const failure = { code: "CHECK_FAILED", message: "drawn so", hint: "look" } as const;
    const is = action.kind === "apply" ? chance.pick(badOutcomes) : "failed";
    return { ...course, outcome: { is, failure } };
  };
  return madeUpRollout({
    itinerary: allowing(bigFleet(3, 27), 4),
    perform,
    wishes: Array.from({ length: 1 + chance.below(4) }, () => [
      chance.below(200_000),
      chance.pick(wishes),
    ]),
  }).map(({ record }) => record.event);
}

function allowing(itinerary: Itinerary, maxBad: number): Itinerary {
  return {
    ...itinerary,
    maxBad: { ...itinerary.maxBad, rollout: maxBad },
    regions: itinerary.regions.map((region) => ({
      ...region,
      maxBad,
      batches: region.batches.map((batch) => ({ ...batch, maxBad })),
    })),
  };
}
