import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { planText, smallFleet } from "../support/small-fleet.ts";
import { isLong, longOnly } from "../support/long-suite.ts";

test.skipIf(!isLong)(
  `giving up the lock of one instance takes an interrupted rollout no step forward${longOnly}`,
  async () => {
    await using fleet = await smallFleet({ names: ["a1", "a2", "a3"] });
    const conf = (name: string) => readFile(join(fleet.home(name), "etc", "conf"), "utf8");
    const plan = await fleet.writePlan(
      planText(
        `steps: [{ name: fix, run: 'echo new > "\${home}/etc/conf"; test "\${name}" != a1; until [ -e "\${home}/../go" ]; do sleep 0.05; done', writes: ["\${home}/etc/conf"] }]`,
        "maxBad: 1\nonFail: halt",
      ),
    );
    const started = fleet.start(["apply", plan, "--json"]);
    const event = await started.event(
      (it) => it.type === "step.started" && it["instance"] === "a2",
    );
    started.kill("SIGINT");
    const rollout = String(event["rollout"]);
    await expect
      .poll(async () => (await fleet.run(["journal", rollout])).stdout, { timeout: 30_000 })
      .toContain("interrupt");
    await writeFile(join(fleet.folder, "go"), "");
    expect((await started.ended).exit).toBe(130);
    const release = ["locks", "release", "a1", "--rollout", rollout, "--why", "seen to"];
    const given = await fleet.run(release);
    expect({ exit: given.exit, stderr: given.stderr }).toMatchObject({ exit: 6 });
    expect(await Promise.all(["a1", "a2", "a3"].map(conf))).toEqual(["new\n", "new\n", "old\n"]);
    expect((await fleet.run(["locks"])).stdout).not.toContain("instance a1:");
    const again = await fleet.run(release);
    expect([again.exit, again.stderr]).toEqual([3, expect.stringContaining("keeps no lock of a1")]);
    expect((await fleet.run(["resume", rollout])).exit).toBe(6);
    expect(await conf("a3")).toBe("new\n");
  },
);
