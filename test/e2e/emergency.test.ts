import { userInfo } from "node:os";
import { expect, test } from "vitest";
import { isLong, longOnly } from "../support/long-suite.ts";
import { planText, smallFleet } from "../support/small-fleet.ts";

const me = userInfo().username;

/** `approvers`: who may approve an emergency of it. */
const planOf = (approvers: string): string =>
  planText(
    `steps: [{ name: fix, run: "true" }]`,
    [
      "bake: { settle: 0s, stable: 20m, retry: 1s }",
      "deadline: { instance: 30m, progress: 1h }",
      `emergency: { bake: { stable: 100ms }, approvers: [${approvers}] }`,
    ].join("\n"),
  );

test.skipIf(!isLong)(
  `an emergency begins once somebody else has approved it, bakes as long as the plan declares, and is on record${longOnly}`,
  { timeout: 60_000 },
  async () => {
    await using fleet = await smallFleet({ names: ["a1"] });
    const plan = await fleet.writePlan(planOf("ann, bob"));
    const refused = await fleet.run(["apply", plan, "--emergency"]);
    expect([refused.exit, refused.stderr]).toEqual([3, expect.stringMatching(/needs a reason/)]);
    const bound = ["apply", "kept.json", "--json"];
    const kept = await fleet.run(["preview", plan, "--out", "kept.json", "--emergency"]);
    expect([kept.exit, kept.stdout]).toEqual([
      0,
      expect.stringMatching(
        /EMERGENCY +one bakes stable 100 ms \(else 20 min\); nothing is touched/,
      ),
    ]);
    const other = await fleet.run(bound);
    expect([other.exit, other.stderr]).toEqual([
      3,
      expect.stringMatching(/was made with --emergency: it shows other bakes/),
    ]);
    const waits = await fleet.run([...bound, "--emergency", "--reason", "users wait"]);
    expect([waits.exit, waits.events.at(-1)]).toMatchObject([6, { outcome: "paused" }]);
    expect(waits.events.map(({ type }) => type)).not.toContain("region.started");
    const rollout = String(waits.events.at(-1)?.["rollout"]);
    const early = await fleet.run(["resume", rollout]);
    expect([early.exit, early.stderr]).toEqual([
      3,
      expect.stringMatching(/started as an emergency, and waits for a person to approve that/),
    ]);
    const approve = ["approve", rollout, "--emergency"];
    const silent = await fleet.run(approve, { SUDO_USER: "ann" });
    expect([silent.exit, silent.stderr]).toEqual([3, expect.stringMatching(/says why/)]);
    const own = await fleet.run([...approve, "--reason", "mine"]);
    expect([own.exit, own.stderr]).toEqual([3, expect.stringMatching(/names other people/)]);
    const given = await fleet.run([...approve, "--reason", "seen on three canaries"], {
      SUDO_USER: "ann",
    });
    expect([given.exit, given.stderr]).toEqual([0, ""]);
    const ended = await fleet.run(["resume", rollout, "--json"]);
    expect([
      ended.exit,
      ended.events.find(({ type }) => type === "emergency.approved"),
    ]).toMatchObject([0, { by: expect.stringMatching(/^ann@/), reason: "seen on three canaries" }]);
    expect(ended.events.find(({ type }) => type === "bake.started")).toMatchObject({
      stableMs: 100,
    });
    const report = (await fleet.run(["report", rollout])).stdout;
    expect(report).toMatch(new RegExp(`EMERGENCY: asked for by ${me}@.*: users wait`));
    expect(report).toMatch(/EMERGENCY: one bakes stable 100 ms \(else 20 min\)/);
    expect(report).toMatch(/EMERGENCY: approved by ann@.* at .*: seen on three canaries/);
    const status = (await fleet.run(["status", rollout])).stdout;
    expect(status).toMatch(/EMERGENCY, approved by ann@/);
  },
);

test("an emergency that only its starter may approve is refused before anything is begun", async () => {
  await using fleet = await smallFleet({ names: ["a1"] });
  const plan = await fleet.writePlan(planOf(me));
  const { exit, stderr } = await fleet.run([
    "apply",
    plan,
    "--emergency",
    "--reason",
    "users wait",
  ]);
  expect([exit, stderr]).toEqual([
    3,
    expect.stringMatching(/it takes somebody else than who starts it/),
  ]);
});
