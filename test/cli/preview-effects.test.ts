import { chmod, mkdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isLong, longOnly } from "../support/long-suite.ts";
import { planText, type Ran, smallFleet, type SmallFleet } from "../support/small-fleet.ts";

let fleet: SmallFleet;
beforeAll(async () => {
  fleet = await smallFleet({ names: ["a1", "a2", "a3"] });
});
afterAll(async () => {
  await fleet[Symbol.asyncDispose]();
});

const file = (name: string): string => join(fleet.folder, name);

async function preview(steps: string, more: readonly string[] = [], env = {}): Promise<Ran> {
  await fleet.writePlan(planText(`steps:\n${steps}`));
  return await fleet.run(["preview", "plan.yaml", "--hosts", ...more], env);
}

async function each(write: (home: string, name: string) => Promise<unknown>): Promise<void> {
  for (const name of fleet.names) await write(fleet.home(name), name);
}

const conf = '  - { name: conf, copy: { from: conf, to: "${home}/etc/c", mode: "0600" } }';

test("the same diff is told once, with the names of the instances, and the odd one apart", async () => {
  await writeFile(file("conf"), "one\nTWO\nthree\n");
  await each((home, name) =>
    writeFile(join(home, "etc/c"), name === "a3" ? "one\ntwo\n" : "one\ntwo\nthree\n"),
  );
  const { exit, stdout } = await preview(conf);
  expect(exit).toBe(0);
  expect(stdout).toContain(
    [
      "    now on a1, a2:",
      "      ~ ${home}/etc/c: +1 −1 lines; mode 0644 → 0600",
      "          @@ -1,3 +1,3 @@",
      "           one",
      "          -two",
      "          +TWO",
      "           three",
      "    now on a3:",
      `      ~ ${fleet.home("a3")}/etc/c: +2 −1 lines; mode 0644 → 0600`,
    ].join("\n"),
  );
});

test.skipIf(!isLong)(`the same is in its JSON${longOnly}`, async () => {
  await writeFile(file("conf"), "one\nTWO\nthree\n");
  await each((home, name) =>
    writeFile(join(home, "etc/c"), name === "a3" ? "one\n" : "one\ntwo\nthree\n"),
  );
  const { steps: told } = JSON.parse((await preview(conf, ["--json"])).stdout);
  expect(told[0].effects[0]).toMatchObject({
    instances: ["a1", "a2"],
    after: null,
    changes: [
      {
        path: `${fleet.home("a1")}/etc/c`,
        written: "${home}/etc/c",
        effect: "change",
        before: { size: 14, entries: 1, mode: "0644" },
        after: { size: 14, entries: 1, mode: "0600" },
        diff: { added: 1, removed: 1, more: 0 },
      },
    ],
  });
});

test.skipIf(!isLong)(
  `what is there already, what is new, what is binary and what goes is told, and no line too many${longOnly}`,
  async () => {
    await mkdir(file("set"), { recursive: true });
    await writeFile(file("set/same"), "same\n", { mode: 0o644 });
    await writeFile(file("set/new"), "new\n", { mode: 0o644 });
    await writeFile(file("set/jar"), Buffer.from([80, 75, 0, 1, 2]));
    await writeFile(file("set/long"), Array.from({ length: 600 }, (_, at) => `a${at}\n`).join(""));
    await each(async (home) => {
      await mkdir(join(home, "set"), { recursive: true });
      await writeFile(join(home, "set/same"), "same\n", { mode: 0o644 });
      await writeFile(join(home, "set/jar"), Buffer.alloc(2000));
      await writeFile(
        join(home, "set/long"),
        Array.from({ length: 600 }, (_, at) => `b${at}\n`).join(""),
      );
    });
    const steps = [
      '  - { name: set, copy: { from: set, to: "${home}/set" } }',
      '  - { name: gone, remove: { paths: ["${home}/tmp/work", "${home}/none"] } }',
    ].join("\n");
    const { exit, stdout } = await preview(steps);
    expect(exit).toBe(0);
    expect(stdout).toContain("now on all 3 instances:");
    expect(stdout).toContain("= ${home}/set/same: already there, unchanged");
    expect(stdout).toContain("+ ${home}/set/new: would be created (text, 1 line, 4 B, mode 0644)");
    expect(stdout).toContain("~ ${home}/set/jar: binary, 2.0 kB → 5 B");
    expect(stdout).toContain("~ ${home}/set/long: +600 −600 lines");
    expect(stdout).toContain("… 1,171 more lines");
    expect(stdout).toContain(
      "- ${home}/tmp/work: would be deleted: a folder with 2 entries and 4 B",
    );
    expect(stdout).toContain(String.raw`empty, odd name\x0a$(touch pwned) ü`);
    expect(stdout).toContain("= ${home}/none: not there: nothing to remove");
  },
);

test.skipIf(!isLong)(
  `a step finds what those before it leave; after one that nobody knows, nothing is certain${longOnly}`,
  async () => {
    await writeFile(file("first"), "a\nb\n");
    await writeFile(file("d.diff"), "--- a/n\n+++ b/n\n@@ -1,2 +1,2 @@\n a\n-b\n+B\n");
    const known = [
      '  - { name: first, copy: { from: first, to: "${home}/n" } }',
      '  - { name: then, patch: { diff: d.diff, in: "${home}" } }',
    ].join("\n");
    const sure = await preview(known);
    expect(sure.exit).toBe(0);
    expect(sure.stdout).toContain("~ ${home}/n: +1 −1 lines");
    const unknown = [
      '  - { name: build, run: "make n" }',
      '  - { name: then, patch: { diff: d.diff, in: "${home}" } }',
    ].join("\n");
    const open = await preview(unknown);
    expect(open.exit).toBe(0);
    expect(open.stdout).toContain('as it is before "build", which may change it');
    expect(open.stdout).toContain(
      "? ${home}/n: as it is now, the step would fail: the patch does not fit: it is not there",
    );
  },
);

test("what would surely fail is told, exits with 3, and is written to no file", async () => {
  await each((home, name) => writeFile(join(home, "etc/p"), name === "a2" ? "other\n" : "a\nb\n"));
  await writeFile(file("p.diff"), "--- a/p\n+++ b/p\n@@ -1,2 +1,2 @@\n a\n-b\n+B\n");
  const steps = '  - { name: fix, patch: { diff: p.diff, in: "${home}/etc" } }';
  const { exit, stdout, stderr } = await preview(steps, ["--out", "p.json"]);
  expect(exit).toBe(3);
  const says = `${fleet.home("a2")}/etc/p: the patch does not fit: it is not what the patch was made for`;
  expect(stdout).toContain(`now on a2:\n      ! ${says}\n    now on a1, a3:`);
  expect(stdout).toContain(
    `A rollout would fail, as the hosts are now\n  ! step "fix" on a2: ${says}`,
  );
  expect(stderr).toContain('no preview was written to p.json: step "fix" would fail on a2');
  await expect(stat(file("p.json"))).rejects.toThrow("ENOENT");
  if (!isLong) return;
  const { exit: alone, stdout: json } = await preview(steps, ["--json"]);
  expect(alone).toBe(3);
  expect(JSON.parse(json).wouldFail).toMatchObject([{ step: "fix", instance: "a2" }]);
});

test.skipIf(!isLong)(
  `links are followed nowhere: a file behind one is not shown, and the step would refuse it${longOnly}`,
  async () => {
    await each(async (home) => {
      await mkdir(join(home, "real"), { recursive: true });
      await writeFile(join(home, "real/f"), "hidden words\n");
      await symlink("real", join(home, "led")).catch(() => null);
      await symlink("/etc/passwd", join(home, "pw")).catch(() => null);
    });
    await writeFile(file("f"), "mine\n");
    const steps = [
      '  - { name: through, copy: { from: f, to: "${home}/led/f" } }',
      '  - { name: over, copy: { from: f, to: "${home}/pw" } }',
      '  - { name: link, remove: { paths: ["${home}/pw"] } }',
    ].join("\n");
    const { exit, stdout } = await preview(steps);
    expect(exit).toBe(3);
    expect(stdout).toContain(`/led/f: passes through a symbolic link, ${fleet.home("a1")}/led`);
    expect(stdout).toContain(
      "/pw: is a symbolic link; a file is not written through it or over it",
    );
    expect(stdout).toContain(
      "/pw: would be deleted: a link; what it points to, /etc/passwd, stays",
    );
    expect(stdout).not.toContain("hidden words");
    expect(stdout).not.toContain("root:x:");
  },
);

test("what a host's file says reaches no terminal raw, and a secret in it is struck out", async () => {
  const hostile = "clean\n\u001b]0;owned\u0007\npassword = correct horse battery\n\u202Eevil\n";
  await each((home) => writeFile(join(home, "etc/h"), hostile));
  await writeFile(file("h"), "clean\n");
  const body = [
    "secrets: { pw: { env: THE_PW } }",
    "steps:",
    '  - { name: h, copy: { from: h, to: "${home}/etc/h" } }',
  ].join("\n");
  await fleet.writePlan(planText(body));
  const env = { THE_PW: "correct horse battery" };
  for (const words of [...(isLong ? [["--json"], []] : []), ["--out", "h.json"]]) {
    const ran = await fleet.run(["preview", "plan.yaml", "--hosts", ...words], env);
    expect(ran.exit).toBe(0);
    expect(ran.stdout).toContain("-password = [secret pw]");
    expect(ran.stdout).toContain(
      String.raw`\x1b]0;owned`.replaceAll("\\", words[0] === "--json" ? "\\\\" : "\\"),
    );
    for (const bad of ["\u001b", "\u0007", "\u202e", "battery"])
      expect(ran.stdout).not.toContain(bad);
  }
  const kept = await readFile(file("h.json"), "utf8");
  expect(kept).toContain("[secret pw]");
  expect(kept).not.toContain("battery");
  expect((await stat(file("h.json"))).mode & 0o777).toBe(0o600);
  if (!isLong) return;
  const blind = await fleet.run(["preview", "plan.yaml", "--hosts"]);
  expect(blind.exit).toBe(0);
  expect(blind.stdout).toContain(
    "+0 −3 lines; not shown: the plan's secrets can't be had, to strike them out",
  );
  expect(blind.stdout).not.toContain("clean");
});

test.skipIf(!isLong)(
  `--detailed-exitcode tells by the exit code whether anything would change${longOnly}`,
  async () => {
    await writeFile(file("k"), "k\n", { mode: 0o644 });
    await each((home) => writeFile(join(home, "etc/k"), "k\n", { mode: 0o644 }));
    const copy = '  - { name: k, copy: { from: k, to: "${home}/etc/k" } }';
    const detailed = ["--detailed-exitcode"];
    expect((await preview(copy, detailed)).exit).toBe(0);
    await chmod(join(fleet.home("a3"), "etc/k"), 0o600);
    expect((await preview(copy, detailed)).exit).toBe(2);
    // Nobody looked.
    expect((await fleet.run(["preview", "plan.yaml", ...detailed])).exit).toBe(2);
  },
);
