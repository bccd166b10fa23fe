import { chmod, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isLong, longOnly } from "../support/long-suite.ts";
import { planText, smallFleet } from "../support/small-fleet.ts";

const plan = planText(
  `protect: [{ path: "\${home}/tmp", policy: keep }]
probes: [{ name: up, surface: ui, run: 'test -e "\${home}/etc/conf"', interval: 100ms }]
steps: [{ name: fix, run: 'echo new > "\${home}/etc/conf"', writes: ["\${home}/etc/conf"] }]`,
  "bake: { settle: 0s, stable: 100ms, retry: 100ms }",
);

describe("a watch after a rollout is sealed", () => {
  test.skipIf(!isLong)(
    `finds nothing where nothing happens, and leaves nothing on the host${longOnly}`,
    async () => {
      await using fleet = await smallFleet();
      const rollout = await sealed(fleet);
      const onHosts = async (): Promise<readonly unknown[]> => [
        await fleet.listing(fleet.home("a1")),
        await fleet.listing(fleet.home("a2")),
        existsSync(fleet.spool),
      ];
      const before = await onHosts();
      const ran = await fleet.run(["watch", rollout, "--for", "2s", "--json"]);
      expect({ exit: ran.exit, stderr: ran.stderr }).toEqual({ exit: 0, stderr: "" });
      expect(ran.events[0]?.type).toBe("version");
      expect(ran.events.filter((it) => it.type === "watch.found")).toEqual([]);
      const finished = { type: "watch.finished", harmed: [], unseen: [], exit: 0 };
      expect(ran.events.at(-1)).toMatchObject(finished);
      expect(await onHosts()).toEqual(before);
    },
  );

  test.skipIf(!isLong)(
    `tells a late deletion and a probe that fails later, and ends with 5${longOnly}`,
    async () => {
      await using fleet = await smallFleet({ names: ["a1", "a2"] });
      const rollout = await sealed(fleet);
      const watching = fleet.start(["watch", rollout, "--for", "4s", "--json"]);
      await watching.event((it) => it.type === "watch.looked");
      await rm(join(fleet.home("a1"), "tmp", "a"));
      await rm(join(fleet.home("a2"), "etc", "conf"));
      await writeFile(join(fleet.home("a2"), "tmp", "new"), "what comes is nothing");
      const ran = await watching.ended;
      expect(ran.exit).toBe(5);
      const found = ran.events.filter((it) => it.type === "watch.found");
      const tmp = join(fleet.home("a1"), "tmp");
      expect(new Map(found.map((it) => [it["instance"], it["is"]]))).toEqual(
        new Map([
          ["a1", "lost"],
          ["a2", "unhealthy"],
        ]),
      );
      expect(found).toHaveLength(2);
      expect(found.find((it) => it["is"] === "lost")).toMatchObject({
        path: tmp,
        count: 1,
        examples: [join(tmp, "a")],
        says: `1 entry is gone below "${tmp}" (keep): ${join(tmp, "a")}`,
      });
      expect(ran.events.at(-1)).toMatchObject({
        type: "watch.finished",
        harmed: ["a1", "a2"],
        exit: 5,
      });
    },
  );

  test.skipIf(!isLong)(
    `says in words what it saw, and ends with 6 where it could not tell${longOnly}`,
    async () => {
      await using fleet = await smallFleet({ names: ["a1"] });
      const rollout = await sealed(fleet);
      expect((await fleet.run(["watch", rollout, "--for", "soon"])).exit).toBe(3);
      await chmod(join(fleet.home("a1"), "tmp"), 0o000);
      const ran = await fleet.run(["watch", rollout, "--for", "300ms"]);
      await chmod(join(fleet.home("a1"), "tmp"), 0o755);
      const isRoot = process.getuid?.() === 0;
      expect(ran.exit).toBe(isRoot ? 0 : 6);
      expect(ran.stdout).toContain(isRoot ? "nothing found in" : "could not tell: ");
    },
  );
});

async function sealed(fleet: Awaited<ReturnType<typeof smallFleet>>): Promise<string> {
  const ran = await fleet.run(["apply", await fleet.writePlan(plan), "--json"]);
  expect({ exit: ran.exit, stderr: ran.stderr }).toMatchObject({ exit: 0 });
  return String(ran.events.find((it) => it.type === "rollout.started")?.["rollout"]);
}
