import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { execFileSync } from "../support/bounded-process.ts";
import { planText, smallFleet, type SmallFleet } from "../support/small-fleet.ts";
import { isLong, longOnly } from "../support/long-suite.ts";

const isRoot = process.getuid?.() === 0;
const rootOnly = isRoot ? "" : " (skipped, because this needs root)";

const body = [
  'protect: [{ path: "${home}/tmp", policy: keep }, { path: "${home}/etc", policy: keep-content }]',
  "steps:",
  '  - { name: quiet, run: "true" }',
  '  - { name: daemon, run: "nohup sleep 1 >/dev/null 2>&1 &" }',
  '  - { name: notes, copy: { from: note, to: "${home}/etc/${name}" } }',
].join("\n");

let fleet: SmallFleet;
beforeAll(async () => {
  fleet = await smallFleet();
  await writeFile(join(fleet.folder, "note"), "note\n");
  await fleet.writePlan(planText(body, "maxBad: 50%\nguard: { lease: 10s }"));
});
afterAll(async () => {
  await fleet[Symbol.asyncDispose]();
});

test("preview says what each step can't write to, what the guard does, and whose values these are", async () => {
  const { exit, stdout } = await fleet.run(["preview", "plan.yaml"]);
  expect(exit).toBe(0);
  const home = fleet.home("a1");
  expect(stdout).toContain(`deletion in ${home}/tmp, ${home}/etc fails instead of being mended`);
  expect(stdout).toContain(
    `${home}/tmp, ${home}/etc (its text starts a daemon, which must be able to write)`,
  );
  expect(stdout).toContain(`${home}/etc (it writes ${home}/etc/a1)`);
  expect(stdout).toContain("a host that hears nothing for 10 s during a step ends it");
  expect(stdout).toContain("shown as on a1; elsewhere other ones for ${home}, ${name}");
  expect(stdout).toContain("a1; at most 50 % = 0 bad");
  expect(stdout).toContain("at most 50 % = 1 in all");
  expect(stdout).toContain("Hosts were not looked at: --hosts");
});

test("preview --hosts and doctor look at the hosts and leave no trace on them", async () => {
  const before = await fleet.listing(fleet.folder);
  const preview = await fleet.run(["preview", "plan.yaml", "--hosts", "--json"]);
  expect([preview.exit, preview.stderr]).toEqual([0, ""]);
  const { hosts, steps } = JSON.parse(preview.stdout);
  expect(hosts).toHaveLength(2);
  expect(hosts[0]).toMatchObject({
    name: "a1",
    instances: ["a1"],
    failure: null,
    lock: null,
    spool: { path: fleet.spool, exists: false, fault: "" },
    protected: { trees: 2, entries: 9, unfinished: false },
    troubles: [],
  });
  expect(hosts[0].spool.freeBytes).toBeGreaterThan(hosts[0].needs.bytes);
  expect(steps[1].prevention.readOnly).toEqual([]);
  const doctor = await fleet.run(["doctor", "plan.yaml"]);
  expect(doctor.exit).toBe(0);
  expect(doctor.stdout).toMatch(/^ok {4}host a1: via local, as /m);
  expect(doctor.stdout).toMatch(/^ok {4}host a2: nobody holds it$/m);
  expect(doctor.stdout).toMatch(/^(ok|note) {2,4}host a1: steps (can )?run with protected paths /m);
  expect(doctor.stdout).toMatch(
    /^ok {4}host a1: the spool \S+ can be made, with .* free .*; snapshots of 9 entries in 2 trees need about /m,
  );
  expect(await fleet.listing(fleet.folder)).toBe(before);
});

test.skipIf(!isRoot)(
  `hosts without room are refused by preview --hosts, doctor and apply, before anything is touched${rootOnly}`,
  async () => {
    await using small = await smallFleet({ names: ["a1"] });
    await small.writePlan(
      planText(
        'protect: [{ path: "${home}/tmp", policy: keep }]\nsteps: [{ name: s, run: "true" }]',
      ),
    );
    await mkdir(small.spool, { mode: 0o700 });
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=65m,mode=0700", "tmpfs", small.spool]);
    try {
      await writeFile(join(small.home("a1"), "tmp", "large"), Buffer.alloc(4 * 1024 * 1024));
      const says =
        /the snapshots need about 4 MiB, with 64 MiB to stay free, and 65 MiB is free where the spool "\S+" of a1 is/;
      for (const verb of [
        ["preview", "plan.yaml", "--hosts"],
        ["doctor", "plan.yaml"],
        ["apply", "plan.yaml"],
      ]) {
        const ran = await small.run(verb);
        expect([verb[0], ran.exit]).toEqual([verb[0], 3]);
        expect(`${ran.stdout}${ran.stderr}`.replaceAll(/\s+/g, " ")).toMatch(says);
      }
      expect(execFileSync("ls", ["-A", small.spool]).toString()).toBe("");
    } finally {
      execFileSync("umount", ["-l", small.spool]);
    }
  },
);

test.skipIf(!isLong)(
  `a spool that others may write to is refused by all, with what to do${longOnly}`,
  async () => {
    await using open = await smallFleet({ names: ["a1"] });
    await open.writePlan(planText('steps: [{ name: s, run: "true" }]'));
    await mkdir(open.spool);
    await chmod(open.spool, 0o777);
    const says = /the spool "\S+" on a1 can't be used: users other than its owner may write to it/;
    const doctor = await open.run(["doctor", "plan.yaml"]);
    expect([doctor.exit, doctor.stdout]).toEqual([3, expect.stringMatching(says)]);
    expect(doctor.stdout).toContain("next: give `spool` a folder that only the user of the steps");
    const applied = await open.run(["apply", "plan.yaml", "--json"]);
    expect(applied.exit).toBe(3);
    expect(applied.stdout).toContain("SPOOL_UNUSABLE");
    expect(applied.events.map(({ type }) => type)).not.toContain("instance.started");
  },
);

test("a shortened digest approves nothing, and the whole one is asked for", async () => {
  const { digest } = JSON.parse((await fleet.run(["preview", "plan.yaml", "--json"])).stdout);
  const short = digest.slice(0, 12);
  const { exit, stderr } = await fleet.run(["apply", "plan.yaml", "--approve", short]);
  expect(exit).toBe(3);
  expect(stderr).toContain(
    `--approve takes the whole digest, and "${short}" is only the beginning of it`,
  );
});
