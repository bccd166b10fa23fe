import { expect, test } from "vitest";
import { raceConfirmAgainstFire } from "./support/confirm-race.ts";
import { isLong } from "../support/long-suite.ts";
import { describeWithShells } from "./support/shell-hosts.ts";

// The same in thousands: test/soak/confirm-against-fire.ts.
const rounds = isLong ? 100 : 20;

describeWithShells({ concurrent: true }, (userland) => {
  test("confirming and firing at the same moment: never both, never neither", async () => {
    const outcome = await raceConfirmAgainstFire({ userland, rounds, seed: 7 });
    expect(outcome.wrong).toEqual([]);
    // A race that only one side can win would prove nothing.
    expect(Math.min(outcome.confirmed, outcome.fired)).toBeGreaterThanOrEqual(3);
    expect(outcome.confirmed + outcome.fired).toBe(outcome.rounds);
  });
});
