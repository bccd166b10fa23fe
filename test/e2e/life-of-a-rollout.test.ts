import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { planText, smallFleet, withoutFolderTimes } from "../support/small-fleet.ts";
import { meant } from "../support/meant.ts";
import { isLong, longOnly } from "../support/long-suite.ts";

const writesConf = 'writes: ["${home}/etc/conf"]';

/** A step that counts its runs, and takes a while. */
const slowStep = `steps: [{ name: fix, run: 'echo run >> "\${home}/runs"; sleep 2; echo new > "\${home}/etc/conf"', writes: ["\${home}/etc/conf", "\${home}/runs"] }]`;

describe("a rollout from its beginning to its end", () => {
  test("a sealed rollout leaves nothing on a host but what the step did", async () => {
    await using fleet = await smallFleet();
    const before = await fleet.listing(fleet.home("a1"));
    const root = await fleet.listing(fleet.folder);
    const plan = await fleet.writePlan(
      planText(
        `protect: [{ path: "\${home}/tmp", policy: keep }]\nsteps: [{ name: fix, run: 'echo new > "\${home}/etc/conf"', ${writesConf} }]`,
      ),
    );
    const ran = await fleet.run(["apply", plan, "--json"]);
    expect({ exit: ran.exit, stderr: ran.stderr }).toMatchObject({ exit: 0 });
    expect(ran.events.at(-1)).toMatchObject({ type: "summary", outcome: "sealed", exit: 0 });
    const after = await fleet.listing(fleet.home("a1"));
    expect(withoutConf(after)).toEqual(withoutConf(before));
    // The journal and the plan lie on the controller; the spool is gone.
    expect(root).not.toContain("spool");
    expect(await fleet.listing(fleet.folder)).not.toContain("spool");
  });

  test.skipIf(!isLong)(
    `an undo within the retention takes a sealed rollout back, byte for byte${longOnly}`,
    async () => {
      await using fleet = await smallFleet();
      const before = await Promise.all(fleet.names.map((name) => fleet.listing(fleet.home(name))));
      const plan = await fleet.writePlan(
        planText(
          `steps: [{ name: fix, run: 'echo new > "\${home}/etc/conf"; rm "\${home}/tmp/a"', writes: ["\${home}/etc", "\${home}/tmp"] }]`,
        ).replace("retention: 0s", "retention: 1h"),
      );
      const ran = await fleet.run(["apply", plan, "--json"]);
      expect({ exit: ran.exit, stderr: ran.stderr }).toMatchObject({ exit: 0 });
      const rollout = ran.events.find((event) => event.type === "rollout.started")?.["rollout"];
      const undone = await fleet.run(["undo", String(rollout), "--json"]);
      expect({ exit: undone.exit, stderr: undone.stderr }).toMatchObject({ exit: 0 });
      const after = await Promise.all(fleet.names.map((name) => fleet.listing(fleet.home(name))));
      expect(after).toEqual(before);
      expect(await fleet.listing(fleet.folder)).not.toContain("spool");
    },
  );

  test("after kill -9 in the middle of a step, resume reaches the same end, whatever became of the plan's file", async () => {
    await using fleet = await smallFleet();
    const plan = await fleet.writePlan(planText(slowStep));
    const started = fleet.start(["apply", plan, "--json"]);
    const event = await started.event((it) => it.type === "step.started");
    started.kill("SIGKILL");
    await started.ended;
    // What was begun is what the journal holds, not what somebody edits meanwhile.
    await fleet.writePlan(planText("steps: [{ name: other, run: 'rm -rf \"$home/tmp\"' }]"));
    const resumed = await fleet.run(["resume", String(event["rollout"]), "--json"]);
    expect({ exit: resumed.exit, stderr: resumed.stderr }).toMatchObject({ exit: 0 });
    for (const name of fleet.names) {
      expect(await readFile(join(fleet.home(name), "runs"), "utf8")).toBe("run\n");
      expect(await readFile(join(fleet.home(name), "etc", "conf"), "utf8")).toBe("new\n");
    }
  });

  test("abort from another terminal takes back what is under way and touches nothing more", async () => {
    await using fleet = await smallFleet();
    const before = await Promise.all(fleet.names.map((name) => fleet.listing(fleet.home(name))));
    // Longer than another process takes to come up on a busy machine: what is sealed by then stays.
    const plan = await fleet.writePlan(planText(slowStep.replace("sleep 2", "sleep 8")));
    const started = fleet.start(["apply", plan, "--json"]);
    const event = await started.event((it) => it.type === "step.started");
    const aborted = await fleet.run(["abort", String(event["rollout"]), "--reason", "wrong fix"]);
    expect(aborted.exit).toBe(0);
    const ran = await started.ended;
    expect({ exit: ran.exit, stderr: ran.stderr.slice(-500) }).toMatchObject({ exit: 4 });
    const after = await Promise.all(fleet.names.map((name) => fleet.listing(fleet.home(name))));
    expect(after.map(withoutFolderTimes)).toEqual(before.map(withoutFolderTimes));
  });

  test.skipIf(!isLong)(
    `the first SIGINT lets the running step end, exits 130, and resume goes on${longOnly}`,
    async () => {
      await using fleet = await smallFleet();
      const plan = await fleet.writePlan(planText(slowStep));
      const started = fleet.start(["apply", plan, "--json"]);
      const event = await started.event((it) => it.type === "step.started");
      started.kill("SIGINT");
      const ran = await started.ended;
      expect({ exit: ran.exit, stderr: ran.stderr.slice(-500) }).toMatchObject({ exit: 130 });
      expect(await readFile(join(fleet.home("a1"), "etc", "conf"), "utf8")).toBe("new\n");
      expect(await readFile(join(fleet.home("a2"), "etc", "conf"), "utf8")).toBe("old\n");
      const resumed = await fleet.run(["resume", String(event["rollout"]), "--json"]);
      expect({ exit: resumed.exit, stderr: resumed.stderr }).toMatchObject({ exit: 0 });
      expect(await readFile(join(fleet.home("a2"), "etc", "conf"), "utf8")).toBe("new\n");
    },
  );

  test.skipIf(!isLong)(
    `a plan that did harm is refused until it changes, or somebody says despite what${longOnly}`,
    async () => {
      await using fleet = await smallFleet();
      const harm = planText(
        `protect: [{ path: "\${home}/tmp", policy: keep }]\nsteps: [{ name: fix, run: 'rm "\${home}/tmp/a"', ${meant("deletes")} }]`,
      );
      const plan = await fleet.writePlan(harm);
      const first = await fleet.run(["apply", plan, "--json"]);
      expect(first.exit).toBe(4);
      const again = await fleet.run(["apply", plan]);
      expect(again.exit).toBe(3);
      expect(again.stderr).toContain("did harm in rollout");
      const rollout = String(first.events.find((it) => it.type === "rollout.started")?.["rollout"]);
      expect((await fleet.run(["apply", plan, "--despite", rollout, "--json"])).exit).toBe(4);
      await writeFile(plan, harm.replace(`'rm "\${home}/tmp/a"', ${meant("deletes")}`, "'true'"));
      expect((await fleet.run(["apply", plan, "--json"])).exit).toBe(0);
    },
  );

  test.skipIf(!isLong)(
    `a region that waits for approval parks with exit 6, and goes on after it${longOnly}`,
    async () => {
      await using fleet = await smallFleet();
      const plan = await fleet.writePlan(
        planText(`steps: [{ name: fix, run: "true" }]`, "approve: [one]"),
      );
      const ran = await fleet.run(["apply", plan, "--json"]);
      expect(ran.exit).toBe(6);
      const rollout = String(ran.events.find((it) => it.type === "rollout.started")?.["rollout"]);
      expect((await fleet.run(["approve", rollout, "one"])).exit).toBe(0);
      const resumed = await fleet.run(["resume", rollout, "--json"]);
      expect({ exit: resumed.exit, stderr: resumed.stderr }).toMatchObject({ exit: 0 });
    },
  );

  test.skipIf(!isLong)(
    `a region outside its maintenance window is not touched until a person overrides that${longOnly}`,
    async () => {
      await using fleet = await smallFleet();
      const text = await readFile(join(fleet.folder, "inventory.yaml"), "utf8");
      const inventory = join(fleet.folder, "windows.yaml");
      // A window half a day from now, in a zone that is never in summer time.
      const hour = (new Date().getUTCHours() + 12) % 24;
      const window = `${String(hour).padStart(2, "0")}:00-${String(hour).padStart(2, "0")}:01`;
      await writeFile(
        inventory,
        text.replace(
          "- name: one\n",
          `- name: one\n    maintenance: ["${window}"]\n    timezone: UTC\n`,
        ),
      );
      const plan = await fleet.writePlan(
        planText(`steps: [{ name: fix, run: "true" }]`, "approve: [{ region: one, by: 2 }]"),
      );
      const ran = await fleet.run(["apply", plan, "--inventory", inventory, "--json"]);
      expect({ exit: ran.exit, stderr: ran.stderr }).toMatchObject({ exit: 6 });
      const rollout = String(ran.events.find((it) => it.type === "rollout.started")?.["rollout"]);
      // Who started it is none of the two.
      const own = await fleet.run(["approve", rollout, "one"]);
      expect(own.stderr).toContain("takes somebody else than the person who began the rollout");
      expect(own.exit).toBe(3);
      for (const who of ["ann", "bob"])
        expect((await fleet.run(["approve", rollout, "one"], { SUDO_USER: who })).exit).toBe(0);
      const early = await fleet.run(["resume", rollout, "--json"]);
      const paused = early.events.findLast((it) => it.type === "paused");
      expect([early.exit, paused?.["why"]]).toEqual([6, "window"]);
      expect(new Date(String(paused?.["opens"])).getUTCHours()).toBe(hour);
      expect(early.events.filter((it) => it.type === "instance.started")).toEqual([]);
      expect((await fleet.run(["override", rollout, "one"])).exit).toBe(3);
      const said = await fleet.run(["override", rollout, "one", "--reason", "the site is down"]);
      expect(said.exit).toBe(0);
      const resumed = await fleet.run(["resume", rollout, "--json"]);
      expect({ exit: resumed.exit, stderr: resumed.stderr }).toMatchObject({ exit: 0 });
      const report = await fleet.run(["report", rollout]);
      expect(report.stdout).toContain(
        "go on outside the maintenance windows of one: the site is down",
      );
    },
  );

  test.skipIf(!isLong)(
    `an instance with several hosts gets its steps on each, one after the other, and back in reverse${longOnly}`,
    async () => {
      await using fleet = await smallFleet({ names: ["c1-a", "c1-b"] });
      const inventory = join(fleet.folder, "two-hosts.yaml");
      const host = (name: string, index: number): string =>
        `          - { name: ${name}, address: 127.0.0.${index}, spool: ${fleet.folder}/spool-${name} }`;
      await writeFile(
        inventory,
        [
          "handrail: 1",
          "name: two-hosts",
          "production: false",
          "defaults: { via: local }",
          "regions:",
          "  - name: one",
          "    instances:",
          "      - name: c1",
          `        vars: { root: "${fleet.folder}" }`,
          "        hosts:",
          host("c1-a", 1),
          host("c1-b", 2),
          "",
        ].join("\n"),
      );
      const before = await Promise.all(fleet.names.map((name) => fleet.listing(fleet.home(name))));
      const plan = await fleet.writePlan(
        planText(
          [
            'protect: [{ path: "${root}/${host}/tmp", policy: keep }]',
            "steps:",
            `  - { name: everywhere, run: 'echo "\${host}" > "\${root}/\${host}/etc/conf"', writes: ["\${root}/\${host}/etc"] }`,
            `  - { name: harm on b, run: 'test "\${host}" = c1-a || rm "\${root}/\${host}/tmp/a"', ${meant("deletes")} }`,
          ].join("\n"),
        ),
      );
      const ran = await fleet.run(["apply", plan, "--inventory", inventory, "--json"]);
      expect({ exit: ran.exit, out: ran.stdout.slice(-1_500) }).toMatchObject({ exit: 4 });
      const finished = ran.events
        .filter((event) => event.type === "step.finished")
        .map((event) => `${String(event["step"])} on ${String(event["host"])}`);
      expect(finished).toEqual([
        "everywhere on c1-a",
        "everywhere on c1-b",
        "harm on b on c1-a",
        "harm on b on c1-b",
      ]);
      const after = await Promise.all(fleet.names.map((name) => fleet.listing(fleet.home(name))));
      expect(after).toEqual(before);
    },
  );

  test.skipIf(!isLong)(
    `a rollback leaves alone the daemon that a step has started${longOnly}`,
    async () => {
      await using fleet = await smallFleet({ names: ["a1"] });
      const pidFile = join(fleet.folder, "daemon.pid");
      const plan = await fleet.writePlan(
        planText(
          `steps: [{ name: fix, run: 'nohup sleep 30 >/dev/null 2>&1 & echo $! > "${pidFile}"; exit 7' }]`,
        ),
      );
      expect((await fleet.run(["apply", plan, "--json"])).exit).toBe(4);
      const pid = Number(await readFile(pidFile, "utf8"));
      // Throws when there is no such process any more.
      expect(process.kill(pid, "SIGTERM")).toBe(true);
    },
  );

  test.skipIf(!isLong)(
    `an abort takes back what needed a secret, also where the secret is gone${longOnly}`,
    async () => {
      await using fleet = await smallFleet();
      const before = await fleet.listing(fleet.home("a1"));
      const plan = await fleet.writePlan(
        `${planText(`steps: [{ name: fix, run: 'echo "\${secret_pin}" > "\${home}/etc/conf"; sleep 20', writes: ["\${home}/etc"] }]`)}secrets: { pin: { env: PIN_OF_TEST } }\n`,
      );
      // As short as a name in the inventory: nothing but free text may be struck out.
      const started = fleet.start(["apply", plan, "--json"], { PIN_OF_TEST: "a1" });
      const event = await started.event((it) => it.type === "step.started");
      started.kill("SIGKILL");
      await started.ended;
      const aborted = await fleet.run(["abort", String(event["rollout"]), "--json"]);
      expect({ exit: aborted.exit, stderr: aborted.stderr.slice(-800) }).toMatchObject({ exit: 4 });
      expect(await fleet.listing(fleet.home("a1"))).toBe(before);
    },
  );

  test.skipIf(!isLong)(
    `a host that another rollout holds refuses this one, and nothing was touched${longOnly}`,
    async () => {
      await using fleet = await smallFleet();
      await using other = await smallFleet();
      const plan = await fleet.writePlan(planText(slowStep));
      const started = fleet.start(["apply", plan, "--json"]);
      await started.event((it) => it.type === "step.started");
      await writeFile(
        join(other.folder, "inventory.yaml"),
        await readFile(join(fleet.folder, "inventory.yaml"), "utf8"),
      );
      const second = await other.writePlan(planText(slowStep.replace("sleep 2", "sleep 1")));
      const ran = await other.run(["apply", second, "--json"]);
      expect({ exit: ran.exit, out: ran.stdout.slice(-500) }).toMatchObject({ exit: 3 });
      expect(ran.stdout).toContain("HOST_LOCKED");
      expect((await started.ended).exit).toBe(0);
    },
  );

  test.skipIf(!isLong)(
    `values never become shell syntax, and secrets are in no journal, event or spool${longOnly}`,
    async () => {
      await using fleet = await smallFleet();
      const value = `it's "$(touch ${fleet.folder}/pwned)" \`x\` *`;
      const plan = await fleet.writePlan(
        [
          planText(
            `steps:\n  - { name: fix, run: 'printf "%s|%s" "\${odd}" "\${secret_token}" > "\${home}/etc/conf"; echo "\${secret_token}"; sleep 1', ${writesConf} }`,
          ),
          `vars: { odd: ${JSON.stringify(value)} }`,
          "secrets: { token: { env: HANDRAIL_TEST_TOKEN } }",
        ].join("\n"),
      );
      const env = { HANDRAIL_TEST_TOKEN: "s3cret-value-of-this-test" };
      const ran = await fleet.run(["apply", plan, "--json"], env);
      expect({ exit: ran.exit, out: ran.stdout.slice(-1_500) }).toMatchObject({ exit: 0 });
      expect(await readFile(join(fleet.home("a1"), "etc", "conf"), "utf8")).toBe(
        `${value}|${env.HANDRAIL_TEST_TOKEN}`,
      );
      expect(existsSync(join(fleet.folder, "pwned"))).toBe(false);
      expect(ran.stdout + ran.stderr).not.toContain(env.HANDRAIL_TEST_TOKEN);
      expect(ran.stdout).toContain("[secret token]");
      const rollout = String(ran.events.find((it) => it.type === "rollout.started")?.["rollout"]);
      const journal = await fleet.run(["journal", rollout]);
      expect(journal.stdout).not.toContain(env.HANDRAIL_TEST_TOKEN);
      expect(await readFile(join(fleet.state, "journal.db"), "latin1")).not.toContain(
        env.HANDRAIL_TEST_TOKEN,
      );
    },
  );
});

/** What the step declared to write; everything else must be as it was. */
function withoutConf(text: string): readonly string[] {
  return text.split("\n").filter((line) => !line.includes("etc/conf"));
}
