import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startDemoFleet } from "../../fixtures/demo/fleet/start-fleet.ts";
import { openSqliteJournals } from "../../src/journals/sqlite.ts";
import type { IncidentIndex } from "../../src/views/incident-pack/incident-pack.ts";
import { runHandrail } from "../support/demo-fleet-handrail.ts";
import { isLong, longOnly } from "../support/long-suite.ts";
import { untrueStatements } from "../views/support/untrue-statements.ts";

// The demo's halt on real servers. The same check in simulation is test/views/incident-pack.test.ts.

test.skipIf(!isLong)(
  `the incident pack of the demo's halt, checked against its journal statement by statement${longOnly}`,
  async () => {
    await using fleet = await startDemoFleet({
      regions: [
        { name: "eu", timezone: "Europe/Berlin", instances: ["eu01"] },
        { name: "cn", timezone: "Asia/Shanghai", instances: ["cn01", "cn02"] },
      ],
    });
    const state = join(fleet.root, "state");
    const at = { ...fleet.environment, HANDRAIL_STATE: state };
    const plan = "fixtures/demo/plans/flawed-fix/plan.yaml";
    const ran = await runHandrail(["apply", plan, "--inventory", fleet.inventory], at);
    expect([ran.exitCode, ran.stderr]).toEqual([4, ""]);

    const clock = { wall: () => new Date().toISOString() };
    await using journals = await openSqliteJournals({ folder: state, clock });
    const [head] = await journals.list();
    const rollout = head!.rollout;
    const pack = join(fleet.root, "pack");
    const told = await runHandrail(["report", rollout, "--incident", pack], at);
    expect([told.exitCode, told.stderr]).toEqual([0, ""]);

    const names = await readdir(pack);
    const texts = names.map(
      async (name) => [name, await readFile(join(pack, name), "utf8")] as const,
    );
    const files = new Map(await Promise.all(texts));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the product wrote
    const index = JSON.parse(files.get("index.json")!) as IncidentIndex;
    const records = await journals.read(rollout, 0);
    expect(untrueStatements(files, index, records)).toEqual([]);
    expect(index.statements.length).toBeGreaterThan(40);

    const report = files.get("root-cause-report.md")!;
    expect(report).toMatch(
      /entries below "[^"]*\/cn01\/tmp" were deleted by step 2 "clear stale sessions", and while ui was down, api answered\. \[#/,
    );
    expect(report).toContain("The same step ran on 1 other instance, and the verdict there found");
    expect(report).not.toContain("cn02");
  },
  60_000,
);
