import { expect, test } from "vitest";
import { raceConfirmAgainstFire } from "./support/confirm-race.ts";
import { present } from "./support/shell-hosts.ts";

// The same in thousands: test/soak/confirm-against-fire.ts.
test.concurrent.each(present)(
  "confirming and firing at the same moment, with $name: never both, never neither",
  async (userland) => {
    const outcome = await raceConfirmAgainstFire({ userland, rounds: 20, seed: 7 });
    expect(outcome.wrong).toEqual([]);
    // A race that only one side can win would prove nothing.
    expect(Math.min(outcome.confirmed, outcome.fired)).toBeGreaterThanOrEqual(3);
    expect(outcome.confirmed + outcome.fired).toBe(outcome.rounds);
  },
);
