import { rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { isLong, longOnly } from "../support/long-suite.ts";
import { planText, smallFleet, type SmallFleet } from "../support/small-fleet.ts";

interface Regions {
  /** Lines of the rollout. */
  readonly rollout?: string;
  /** What the second waits for; default: a person. */
  readonly waits?: "approval" | "window";
}

/** Two regions of one instance each; the second waits. */
async function twoRegions(
  fleet: SmallFleet,
  { rollout = "", waits = "approval" }: Regions = {},
): Promise<string> {
  const window = waits === "window" ? `, maintenance: ["${inSixHours()}"]` : "";
  const instance = (name: string): string =>
    `{ name: ${name}, address: 127.0.0.${name.slice(1)}, vars: { home: "${fleet.home(name)}" } }`;
  await writeFile(
    join(fleet.folder, "inventory.yaml"),
    [
      "handrail: 1",
      "name: small",
      "production: false",
      `spool: ${fleet.spool}`,
      "defaults: { via: local }",
      "regions:",
      `  - { name: one, instances: [${instance("a1")}] }`,
      `  - { name: two, timezone: UTC, instances: [${instance("a2")}]${window} }`,
      "",
    ].join("\n"),
  );
  return await fleet.writePlan(
    planText(
      [
        'protect: [{ path: "${home}/tmp", policy: keep }]',
        `probes: [{ name: page, surface: ui, interval: 100ms, run: 'echo asked >> "\${home}.asked"; test ! -e "\${home}/down"' }]`,
        `steps: [{ name: fix, run: "true" }]`,
      ].join("\n"),
      `bake: { settle: 0s, stable: 200ms, retry: 500ms }\n${waits === "approval" ? "approve: [two]\n" : ""}${rollout}`,
    ),
  );
}

/** A window of an hour that is closed by now, and for some hours yet. */
function inSixHours(): string {
  const now = new Date().getUTCHours();
  const [from, to] = [now + 6, now + 7].map((it) => String(it % 24).padStart(2, "0"));
  return `${from}:00-${to}:00`;
}

test.skipIf(!isLong)(
  `what is sealed and turns bad while a person thinks holds the next region up${longOnly}`,
  { timeout: 60_000 },
  async () => {
    await using fleet = await smallFleet();
    const waits = await fleet.run([
      "apply",
      await twoRegions(fleet, { rollout: "watch: false" }),
      "--json",
    ]);
    expect(waits.exit).toBe(6);
    const rollout = String(waits.events.at(-1)?.["rollout"]);
    const down = join(fleet.home("a1"), "down");
    await writeFile(down, "");
    expect((await fleet.run(["approve", rollout, "two"])).exit).toBe(0);
    const held = await fleet.run(["resume", rollout]);
    expect([held.exit, held.stdout]).toEqual([
      6,
      expect.stringMatching(
        /PAUSED .*: a1 was sealed and does not serve its users now: never healthy: probe "page" failed/,
      ),
    ]);
    const status = (await fleet.run(["status", rollout])).stdout;
    expect(status).toMatch(/Users \(1 instance\)\n +a1 +ui DOWN since/);
    await rm(down);
    const ended = await fleet.run(["resume", rollout, "--json"]);
    expect([ended.exit, ended.events.at(-1)]).toMatchObject([0, { outcome: "sealed" }]);
  },
);

test.skipIf(!isLong)(
  `where what is sealed is watched, that is late harm, and halts${longOnly}`,
  { timeout: 60_000 },
  async () => {
    await using fleet = await smallFleet();
    const waits = await fleet.run(["apply", await twoRegions(fleet), "--json"]);
    const rollout = String(waits.events.at(-1)?.["rollout"]);
    await writeFile(join(fleet.home("a1"), "down"), "");
    expect((await fleet.run(["approve", rollout, "two"])).exit).toBe(0);
    const halted = await fleet.run(["resume", rollout, "--json"]);
    // What makes the page fail was not done by a step, so no rollback mends it.
    expect([halted.exit, halted.events.map(({ type }) => type)]).toEqual([
      5,
      expect.arrayContaining(["instance.harmed", "halted"]),
    ]);
    expect(halted.events.filter((it) => it.type === "instance.started")).toEqual([]);
  },
);

test.skipIf(!isLong)(
  `a process that stays begins the next region once somebody approves it${longOnly}`,
  { timeout: 60_000 },
  async () => {
    await using fleet = await smallFleet();
    const stays = fleet.start(["apply", await twoRegions(fleet), "--json", "--stay"]);
    const paused = await stays.event(({ type }) => type === "paused");
    expect(paused).toMatchObject({ why: "approval", region: "two" });
    const rollout = String(paused["rollout"]);
    const approved = await fleet.run(["approve", rollout, "two"]);
    expect([approved.exit, approved.stdout]).toEqual([0, expect.stringMatching(/who acts on it/)]);
    const ended = await stays.ended;
    expect([ended.exit, ended.stderr]).toEqual([
      0,
      expect.stringMatching(/Stays until that has come, and then goes on. Ctrl-C leaves/),
    ]);
    expect(ended.events.filter(({ type }) => type === "resumed")).toEqual([]);
    const asked = ended.events.filter((it) => it.type === "probe" && it["while"] === "watch");
    expect(asked.map((it) => it["instance"])).toEqual(["a1"]);
  },
);

test.skipIf(!isLong)(
  `Ctrl-C ends a process that stays, and the rollout still waits${longOnly}`,
  { timeout: 60_000 },
  async () => {
    await using fleet = await smallFleet();
    const stays = fleet.start(["apply", await twoRegions(fleet), "--json", "--stay"]);
    const paused = await stays.event(({ type }) => type === "paused");
    stays.kill("SIGINT");
    const ended = await stays.ended;
    expect([ended.exit, ended.events.at(-1)]).toMatchObject([130, { outcome: "interrupted" }]);
    const refused = await fleet.run(["resume", String(paused["rollout"])]);
    expect([refused.exit, refused.stderr]).toEqual([
      3,
      expect.stringMatching(/waits for a person to approve region two/),
    ]);
  },
);

test.skipIf(!isLong).each(["approval", "window"] as const)(
  `a process that stays for %s watches what is sealed: what is lost there halts, and is put back${longOnly}`,
  { timeout: 60_000 },
  async (waits) => {
    await using fleet = await smallFleet();
    const plan = await twoRegions(fleet, { rollout: "watch: { every: 1s }", waits });
    const before = await Promise.all(fleet.names.map((name) => fleet.listing(fleet.home(name))));
    const stays = fleet.start(["apply", plan, "--json", "--stay"]);
    const paused = await stays.event(({ type }) => type === "paused");
    expect(paused).toMatchObject({ why: waits, region: "two" });
    // What nobody has seen can't be lost. A look asks and then lists, so two more questions enclose a list.
    const asked = async (): Promise<number> => (await stat(`${fleet.home("a1")}.asked`)).size;
    const upto = (await asked()) + 2 * "asked\n".length;
    while ((await asked()) < upto) await setTimeout(100);
    const temp = join(fleet.home("a1"), "tmp");
    await rm(join(temp, "a"));
    await rm(join(temp, "b"));
    await rm(join(temp, "work"), { recursive: true });
    const ended = await stays.ended;
    expect([ended.exit, ended.stderr]).toEqual([4, expect.stringMatching(/^Stays until/)]);
    expect(ended.events.find(({ type }) => type === "instance.harmed")).toMatchObject({
      region: "one",
      instance: "a1",
      is: "lost",
      path: temp,
    });
    expect(ended.events.at(-1)).toMatchObject({
      outcome: "halted",
      instances: { rolledBack: ["a1"], sealed: [] },
    });
    expect(ended.events.filter((it) => it["instance"] === "a2" && it.type !== "probe")).toEqual([]);
    expect(await Promise.all(fleet.names.map((name) => fleet.listing(fleet.home(name))))).toEqual(
      before,
    );
  },
);
