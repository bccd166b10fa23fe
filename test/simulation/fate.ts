import type { Itinerary } from "../../src/core/itinerary.ts";
import {
  drawDoing,
  drawDrops,
  drawFocus,
  drawItinerary,
  drawOdd,
  type Focus,
  lettingGo,
  withOutlierPolicy,
} from "./draw.ts";
import { withHours } from "./draw-hours.ts";
import { type DrawnHarm, drawLate } from "./draw-late.ts";
import { drawFaults, type Fault } from "./faults.ts";
import type { HostTraits } from "./host-model.ts";
import type { Doing } from "./receipt-model.ts";
import { type Chance, seeded } from "./seeded.ts";

/** What a world is like, and what befalls it. */
export interface Fate {
  readonly chance: Chance;
  readonly focus: Focus;
  readonly itinerary: Itinerary;
  /** Probability of trouble in one call to a host; 0: nothing of that kind happens at all. */
  readonly faultRate: number;
  /** What else is wrong with this world. */
  readonly faults: ReadonlySet<Fault>;
  /** How long restarts and undos take. */
  readonly restartsMs: number;
  /** Until then undos fail; somebody sees to that. */
  readonly undosFailUntilMs: number;
  /** What befalls hosts whose instance is sealed, by name. */
  readonly lateHarms: ReadonlyMap<string, DrawnHarm>;
  /** Of those who only look. */
  readonly looks: Chance;
  traits(host: string): Omit<HostTraits, "secret">;
  doing(host: string, step: number): Doing;
  /** When the runner dies next, after so many deaths and records; null: never. */
  death(deaths: number, records: number): Death | null;
}

export interface Death {
  /** The number of a record, from 1, over all runners. */
  readonly at: number;
  /** Before or after it is durable. */
  readonly when: "before" | "after";
}

/** Deaths that one rollout may have to survive. */
const deathsMax = 12;

/** A world that one number draws. */
export function drawnFate(seed: number): Fate {
  const chance = seeded(seed);
  const focus = drawFocus(chance);
  const plain = drawItinerary(chance, focus);
  // By chance of its own, so that worlds without them are as they were.
  const drops = drawDrops(seeded(seed ^ 0x5bd1e995), { itinerary: plain, focus });
  const { onOutlier, odd } = drawOdd(seeded(seed ^ 0x2545f491), plain);
  const judged = withOutlierPolicy(drops.size === 0 ? plain : lettingGo(plain), onOutlier);
  const { itinerary, harms: lateHarms, looks } = drawLate(seed, withHours(seed, judged));
  const faultRate = chance.is(0.3) ? 0 : chance.next() * 0.12;
  const faults = faultRate === 0 ? new Set<Fault>() : drawFaults(chance);
  const badRate = chance.is(0.5) ? 0.02 : 0.3;
  const restartsMs = 100 + chance.below(4_000);
  const undosFailUntilMs = chance.is(0.15) ? chance.below(200_000) : 0;
  const doings = new Map<string, Doing>();
  const dropping = (doing: Doing, place: string): Doing =>
    drops.size === 0 || (doing.kind !== "good" && doing.kind !== "deletes")
      ? doing
      : { ...doing, kind: drops.has(place) ? "drops" : "good" };
  for (const { hosts } of Object.values(itinerary.instances))
    for (const { name } of hosts)
      itinerary.plan.steps.forEach((_, step) =>
        doings.set(
          `${name}/${step}`,
          dropping(drawDoing(chance, { step, badRate, focus, faults }), `${name}/${step}`),
        ),
      );
  return {
    chance,
    focus,
    itinerary,
    faultRate,
    faults,
    restartsMs,
    undosFailUntilMs,
    lateHarms,
    looks,
    traits: (host) => ({
      isOdd: host === odd,
      regenerates: focus === "recoveries" ? false : chance.is(0.5),
      churns: chance.is(0.4),
      prevents: chance.is(0.5),
    }),
    doing(host, step) {
      const drawn = doings.get(`${host}/${step}`);
      if (drawn === undefined) throw new Error(`nothing is drawn for step ${step} on ${host}`);
      return drawn;
    },
    death: (deaths, records) =>
      deaths > deathsMax || chance.is(0.4)
        ? null
        : { at: records + 1 + chance.below(60), when: chance.is(0.5) ? "before" : "after" },
  };
}
