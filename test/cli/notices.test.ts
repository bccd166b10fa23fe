import { join } from "node:path";
import { expect, test } from "vitest";
import { openSqliteJournals } from "../../src/journals/sqlite.ts";
import { webServer } from "../probes/loopback-servers.ts";
import { drive } from "../support/drive.ts";
import { smallItinerary } from "../support/small-itinerary.ts";
import { handrail, tempFolder } from "./run-handrail.ts";

const rollout = "fix-20261123-0300-aaaa";

test("notices shows who was told of what, and --send tells who was not, once", async () => {
  const posts: string[] = [];
  await using server = await webServer((request, response) => {
    posts.push(String(request.headers["webhook-id"]));
    request.resume();
    response.writeHead(204).end();
  });
  await using folder = await tempFolder();
  const base = smallItinerary({ regions: { eu: [["eu1"]] } });
  const webhook = { kind: "webhook", args: { url: `${server.url}/S3CRET`, headers: {} } };
  const notify = [{ on: ["started", "sealed"] as const, ...webhook }];
  const itinerary = { ...base, rollout, plan: { ...base.plan, notify } };
  {
    const clock = { wall: () => "2026-11-23T03:00:00.000Z" };
    const state = join(folder.path, ".handrail");
    await using journals = await openSqliteJournals({ folder: state, clock });
    const runner = { runner: "r", holder: "deploy@laptop" };
    const { digest } = itinerary;
    const held = await journals.open({ rollout, inventory: "small", digest, runner });
    if (held.kind !== "held") throw new Error("the journal is held");
    await using session = held.session;
    const opened = { kind: "opened", itinerary, by: "deploy", tool: "0.1.0", planFolder: "/" };
    await session.append({ ...opened, kind: "opened" });
    for (const event of drive(itinerary, () => null).events) await session.append(event);
  }
  const run = (...args: string[]) => handrail(["notices", "aaaa", ...args], { cwd: folder.path });

  const before = await run();
  expect([before.code, before.stderr]).toEqual([0, ""]);
  expect(before.stdout).toMatch(
    /^2026-11-23 03:00:00Z {2}started \(info\) by webhook to 127\.0\.0\.1:\d+: NOT told yet {2}fix-20261123-0300-aaaa\.\d+\.1\n {2}.+ starts: eu\n2026.* sealed \(info\) by webhook to 127\.0\.0\.1:\d+: NOT told yet {2}\S+\n {2}.+ is sealed everywhere\n$/,
  );
  expect(before.stdout).not.toContain("S3CRET");
  const ids = [...before.stdout.matchAll(/fix-\S+\.\d+\.1/g)].map(([id]) => id);

  const sent = await run("--send");
  expect([sent.code, sent.stderr]).toEqual([0, ""]);
  expect(posts.toSorted()).toEqual(ids.toSorted());
  expect(sent.stdout.match(/: told 20\S+ \S+Z, 1 try {2}fix-/g)).toHaveLength(2);

  expect((await run("--send")).stdout).toBe(sent.stdout);
  expect(posts).toHaveLength(2);
});
