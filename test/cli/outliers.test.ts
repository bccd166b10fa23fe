import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { planText, smallFleet } from "../support/small-fleet.ts";
import { isLong, longOnly } from "../support/long-suite.ts";

const body = [
  'protect: [{ path: "${home}/tmp", policy: keep }]',
  'steps: [{ name: s, run: "true", prevent: false }]',
].join("\n");

const says =
  /the mode and owner of \$\{home\}\/tmp is 700 \S+ on a4, and 755 \S+ on all the others/;

test.skipIf(!isLong)(
  `the one whose temp folder has another mode is told of, stopped for, or asked about${longOnly}`,
  async () => {
    await using fleet = await smallFleet({ names: ["a1", "a2", "a3", "a4"] });
    for (const name of fleet.names) await chmod(join(fleet.home(name), "tmp"), 0o755);
    await chmod(join(fleet.home("a4"), "tmp"), 0o700);
    const write = (policy: string): Promise<string> =>
      fleet.writePlan(planText(body, `onOutlier: ${policy}`));

    await write("stop");
    const stopped = await fleet.run(["apply", "plan.yaml", "--json"]);
    expect([stopped.exit, stopped.stderr]).toEqual([3, ""]);
    const types = stopped.events.map(({ type }) => type);
    expect(types).toContain("outliers.found");
    expect(types).not.toContain("instance.started");
    expect(stopped.events.find(({ type }) => type === "halted")).toMatchObject({
      rule: "outliers",
      instances: ["a4"],
      sentence: expect.stringMatching(says),
    });
    expect(stopped.events.at(-1)).toMatchObject({ outcome: "refused", exit: 3 });

    await write("ask");
    const asked = await fleet.run(["apply", "plan.yaml", "--json"]);
    expect(asked.exit).toBe(6);
    const id = String(asked.events.at(-1)?.["rollout"]);
    const status = await fleet.run(["status", id]);
    expect(status.stdout.replaceAll(/\s+/g, " ")).toMatch(says);
    expect(status.stdout).toContain("region one waits for a person's approval: ");
    expect((await fleet.run(["approve", id, "one", "--reason", "known"])).exit).toBe(0);
    expect((await fleet.run(["resume", id])).exit).toBe(0);

    await write("last");
    const seen = await fleet.run(["preview", "plan.yaml", "--out", "last.preview"]);
    expect([seen.exit, seen.stdout]).toEqual([
      0,
      expect.stringMatching(/batch 1 \(1, canary\) +a1\n(.*\n)+.*unlike the others\) +a4\n/),
    ]);
    const last = await fleet.run(["apply", "last.preview", "--json"]);
    expect(last.exit).toBe(0);
    const order = last.events.filter(({ type }) => type === "batch.started");
    expect(order.at(-1)).toMatchObject({ instances: ["a4"] });

    // The first of the region is no canary any more.
    await chmod(join(fleet.home("a1"), "tmp"), 0o700);
    await chmod(join(fleet.home("a4"), "tmp"), 0o755);
    const again = await fleet.run(["apply", "plan.yaml", "--json"]);
    expect(again.exit).toBe(0);
    expect(again.events.find(({ type }) => type === "order.decided")).toMatchObject({
      regions: [{ region: "one", batches: expect.arrayContaining([["a1"]]) }],
    });
    const begun = again.events.filter(({ type }) => type === "instance.started");
    expect(begun.map((event) => event["instance"])).toEqual(["a2", "a3", "a4", "a1"]);

    await chmod(join(fleet.home("a1"), "tmp"), 0o755);
    await chmod(join(fleet.home("a4"), "tmp"), 0o700);
    await write("warn");
    const warned = await fleet.run(["apply", "plan.yaml"]);
    expect(warned.exit).toBe(0);
    expect(warned.stdout).toMatch(says);
  },
);
