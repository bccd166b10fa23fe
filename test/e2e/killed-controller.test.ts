import { expect, test } from "vitest";
import { isLong, longOnly } from "../support/long-suite.ts";
import { type Round, runKilled, runUndisturbed } from "../support/killed-round.ts";
import { describeWith } from "../support/parts.ts";
import { fleetAddresses, type FleetName } from "../support/real-fleet.ts";
import { differences } from "../support/rollout-ending.ts";
import { startSshd } from "../support/sshd.ts";
import type { Variant } from "../support/warm-plan.ts";

/** A share of what test/soak/kill-and-resume.ts does. The long suite goes on where the short one ends. */
const roundsPerVariant = isLong ? 5 : 1;
/** No round begins later than this: a busy machine does fewer. */
const beginMaxMs = isLong ? 120_000 : 25_000;

type Kind = readonly [Variant, Round["via"], readonly FleetName[]];
const kinds: readonly Kind[] = [
  ["sealed", "openssh", ["eu1"]],
  ["all-back", "ssh2", ["eu1", "us1"]],
];

describeWith(["sshd", "ssh", "patch"], "a controller that is killed at any instant", () => {
  // The second one takes half a minute: it runs in npm run test:long.
  test.concurrent.each(isLong ? kinds : kinds.slice(0, 1))(
    "and resumed comes to the same end as one that nobody disturbed: %s via %s",
    { timeout: 240_000 },
    async (variant, via, names) => {
      await using sshd = await startSshd({ addresses: fleetAddresses });
      const startedMs = performance.now();
      const round: Round = { variant, via, sshd, names };
      const undisturbed = await runUndisturbed(round);
      expect(undisturbed.exit).toBe(variant === "sealed" ? 0 : 4);
      for (let seed = 1; seed <= roundsPerVariant; seed += 1) {
        if (seed > 1 && performance.now() - startedMs > beginMaxMs) break;
        const killed = await runKilled({ ...round, seed, undisturbed });
        const { kills, differences: found } = killed;
        expect({ seed, kills, found }).toEqual({ seed, kills, found: [] });
      }
    },
  );

  test.skipIf(!isLong)(`whose end would differ is seen to differ${longOnly}`, async () => {
    const round: Round = { variant: "sealed", via: "local", sshd: null, names: ["us1"] };
    const sealed = await runUndisturbed(round);
    const halted = await runUndisturbed({ ...round, variant: "halted" });
    const found = differences(sealed.ending, halted.ending).join("\n");
    expect(found).toContain("tree of us1:");
    expect(found).toContain('-  "outcome": "sealed"');
  });
});
