import { expect, test } from "vitest";
import { type Kind, lives, tally, trialsOf } from "./support/churn-simulation.ts";

const uploads: Kind = { name: "upload", perSecond: 8, life: lives.exponential(1) };
const sessions: Kind = { name: "session", perSecond: 0.5, life: lives.about(120) };

/** Applications, as docs/churn.md lists them. */
const applications: Readonly<Record<string, readonly Kind[]>> = {
  "uploads and sessions": [uploads, sessions],
  "uploads in bursts": [
    { ...uploads, load: (at) => (Math.floor(at / 2) % 11 === 0 ? 6 : 0.5) },
    sessions,
  ],
  "some that live very long": [
    { name: "upload", perSecond: 8, life: lives.heavyTailed(1) },
    { name: "session", perSecond: 2, life: lives.heavyTailed(30) },
  ],
  "very short lives": [{ name: "upload", perSecond: 20, life: lives.about(0.3) }],
  "many sessions": [{ name: "session", perSecond: 8, life: lives.about(120) }],
};

const seeds = [1, 2, 3];

const table = Object.entries(applications).flatMap(([name, kinds]) =>
  [0.3, 3, 15].map((took) => [name, took, kinds] as const),
);

test.each(table)(
  "%s, steps of %d s: what was seen to go is not blamed on a step",
  (_name, took, kinds) => {
    const tallies = tally(seeds.flatMap((seed) => trialsOf(kinds, { took, seed })));
    const none = tallies.get("no harm")!;
    // What a few seconds show of a rate is rough, and long steps ask for more of it than short ones.
    expect(none.falseAlarms / none.trials).toBeLessThanOrEqual(took > 4 ? 0.1 : 0.02);
    for (const [what, { caught, harmful }] of tallies) {
      if (!/^(all|half) of session$/.test(what)) continue;
      // A class of which a step may lose a good part by itself hides what else is taken of it.
      if (took > 4 && kinds !== applications["many sessions"]) continue;
      expect([what, caught]).toEqual([what, harmful]);
    }
  },
);
