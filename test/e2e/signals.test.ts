import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { isLong, longOnly } from "../support/long-suite.ts";
import { echoMs } from "../../src/cli/interrupts.ts";
import { describeWith } from "../support/parts.ts";
import { planText, smallFleet, type SmallFleet } from "../support/small-fleet.ts";
import { onTerminal, type Terminal } from "../support/terminal.ts";

/** Begins to write at once, and comes to its end when the test lets it: no time is guessed. */
const waitingStep = planText(
  `steps: [{ name: fix, run: 'echo half > "\${home}/etc/conf"; until [ -e "\${home}/../go" ]; do sleep 0.05; done; echo new > "\${home}/etc/conf"', writes: ["\${home}/etc/conf"] }]`,
);

function contents(fleet: SmallFleet): Promise<readonly string[]> {
  return Promise.all(
    fleet.names.map((name) => readFile(join(fleet.home(name), "etc", "conf"), "utf8")),
  );
}

async function isInStep(fleet: SmallFleet): Promise<void> {
  await expect.poll(async () => (await contents(fleet))[0], { timeout: 30_000 }).toBe("half\n");
}

/** The rollout of this fleet's only plan, whoever carries it. */
async function rolloutOf(fleet: SmallFleet): Promise<string> {
  const [id] = /fix-\d{8}-\d{4}-[0-9a-f]{4}/.exec((await fleet.run(["status"])).stdout) ?? [];
  return id!;
}

async function letStepsEnd(fleet: SmallFleet): Promise<void> {
  await writeFile(join(fleet.folder, "go"), "");
}

/** What the journal says once nobody carries the rollout any more. */
async function standing(fleet: SmallFleet): Promise<unknown> {
  const rollout = await rolloutOf(fleet);
  await fleet.run(["status", rollout, "--watch"]);
  return JSON.parse((await fleet.run(["status", rollout, "--json"])).stdout);
}

async function inStep(fleet: SmallFleet): Promise<Terminal> {
  await fleet.writePlan(waitingStep);
  const terminal = onTerminal(["apply", "plan.yaml", "--state", fleet.state], {
    cwd: fleet.folder,
  });
  await isInStep(fleet);
  return terminal;
}

describeWith(["script"], "on a terminal, in the middle of a step", () => {
  // SIGINT is what terminal.test.ts is about, too.
  const signals = [
    ["SIGHUP", 129],
    ...(isLong ? [["SIGINT", 130] as const, ["SIGTERM", 143] as const] : []),
  ] as const;
  test.each(signals)(
    "%s lets the step end, begins nothing more, and exits %i",
    async (signal, exit) => {
      await using fleet = await smallFleet();
      const terminal = await inStep(fleet);
      await terminal.signal(signal);
      await terminal.shows("Stopping safely: no new work begins");
      await letStepsEnd(fleet);
      expect(await terminal.ended).toBe(exit);
      expect(await contents(fleet)).toEqual(["new\n", "old\n"]);
      expect(await standing(fleet)).toMatchObject({ outcome: "interrupted", exit });
      expect((await fleet.run(["resume", await rolloutOf(fleet)])).exit).toBe(0);
      expect(await contents(fleet)).toEqual(["new\n", "new\n"]);
    },
  );

  test.skipIf(!isLong)(
    `a second signal of another kind leaves at once, with its own exit code${longOnly}`,
    async () => {
      await using fleet = await smallFleet();
      const terminal = await inStep(fleet);
      await terminal.signal("SIGINT");
      await terminal.shows("Once more: leave at once.");
      // What comes sooner counts as the same wish.
      await sleep(echoMs + 100);
      await terminal.signal("SIGTERM");
      expect(await terminal.ended).toBe(143);
      expect(terminal.screen()).toContain("Left at once, with the guards armed.");
      expect(await contents(fleet)).toEqual(["half\n", "old\n"]);
      // The host has gone on with the step; whoever takes it up takes that back.
      expect((await fleet.run(["abort", await rolloutOf(fleet)])).exit).toBe(4);
      expect(await contents(fleet)).toEqual(["old\n", "old\n"]);
    },
  );

  test.skipIf(!isLong)(
    `a terminal that is closed while the tree is drawn is a hangup: the step ends, nothing more begins${longOnly}`,
    async () => {
      await using fleet = await smallFleet();
      const terminal = await inStep(fleet);
      await terminal.shows("\u001B[?25l");
      terminal.close();
      await terminal.ended;
      const rollout = await rolloutOf(fleet);
      await expect
        .poll(async () => (await fleet.run(["journal", rollout, "--json"])).stdout, {
          timeout: 30_000,
        })
        .toContain('"wish":{"kind":"interrupt","signal":"SIGHUP"}');
      await letStepsEnd(fleet);
      expect(await standing(fleet)).toMatchObject({ outcome: "interrupted", exit: 129 });
      expect(await contents(fleet)).toEqual(["new\n", "old\n"]);
      expect((await fleet.run(["resume", rollout])).exit).toBe(0);
    },
  );
});

test.skipIf(!isLong)(
  `a program that reads --json and goes away is a hangup, and recorded as that${longOnly}`,
  async () => {
    await using fleet = await smallFleet();
    const plan = await fleet.writePlan(waitingStep);
    const started = fleet.start(["apply", plan, "--json"]);
    await started.event((it) => it.type === "step.started");
    await isInStep(fleet);
    started.deafen();
    await letStepsEnd(fleet);
    expect((await started.ended).exit).toBe(129);
    expect((await contents(fleet))[1]).toBe("old\n");
    const { stdout } = await fleet.run(["journal", await rolloutOf(fleet), "--json"]);
    expect(stdout).toContain('"reason":"nobody reads what this process prints any more"');
  },
);
