import type { RolloutEvent } from "../../src/core/event.ts";
import type { Itinerary } from "../../src/core/itinerary.ts";
import { windowsAt } from "../../src/core/plan/maintenance.ts";
import type { RolloutState } from "../../src/core/state.ts";
import { type Chance, seeded } from "./seeded.ts";

/** Of the numbers that draw worlds, one in so many has windows and approvals that expire. */
const every = 8;
/** No seed that failed before there were windows leaves this remainder: their stories stay as they were. */
const remainder = 2;

/** The same fleet with maintenance windows that open and close while it is walked through. */
export function withHours(seed: number, itinerary: Itinerary): Itinerary {
  if (seed % every !== remainder) return itinerary;
  const chance = seeded(seed + 1_000_003);
  return {
    ...itinerary,
    regions: itinerary.regions.map((region) => ({
      ...region,
      timezone: chance.pick([null, "Europe/Berlin"]),
      ...(chance.is(0.7) ? { windows: drawWindows(chance) } : {}),
      ...(chance.is(0.3)
        ? {
            approve: true,
            approval: {
              by: 1 + chance.below(2),
              from: null,
              expiresMs: chance.pick([null, 60_000, 600_000]),
              starter: chance.is(0.5),
            },
          }
        : {}),
    })),
  };
}

/** Some minutes open, some closed, for the first hours of each day. */
function drawWindows(chance: Chance): NonNullable<Itinerary["regions"][number]["windows"]> {
  const open = 1 + chance.below(5);
  const period = open + 1 + chance.below(12);
  const first = chance.below(period);
  const count = Math.floor((hours * 60 - first) / period);
  return Array.from({ length: count }, (_, at) => ({
    days: [0, 1, 2, 3, 4, 5, 6],
    fromMinute: first + at * period,
    toMinute: first + at * period + open,
  }));
}

/** A rollout is over long before. */
const hours = 3;

/** Does something begin where no window is open? `at`: when it was written. */
export function hoursTrouble(
  event: RolloutEvent,
  at: string,
  state: RolloutState,
): readonly string[] {
  if (event.kind !== "region-started" && event.kind !== "batch-started") return [];
  const planned = state.itinerary.regions.find((it) => it.name === event.region);
  const region = state.regions.find((it) => it.name === event.region);
  if (planned?.windows === undefined || region?.overridden === true) return [];
  const timezone = planned.timezone ?? "UTC";
  const now = windowsAt(planned.windows, { timezone, atMs: Date.parse(at) });
  return now?.inside === true
    ? []
    : [`5: ${event.kind} of ${event.region} at ${at}, outside its windows`];
}
