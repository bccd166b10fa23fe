import type { Itinerary } from "../../src/core/itinerary.ts";
import { type Chance, seeded } from "./seeded.ts";

/** What befalls a host after its instance was sealed. */
export interface DrawnHarm {
  readonly what: "loses a" | "loses b" | "breaks";
  /** Milliseconds after the seal. */
  readonly afterMs: number;
}

/** Who looks at sealed instances, how often, and what is there to be seen. */
export interface DrawnLate {
  /** The same, with the looks in its plan. */
  readonly itinerary: Itinerary;
  /** By host. */
  readonly harms: ReadonlyMap<string, DrawnHarm>;
  /** Of lookers: those that work are as they were without them. */
  readonly looks: Chance;
}

/** By chance of its own, so that worlds without it are as they were. */
export function drawLate(seed: number, itinerary: Itinerary): DrawnLate {
  const chance = seeded(seed ^ 0x1b873593);
  const looks = seeded(seed ^ 0x3c6ef372);
  const harms = new Map<string, DrawnHarm>();
  if (!chance.is(0.75)) return { itinerary, harms, looks };
  const watch = { everyMs: chance.pick([5_000, 15_000, 30_000]) };
  const rollout = { ...itinerary.plan.rollout, watch };
  const watched = { ...itinerary, plan: { ...itinerary.plan, rollout } };
  const lets = itinerary.plan.protect.every(({ policy }) => policy.kind === "may-change");
  const rate = chance.pick([0, 0.2, 0.6, 1]);
  for (const { hosts } of Object.values(itinerary.instances))
    for (const { name } of hosts) {
      const what = chance.pick(["loses a", "loses b", "breaks"] as const);
      const afterMs = 1_500 + chance.below(chance.pick([4_000, 15_000, 60_000]));
      // Nobody minds what a policy lets go.
      if (chance.is(rate)) harms.set(name, { what: lets ? "breaks" : what, afterMs });
    }
  return { itinerary: watched, harms, looks };
}
