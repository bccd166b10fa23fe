import { expect, test } from "vitest";
import type { Answer } from "../../src/core/answer.ts";
import type { Failure } from "../../src/core/failure.ts";
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

test("a host that could not be reached is tried anew by whoever asks next", async () => {
  const failure: Failure = { code: "CONNECT_REFUSED", message: "m", hint: "h" };
  const answers: Answer<Guard>[] = [{ kind: "not-sent", failure }];
  const open = doorTo(Promise.resolve());
  const door: GuardDoor = { open: async (...order) => answers.pop() ?? open.open(...order) };
  const pool = new GuardPool({
    door,
    itinerary,
    clock: new VirtualClock().seenBy({ value: true }),
  });
  const taken = () => pool.take("a", host!, { epoch: 1, signal: new AbortController().signal });
  await expect(taken()).rejects.toMatchObject({ outcome: { is: "unreachable", failure } });
  expect(await taken()).toBe(await taken());
});
