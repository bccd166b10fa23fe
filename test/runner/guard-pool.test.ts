import { expect, test } from "vitest";
import type { Guard, GuardDoor } from "../../src/ports/guard.ts";
import { closingMaxMs, GuardPool } from "../../src/runner/guard-pool.ts";
import { smallItinerary } from "../support/small-itinerary.ts";
import { VirtualClock } from "../simulation/virtual-clock.ts";

const itinerary = smallItinerary({ regions: { eu: [["a"]] } });
const [host] = itinerary.instances["a"]!.hosts;

/** A door whose guards close only when they are let. */
function doorTo(closed: Promise<void>): GuardDoor {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a pool only opens and closes it
  const guard = { [Symbol.asyncDispose]: () => closed } as unknown as Guard;
  return { open: () => Promise.resolve({ kind: "result", value: guard }) };
}

async function closing(closed: Promise<void>): Promise<number> {
  const virtual = new VirtualClock();
  const clock = virtual.seenBy({ value: true });
  const pool = new GuardPool({ door: doorTo(closed), itinerary, clock });
  await pool.take("a", host!, { epoch: 1, signal: new AbortController().signal });
  await virtual.drive(pool[Symbol.asyncDispose](), 10 * closingMaxMs);
  return virtual.nowMs;
}

test("a guard whose program never ends can't keep Handrail from leaving", async () => {
  expect(await closing(new Promise<void>(() => undefined))).toBe(closingMaxMs);
});

test("a guard that closes is waited for no longer than that takes", async () => {
  expect(await closing(Promise.resolve())).toBe(0);
});
