import { access, appendFile, copyFile, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { isRoot, processesWith, rootOnly, until } from "../host/support/shell-hosts.ts";
import { isLong, longOnly } from "../support/long-suite.ts";
import { meant } from "../support/meant.ts";
import { planText, smallFleet, type SmallFleet } from "../support/small-fleet.ts";

const incident = fileURLToPath(
  new URL("../../fixtures/demo/plans/flawed-fix/files/clear-stale-sessions.sh", import.meta.url),
);

const protect = `protect: [{ path: "\${home}/tmp", policy: keep }, { path: "\${home}/etc", policy: keep-content }]`;

/** What must be the same before and after: trees to the nanosecond, mounts, and what else a rehearsal could leave. */
async function portrait(fleet: SmallFleet): Promise<readonly string[]> {
  const trees = await Promise.all(fleet.names.map((name) => fleet.listing(fleet.home(name))));
  const left = await Promise.all(
    [fleet.spool, join(fleet.state, "journal.db"), join(fleet.state, "locks")].map((path) =>
      access(path).then(
        () => path,
        () => "nothing",
      ),
    ),
  );
  return [...trees, ...left];
}

test.runIf(isRoot)(
  `the incident's own fix, accepted by its plan, is stopped by its rehearsal before anything is touched${rootOnly}`,
  async () => {
    await using fleet = await smallFleet();
    await copyFile(incident, join(fleet.folder, "clear-stale-sessions.sh"));
    const before = await portrait(fleet);
    const plan = await fleet.writePlan(
      planText(`${protect}
steps:
  - name: note
    run: echo noted >"\${home}/etc-note"
  - name: clear stale sessions
    script: { file: clear-stale-sessions.sh }
    ${meant("deletes")}
  - name: later
    run: echo later
`),
    );
    const ran = await fleet.run(["rehearse", plan]);
    expect([ran.exit, ran.stderr]).toEqual([7, ""]);
    expect(ran.stdout).toContain("Rehearsal of fix on a1, the first of each region");
    expect(ran.stdout).toContain("not rehearsed: a2");
    expect(ran.stdout).toMatch(
      /2\. clear stale sessions\n +! 3 paths \(2 folders, 1 file\) deleted below .*\/a1\/tmp, policy keep allows none \(CONTRACT_BROKEN\)/,
    );
    // The file's name has a newline, which must not break the line.
    expect(ran.stdout).toContain(
      String.raw`/a1/tmp/work/odd name\x0a$(touch pwned) ü: deleted 4 B`,
    );
    expect(ran.stdout).toMatch(/3\. later: not reached: the rollout would have stopped at step 2/);
    expect(ran.stdout).toContain("A copy has no network");
    expect(await portrait(fleet)).toEqual(before);

    // Previews of this very plan know of it now, and of no other plan.
    const out = join(fleet.folder, "seen.preview");
    const seen = await fleet.run(["preview", plan, "--out", out]);
    expect(seen.exit).toBe(7);
    expect(seen.stderr).toContain("a rehearsal of it broke a policy on a1");
    expect(seen.stdout).toMatch(
      /known by +rehearsed: .*\n(.*\n)+ +rehearsed on a1, 20\d\d-.*Z: deletes 3 \(4 B\) in .*\/a1\/tmp \(keep\)\n +! would break a policy: 3 paths \(2 folders, 1 file\) deleted below/,
    );
    expect(seen.stdout).toMatch(/not reached by the rehearsal on a1, .*: the rollout would have/);
    expect(seen.stdout).toMatch(/as rehearsed\n +! step "clear stale sessions" on a1: 3 paths/);
    expect(await readdir(fleet.state)).toEqual(["rehearsals"]);
    await appendFile(join(fleet.folder, "clear-stale-sessions.sh"), "\n# another digest\n");
    const other = await fleet.run(["preview", plan]);
    expect([other.exit, other.stdout.includes("rehears")]).toEqual([0, false]);
  },
);

test.runIf(isRoot && isLong)(
  `a controller that is killed in the middle leaves nothing, and every tree as it was${rootOnly || longOnly}`,
  async () => {
    await using fleet = await smallFleet({ names: ["a1"] });
    const marker = `sleep 88.${process.pid}`;
    const plan = await fleet.writePlan(
      planText(`${protect}
steps:
  - name: long
    run: rm -rf "\${home}/tmp/work"; ${marker}
    ${meant("deletes")}
`),
    );
    const before = await portrait(fleet);
    const started = fleet.start(["rehearse", plan]);
    await until("the step", () => processesWith(marker).some((line) => !line.includes("sh ")));
    started.kill("SIGKILL");
    await started.ended;
    await until("all of it is gone", () => processesWith(marker).length === 0);
    expect(await portrait(fleet)).toEqual(before);
  },
);

/** A plan of every kind of step. */
const everyKind = planText(`${protect}
secrets: { token: { env: TOKEN } }
steps:
  - name: new conf
    copy: { from: confs, to: "\${home}/lib/deep", mode: "0640" }
    allow: [{ create: "\${home}/**" }]
  - name: patched
    patch: { diff: fix.diff, in: "\${home}" }
  - name: drained
    http: { url: "http://127.0.0.1:1/drain" }
  - name: removed
    remove: { paths: ["\${home}/lib/old"] }
  - name: restarted
    service: { systemd: app, do: restart }
  - name: script
    script: { file: script.sh, args: ["it's", "$HOME"] }
  - name: here
    run: touch "\${home}/here"
    on: controller
`);

test.runIf(isRoot && isLong)(
  `every kind of step is rehearsed with the program that the host would run, or says why not${rootOnly || longOnly}`,
  async () => {
    await using fleet = await smallFleet({ names: ["a1"] });
    const home = fleet.home("a1");
    await mkdir(join(home, "lib/old"), { recursive: true });
    await writeFile(join(home, "lib/old/f"), "old\n");
    await mkdir(join(fleet.folder, "confs"));
    await writeFile(join(fleet.folder, "confs/conf"), "x = 1\n");
    await writeFile(join(home, "app"), "one\n");
    await writeFile(
      join(fleet.folder, "fix.diff"),
      "--- a/app\n+++ b/app\n@@ -1 +1 @@\n-one\n+two\n",
    );
    await writeFile(
      join(fleet.folder, "script.sh"),
      'echo "$1 $2 $name $secret_token"; cat "${home}/app"; exit 4\n',
    );
    const plan = await fleet.writePlan(everyKind);
    const before = await portrait(fleet);
    const env = { TOKEN: "correct-horse-battery" };
    const ran = await fleet.run(["rehearse", plan, "--json"], env);
    expect(ran.stdout).not.toContain("correct-horse");
    const told = JSON.parse(ran.stdout);
    expect([ran.exit, told.exit, told.outcome]).toEqual([6, 6, "inconclusive"]);
    const { steps } = told.instances[0].hosts[0];
    const shown = steps.map((step: Record<string, unknown>) => [step["name"], step["is"]]);
    expect(shown).toEqual([
      ["new conf", "rehearsed"],
      ["patched", "rehearsed"],
      ["drained", "not-rehearsable"],
      ["removed", "rehearsed"],
      ["restarted", "not-rehearsable"],
      ["script", "rehearsed"],
      ["here", "not-rehearsable"],
    ]);
    const paths = (at: number): string[] =>
      steps[at].groups.flatMap((group: { effects: { class: string; path: string }[] }) =>
        group.effects.map((effect) => `${effect.class} ${effect.path.replace(`${home}/`, "")}`),
      );
    expect([paths(0), paths(1), paths(3)]).toEqual([
      ["created lib/deep/conf", "created lib/deep"],
      ["content app"],
      ["deleted lib/old", "deleted lib/old/f"],
    ]);
    expect(steps[5].output).toBe("it's $HOME a1 [secret token]\ntwo");
    expect(steps[5].inconclusive).toContain("exit code 4");
    expect(await portrait(fleet)).toEqual(before);
  },
);

test.runIf(isRoot && isLong)(
  `what is within policy ends with 0, and with 2 where that is asked for${rootOnly || longOnly}`,
  async () => {
    await using fleet = await smallFleet();
    const plan = await fleet.writePlan(
      planText(`${protect}\nsteps:\n  - { name: fresh, run: 'echo x >"\${home}/tmp/new"' }\n`),
    );
    const before = await portrait(fleet);
    const all = ["--instance", "a2", "--instance", "a1"];
    expect((await fleet.run(["rehearse", plan])).exit).toBe(0);
    const both = await fleet.run(["rehearse", plan, "--detailed-exitcode", "--trace", ...all]);
    expect(both.exit).toBe(2);
    expect(both.stdout).toContain("Rehearsal of fix on a1, a2\n");
    expect(both.stdout).toContain("/a2/tmp/new: created 2 B");
    const nothing = await fleet.writePlan(
      planText(`${protect}\nsteps:\n  - { name: none, run: "true" }\n`),
    );
    const none = await fleet.run(["rehearse", nothing, "--detailed-exitcode"]);
    expect([none.exit, none.stdout]).toEqual([
      0,
      expect.stringContaining("no effects were seen on files"),
    ]);
    expect(await portrait(fleet)).toEqual(before);
  },
);

test.runIf(isLong)(
  `an instance that is no target is refused, with the name that may be meant${longOnly}`,
  async () => {
    await using fleet = await smallFleet();
    const plan = await fleet.writePlan(planText('steps:\n  - { name: none, run: "true" }\n'));
    const ran = await fleet.run(["rehearse", plan, "--instance", "a11"]);
    expect(ran.exit).toBe(3);
    expect(ran.stderr).toContain('--instance "a11" is no target of this plan');
    expect(ran.stderr).toContain('did you mean "a1"?');
  },
);

test.runIf(isLong)(
  `a plan whose steps all run elsewhere is told as not rehearsable, and no host is asked${longOnly}`,
  async () => {
    await using fleet = await smallFleet({ names: ["a1"], defaults: "via: openssh" });
    const plan = await fleet.writePlan(
      planText('steps:\n  - { name: drained, http: { url: "http://127.0.0.1:1/" } }\n'),
    );
    const ran = await fleet.run(["rehearse", plan]);
    expect(ran.exit).toBe(3);
    expect(ran.stdout).toContain(
      "1. drained: not rehearsable, because it is a request that the controller sends, not this host",
    );
  },
);
