import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { createApp } from "../../src/app.ts";
import { registries } from "../../src/cli/registries.ts";
import { loadPlan } from "../../src/sources/load-plan.ts";
import { planText, type Ran, smallFleet } from "../support/small-fleet.ts";
import { meant } from "../support/meant.ts";
import { isLong, longOnly } from "../support/long-suite.ts";

const write = `steps: [{ name: fix, run: 'echo new > "\${home}/etc/conf"', writes: ["\${home}/etc/conf"] }]`;
const slow = write.replace("echo new", "sleep 2; echo new");

function rolloutOf({ events }: Ran): string {
  return String(events.find(({ type }) => type === "rollout.started")?.["rollout"]);
}

describe("an onlooker that fails", () => {
  const noFull = existsSync("/dev/full") ? "" : " (skipped, because there is no /dev/full here)";
  test.skipIf(noFull !== "")(
    `a file of events on a full disk is told once, and the rollout is sealed${noFull}`,
    async () => {
      await using fleet = await smallFleet();
      const plan = await fleet.writePlan(planText(write));
      const ran = await fleet.run(["apply", plan, "--json", "--json-into", "/dev/full"]);
      expect({ exit: ran.exit, stderr: ran.stderr }).toEqual({
        exit: 0,
        stderr: expect.stringMatching(
          /^--json-into "\/dev\/full" ends here, it can't be written any more: ENOSPC[^\n]*\n$/,
        ),
      });
      // The other onlooker saw everything.
      expect(ran.events.at(-1)).toMatchObject({ type: "summary", outcome: "sealed", exit: 0 });
      expect(await readFile(join(fleet.home("a2"), "etc", "conf"), "utf8")).toBe("new\n");
    },
  );

  test.skipIf(!isLong)(
    `one of a program that embeds Handrail neither ends a rollout nor is asked again${longOnly}`,
    async () => {
      await using fleet = await smallFleet();
      const plan = await fleet.writePlan(planText(write));
      const checked = await loadPlan(plan, { ...(await registries()), inventory: null });
      if (!("ok" in checked)) throw new Error(JSON.stringify(checked.problems));
      await using app = createApp({ state: fleet.state, env: {} });
      const told: string[] = [];
      let calls = 0;
      const { state } = await app.apply({
        loaded: checked.ok,
        plan,
        despite: null,
        by: "test",
        interrupted: new AbortController().signal,
        onTrouble: (sentence) => told.push(sentence),
        onRecord() {
          calls += 1;
          if (calls === 10) throw new Error("the screen is gone");
        },
      });
      expect(state.closed).toBe("sealed");
      expect([calls, told]).toEqual([
        10,
        ["what happens can't be shown any more (the screen is gone); the rollout goes on"],
      ]);
    },
  );
});

test.skipIf(!isLong)(
  `a rollout that loses its journal half-way ends with 5, says so, and resume goes on${longOnly}`,
  async () => {
    await using fleet = await smallFleet();
    const plan = await fleet.writePlan(planText(slow));
    const started = fleet.start(["apply", plan, "--json"]);
    await started.event((it) => it.type === "step.started");
    // As if another runner had taken it up: this one may write no more.
    const db = new DatabaseSync(join(fleet.state, "journal.db"));
    db.exec("UPDATE rollouts SET epoch = epoch + 1");
    db.close();
    const ran = await started.ended;
    const rollout = rolloutOf(ran);
    expect(ran.exit).toBe(5);
    expect(ran.stderr).toContain("handrail: the rollout stopped half-way: ");
    expect(ran.stderr).toContain("(FENCED)\n");
    expect(ran.stderr).toMatch(new RegExp(`\n  next: handrail --state \\S+ resume ${rollout}\n`));
    expect(ran.events.at(-1)).toMatchObject({
      type: "summary",
      rollout,
      outcome: "interrupted",
      exit: 5,
    });
    const status = await fleet.run(["status", rollout]);
    expect(status.stdout).toMatch(/^‖ STOPPED after .*: nobody runs it: its process is gone/m);
    const resumed = await fleet.run(["resume", rollout, "--json"]);
    expect({ exit: resumed.exit, stderr: resumed.stderr }).toMatchObject({ exit: 0 });
  },
);

test.skipIf(!isLong)(
  `a plan that did harm twice needs the newest rollout named, not the first${longOnly}`,
  async () => {
    await using fleet = await smallFleet({ names: ["a1"] });
    const plan = await fleet.writePlan(
      planText(
        `protect: [{ path: "\${home}/tmp", policy: keep }]\nsteps: [{ name: fix, run: 'rm "\${home}/tmp/a"', ${meant("deletes")} }]`,
      ),
    );
    const first = await fleet.run(["apply", plan, "--json"]);
    expect(first.exit).toBe(4);
    const second = await fleet.run(["apply", plan, "--despite", rolloutOf(first), "--json"]);
    expect(second.exit).toBe(4);
    const stale = await fleet.run(["apply", plan, "--despite", rolloutOf(first)]);
    expect([stale.exit, stale.stderr]).toEqual([
      3,
      expect.stringContaining(`did harm in rollout "${rolloutOf(second)}"`),
    ]);
    expect(stale.stderr).toContain(`--despite ${rolloutOf(second)}\n`);
    expect((await fleet.run(["apply", plan, "--despite", rolloutOf(second)])).exit).toBe(4);
  },
);
