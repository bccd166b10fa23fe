import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { RolloutEvent } from "../../src/core/event.ts";
import { openSqliteJournals } from "../../src/journals/sqlite.ts";
import { smallItinerary } from "../support/small-itinerary.ts";
import { handrail, tempFolder } from "./run-handrail.ts";

const inventory = `handrail: 1
name: small
regions:
  - name: eu
    instances:
      - { name: eu1, vars: { home: /srv/eu1 } }
      - { name: eu2, vars: { home: /srv/eu2 } }
      - { name: eu3, vars: { home: /srv/eu3 } }
`;
const plan = `handrail: 1
name: fix
inventory: inventory.yaml
protect:
  - { path: "\${home}/tmp", policy: keep }
  - { path: "\${home}/cache/", policy: { regenerates: { within: 60s, recover: [restore] } } }
steps: [{ name: s, run: "true" }]
`;

const protect = [
  { path: "${home}/cache/", policy: { kind: "regenerates", withinMs: 60_000, recover: [] } },
] as const;

const back = (instance: string, backMs: number): RolloutEvent => ({
  kind: "noted",
  note: {
    kind: "verdict",
    instance,
    step: 0,
    attempt: 1,
    verdict: {
      is: "kept",
      findings: [],
      counts: {},
      remarks: [],
      trees: [{ protect: 0, counts: { deleted: 1 }, notBack: 0, backMs }],
    },
  },
});

test("a preview tells how long paths took to come back in earlier rollouts, and makes no journal", async () => {
  await using folder = await tempFolder();
  const state = join(folder.path, ".handrail");
  await writeFile(join(folder.path, "inventory.yaml"), inventory);
  await writeFile(join(folder.path, "plan.yaml"), plan);
  const first = await handrail(["preview", "plan.yaml"], { cwd: folder.path });
  expect([first.code, first.stderr]).toEqual([0, ""]);
  expect(first.stdout).toContain("  ${home}/cache/  never seen\n");
  expect(existsSync(state)).toBe(false);

  const rollout = "fix-20261123-0300-aaaa";
  await using journals = await openSqliteJournals({
    folder: state,
    clock: { wall: () => new Date().toISOString() },
  });
  const runner = { runner: "r", holder: "me" };
  const held = await journals.open({ rollout, inventory: "small", digest: "0", runner });
  if (held.kind !== "held") throw new Error("the journal is held");
  await using session = held.session;
  const itinerary = { ...smallItinerary({ regions: { eu: [["eu1", "eu2"]] }, protect }), rollout };
  const opened = { kind: "opened", itinerary, by: "me", tool: "0.1.0", planFolder: "/" } as const;
  for (const event of [opened, back("eu1", 2_000), back("eu2", 9_400)]) await session.append(event);
  const then = await handrail(["preview", "plan.yaml"], { cwd: folder.path });
  expect([then.code, then.stderr]).toEqual([0, ""]);
  expect(then.stdout).toContain("  ${home}/cache/  2 instances: 2.0–9.4 s; never seen on eu3\n");
  expect(then.stdout).not.toContain("  ${home}/tmp  ");

  const told = await handrail(["preview", "plan.yaml", "--json"], { cwd: folder.path });
  expect(JSON.parse(told.stdout).regenerations).toEqual([
    {
      written: "${home}/cache/",
      seen: 2,
      fromMs: 2_000,
      toMs: 9_400,
      late: [],
      never: ["eu3"],
      says: "2 instances: 2.0–9.4 s; never seen on eu3",
    },
  ]);
});
