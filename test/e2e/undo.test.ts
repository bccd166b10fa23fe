import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isLong, longOnly } from "../support/long-suite.ts";
import { planText, type Ran, smallFleet, type SmallFleet } from "../support/small-fleet.ts";

/** A plan that writes this word, and can be undone for an hour. */
function writing(word: string, rollout = ""): string {
  return planText(
    `steps: [{ name: fix, run: 'echo ${word} > "\${home}/etc/conf"', writes: ["\${home}/etc/conf"] }]`,
    rollout,
  ).replace("retention: 0s", "retention: 1h");
}

async function applied(fleet: SmallFleet, text: string): Promise<string> {
  const ran = await fleet.run(["apply", await fleet.writePlan(text), "--json"]);
  expect({ exit: ran.exit, stderr: ran.stderr }).toMatchObject({ exit: 0 });
  return rolloutOf(ran);
}

function rolloutOf({ events }: Ran): string {
  return String(events.find(({ type }) => type === "rollout.started")?.["rollout"]);
}

function contents(fleet: SmallFleet): Promise<readonly string[]> {
  return Promise.all(
    fleet.names.map((name) => readFile(join(fleet.home(name), "etc", "conf"), "utf8")),
  );
}

describe("an undo", () => {
  test("of a rollout whose instances a later one changed is refused, names it, and works after it", async () => {
    await using fleet = await smallFleet();
    const first = await applied(fleet, writing("one"));
    const second = await applied(fleet, writing("two"));
    const refused = await fleet.run(["undo", first, "--json"]);
    expect(refused.exit).toBe(3);
    expect(refused.stderr).toContain(
      `rollout "${second}" changed a1, a2 after ${first}, and an undo of ${first} would destroy that (LATER_CHANGES)`,
    );
    expect(refused.events.at(-1)).toMatchObject({ type: "summary", outcome: "refused", exit: 3 });
    const [, undo] =
      /take that back first: handrail --state \S+ (undo \S+);/.exec(refused.stderr) ?? [];
    expect(undo).toBe(`undo ${second}`);
    expect(await contents(fleet)).toEqual(["two\n", "two\n"]);
    expect((await fleet.run(["undo", second])).exit).toBe(0);
    expect(await contents(fleet)).toEqual(["one\n", "one\n"]);
    expect((await fleet.run(["undo", first])).exit).toBe(0);
    expect(await contents(fleet)).toEqual(["old\n", "old\n"]);
  });

  test.skipIf(!isLong)(
    `replaces what a later rollout changed where that is asked for, and says so${longOnly}`,
    async () => {
      await using fleet = await smallFleet({ names: ["a1"] });
      const first = await applied(fleet, writing("one"));
      const second = await applied(fleet, writing("two"));
      const undone = await fleet.run(["undo", first, "--replace-later-changes"]);
      expect({ exit: undone.exit, out: undone.stdout.slice(-1_500) }).toMatchObject({ exit: 0 });
      expect(undone.stderr).toContain(`It REPLACES what ${second} changed on a1.`);
      expect(await contents(fleet)).toEqual(["old\n"]);
    },
  );

  test.skipIf(!isLong)(
    `is not held up by a later rollout of other instances${longOnly}`,
    async () => {
      await using fleet = await smallFleet();
      const first = await applied(fleet, `${writing("one")}targets: { exclude: [a2] }\n`);
      await applied(fleet, `${writing("two")}targets: { exclude: [a1] }\n`);
      expect((await fleet.run(["undo", first])).exit).toBe(0);
      expect(await contents(fleet)).toEqual(["old\n", "two\n"]);
    },
  );

  test.skipIf(!isLong)(
    `in production asks: without a terminal for the digest of that very rollout${longOnly}`,
    async () => {
      await using fleet = await smallFleet();
      const inventory = join(fleet.folder, "inventory.yaml");
      const text = await readFile(inventory, "utf8");
      await writeFile(inventory, text.replace("production: false", "production: true"));
      const plan = await fleet.writePlan(writing("one"));
      const preview = await fleet.run(["preview", plan, "--json"]);
      const [, digest = ""] = /"digest": "([0-9a-f]{64})"/.exec(preview.stdout) ?? [];
      const ran = await fleet.run(["apply", plan, "--approve", digest, "--json"]);
      expect({ exit: ran.exit, stderr: ran.stderr }).toMatchObject({ exit: 0 });
      const rollout = rolloutOf(ran);
      const silent = await fleet.run(["undo", rollout]);
      expect([silent.exit, silent.stderr]).toEqual([
        3,
        expect.stringContaining(
          'inventory "small" is production, and nobody is at a terminal to confirm the undo',
        ),
      ]);
      const wrong = await fleet.run(["undo", rollout, "--approve", "0".repeat(64)]);
      expect([wrong.exit, wrong.stderr]).toEqual([
        3,
        expect.stringContaining(
          `--approve names another rollout: ${rollout} has the digest ${digest}`,
        ),
      ]);
      const short = await fleet.run(["undo", rollout, "--approve", digest.slice(0, 12)]);
      expect([short.exit, short.stderr]).toEqual([
        3,
        expect.stringContaining("--approve takes the whole digest"),
      ]);
      expect(await contents(fleet)).toEqual(["one\n", "one\n"]);
      // As its refusal says, the report has the digest.
      expect((await fleet.run(["report", rollout])).stdout).toContain(`- digest: ${digest}\n`);
      const undone = await fleet.run(["undo", rollout, "--approve", digest]);
      expect({ exit: undone.exit, stderr: undone.stderr }).toMatchObject({ exit: 0 });
      expect(await contents(fleet)).toEqual(["old\n", "old\n"]);
    },
  );

  test.skipIf(!isLong)(
    `is told by a report that does not call its verdicts none${longOnly}`,
    async () => {
      await using fleet = await smallFleet({ names: ["a1"] });
      const rollout = await applied(fleet, writing("one"));
      await fleet.run(["undo", rollout]);
      const { stdout } = await fleet.run(["report", rollout]);
      expect(stdout).toMatch(
        /## Verdicts\n\n\d+ verdicts? found nothing: every contract was kept\.\n/,
      );
    },
  );
});

describe("a rollout that is not over holds its inventory", () => {
  test.skipIf(!isLong)(
    `while it waits for approval: another is refused, with who, since when, why, and how to go on${longOnly}`,
    async () => {
      await using fleet = await smallFleet();
      const waiting = await fleet.run([
        "apply",
        await fleet.writePlan(writing("one", "approve: [one]")),
        "--json",
      ]);
      expect(waiting.exit).toBe(6);
      const rollout = rolloutOf(waiting);
      const other = join(fleet.folder, "other.yaml");
      await writeFile(other, writing("two").replace("name: fix", "name: other"));
      const refused = await fleet.run(["apply", other]);
      expect(refused.exit).toBe(3);
      expect(refused.stderr).toMatch(
        new RegExp(
          `inventory "small" is held by rollout "${rollout}" \\(\\S+@\\S+\\) since \\S+ \\S+Z, which is not over: region one waits for approval, last heard \\S+ \\S+Z \\(LOCKED\\)`,
        ),
      );
      expect(refused.stderr).toMatch(
        new RegExp(
          `let it go on: handrail --state \\S+ approve ${rollout} one, or end it: handrail --state \\S+ abort ${rollout}\n`,
        ),
      );
      expect(await contents(fleet)).toEqual(["old\n", "old\n"]);
      expect((await fleet.run(["abort", rollout])).exit).toBe(3);
      expect((await fleet.run(["apply", other])).exit).toBe(0);
    },
  );

  test.skipIf(!isLong)(
    `an earlier one is not undone meanwhile, nor is the wish left for later${longOnly}`,
    async () => {
      await using fleet = await smallFleet();
      const first = await applied(fleet, `${writing("one")}targets: { exclude: [a2] }\n`);
      const text = `${writing("two", "approve: [one]")}targets: { exclude: [a1] }\n`;
      const waiting = await fleet.run(["apply", await fleet.writePlan(text), "--json"]);
      expect(waiting.exit).toBe(6);
      const refused = await fleet.run(["undo", first]);
      expect([refused.exit, refused.stderr]).toEqual([
        3,
        expect.stringContaining(`inventory "small" is held by rollout "${rolloutOf(waiting)}"`),
      ]);
      expect((await fleet.run(["abort", rolloutOf(waiting)])).exit).toBe(3);
      // Were the wish there, this would take it up.
      const resumed = await fleet.run(["resume", first]);
      expect([resumed.exit, resumed.stderr]).toEqual([
        3,
        expect.stringContaining("it is over: it is sealed"),
      ]);
      expect(await contents(fleet)).toEqual(["one\n", "old\n"]);
    },
  );

  test.skipIf(!isLong)(`after kill -9, until it was resumed or aborted${longOnly}`, async () => {
    await using fleet = await smallFleet({ names: ["a1"] });
    const plan = await fleet.writePlan(
      planText(
        `steps: [{ name: fix, run: 'echo new > "\${home}/etc/conf"; sleep 1', writes: ["\${home}/etc/conf"] }]`,
      ),
    );
    const started = fleet.start(["apply", plan, "--json"]);
    const event = await started.event((it) => it.type === "step.started");
    started.kill("SIGKILL");
    await started.ended;
    const refused = await fleet.run(["apply", plan]);
    expect([refused.exit, refused.stderr]).toEqual([
      3,
      expect.stringMatching(
        /which is not over: its process is gone, last heard \S+ \S+Z \(LOCKED\)/,
      ),
    ]);
    expect((await fleet.run(["abort", String(event["rollout"])])).exit).toBe(4);
    expect(await contents(fleet)).toEqual(["old\n"]);
    expect((await fleet.run(["apply", plan])).exit).toBe(0);
  });
});
