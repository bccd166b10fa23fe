import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isLong } from "../support/long-suite.ts";
import { execFileSync } from "../support/bounded-process.ts";
import { planText, smallFleet, withoutFolderTimes } from "../support/small-fleet.ts";
import { meant } from "../support/meant.ts";

/**
 * Every way in which a step, a verdict, a probe or a rollback can go wrong, through the real program
 * on real files. The first instance must be as before, byte for byte, and the second untouched.
 */
interface Row {
  readonly body: string;
  readonly exit: number;
  /** In the event `instance.bad`, or in `paused`. */
  readonly code: string;
  readonly says: RegExp;
  readonly rollout?: string;
  /** Waits for the long suite: verdicts of that kind have tests of their own. */
  readonly later?: true;
  /** The instance is left as it is, and named. */
  readonly left?: true;
}

const protectTmp = 'protect: [{ path: "${home}/tmp", policy: keep }]';
const protectEtc = 'protect: [{ path: "${home}/etc", policy: keep-content }]';
const probeConf = 'probes: [{ name: conf, surface: ui, file: { path: "${home}/etc/conf" } }]';

const rows: readonly (readonly [string, Row])[] = [
  [
    "a step that exits non-zero",
    {
      later: true,
      body: `steps: [{ name: fix, run: 'echo new > "\${home}/etc/conf"; echo why it failed >&2; exit 3', writes: ["\${home}/etc/conf"] }]`,
      exit: 4,
      code: "STEP_EXIT",
      says: /step "fix" on a1 ended with exit code 3/,
    },
  ],
  [
    "a step that does not end in time",
    {
      body: `steps: [{ name: fix, run: 'echo new > "\${home}/etc/conf"; sleep 300', timeout: 1s, writes: ["\${home}/etc/conf"] }]`,
      exit: 4,
      code: "STEP_TIMEOUT",
      says: /did not end within 1 s/,
    },
  ],
  [
    "a protected file that is deleted, with exit code 0",
    {
      later: true,
      body: `${protectTmp}\nsteps: [{ name: fix, run: 'rm "\${home}/tmp/a"', ${meant("deletes")} }]`,
      exit: 4,
      code: "CONTRACT_BROKEN",
      says: /1 file deleted .*tmp.*policy keep allows none/,
    },
  ],
  [
    "a whole protected folder that is deleted, odd names and empty folders in it",
    {
      later: true,
      body: `${protectTmp}\nsteps: [{ name: fix, run: 'rm -rf "\${home}/tmp/work"', ${meant("deletes")} }]`,
      exit: 4,
      code: "CONTRACT_BROKEN",
      says: /policy keep allows none/,
    },
  ],
  [
    "a protected file whose content changes",
    {
      later: true,
      body: `${protectEtc}\nsteps: [{ name: fix, run: 'echo new > "\${home}/etc/conf"' }]`,
      exit: 4,
      code: "CONTRACT_BROKEN",
      says: /policy keep-content allows none/,
    },
  ],
  [
    "a protected file whose mode changes",
    {
      later: true,
      body: `${protectEtc}\nsteps: [{ name: fix, run: 'chmod 0666 "\${home}/etc/conf"', ${meant("changes-mode")} }]`,
      exit: 4,
      code: "CONTRACT_BROKEN",
      says: /policy keep-content allows none/,
    },
  ],
  [
    "a protected file that is replaced by a link",
    {
      later: true,
      body: `${protectTmp}\nsteps: [{ name: fix, run: 'ln -sf /etc/passwd "\${home}/tmp/a"' }]`,
      exit: 4,
      code: "CONTRACT_BROKEN",
      says: /policy keep allows none/,
    },
  ],
  [
    "more deletions than the step declared",
    {
      later: true,
      body: `${protectTmp}\nsteps: [{ name: fix, run: 'rm "\${home}/tmp/a" "\${home}/tmp/b"', allow: [{ delete: "\${home}/tmp/*", max: 1 }], ${meant("deletes")} }]`,
      exit: 4,
      code: "BUDGET_EXCEEDED",
      says: /2 files deleted .*1 allowed/,
    },
  ],
  [
    "a tree that does not regenerate, restored by the declared recovery",
    {
      body: `protect: [{ path: "\${home}/tmp", policy: { regenerates: { within: 1s, recover: [restore] } } }]\nsteps: [{ name: fix, run: 'rm "\${home}/tmp/a"' }]`,
      exit: 4,
      code: "REGENERATION_LATE",
      says: /did not come back within 1s.*recovered by restore of 1, and verified/,
    },
  ],
  [
    "a probe that fails after the step",
    {
      later: true,
      body: `${probeConf}\nsteps: [{ name: fix, touches: [ui], run: 'rm "\${home}/etc/conf"', writes: ["\${home}/etc/conf"] }]`,
      exit: 4,
      code: "PROBE_FAILED",
      says: /users are not served after step "fix" on a1/,
    },
  ],
  [
    "a probe that flaps while baking",
    {
      later: true,
      body: `probes: [{ name: flap, surface: ui, interval: 100ms, run: 'test ! -e "\${home}/flapping" || test $(( $(date +%s%N) / 150000000 % 2 )) = 0' }]\nsteps: [{ name: fix, probes: false, run: 'touch "\${home}/flapping"', writes: ["\${home}/flapping"] }]`,
      exit: 4,
      code: "PROBE_FAILED",
      says: /did not stay healthy after its steps/,
      rollout: "bake: { settle: 0s, stable: 1s, retry: 2s }",
    },
  ],
  [
    "a probe that can't tell",
    {
      body: `probes: [{ name: blind, surface: ui, run: 'test ! -e "\${home}/blind" || exit 127' }]\nsteps: [{ name: fix, run: 'touch "\${home}/blind"', writes: ["\${home}/blind"] }]`,
      exit: 6,
      code: "inconclusive",
      says: /a1/,
      left: true,
    },
  ],
  [
    "an undo that fails: files are back, and a person is needed",
    {
      body: `${protectTmp}\nsteps: [{ name: fix, run: 'rm "\${home}/tmp/a"', ${meant("deletes")}, undo: "echo can not >&2; exit 1" }]`,
      exit: 5,
      code: "CONTRACT_BROKEN",
      says: /policy keep allows none/,
    },
  ],
  [
    "an instance that is not healthy before anything is touched",
    {
      body: `probes: [{ name: never, surface: ui, run: "false" }]\nsteps: [{ name: fix, run: 'rm "\${home}/tmp/a"' }]`,
      exit: 3,
      code: "UNHEALTHY_BEFORE",
      says: /was not healthy before anything was touched/,
    },
  ],
];

describe("harm is caught, undone and stopped", () => {
  test.for(rows)("%s", async ([, row], { skip }) => {
    skip(row.later === true && !isLong, "runs in npm run test:long");
    await using fleet = await smallFleet();
    const before = await Promise.all(fleet.names.map((name) => fleet.listing(fleet.home(name))));
    // With paths closed to the step there would be no harm to find: see test/host/closed-paths.
    const open = `guard: { prevent: false }\n${row.rollout ?? ""}`;
    const plan = await fleet.writePlan(planText(row.body, open));
    const ran = await fleet.run(["apply", plan, "--json"]);
    const told = ran.events.filter((it) => it.type === "instance.bad" || it.type === "paused");
    expect({ exit: ran.exit, stderr: ran.stderr.slice(-2_000) }).toMatchObject({ exit: row.exit });
    expect(JSON.stringify(told)).toContain(row.code);
    expect(JSON.stringify(told).replaceAll('\\"', '"')).toMatch(row.says);
    const [first, second] = fleet.names.map((name) => fleet.listing(fleet.home(name)));
    expect(await second).toBe(before[1]);
    // What the policy protects comes back with its times; a folder around own writes does not.
    const seen = row.body.includes("writes:") ? withoutFolderTimes : (text: string) => text;
    const isAsBefore = seen((await first) ?? "") === seen(before[0] ?? "");
    expect(isAsBefore).toBe(row.left === undefined);
    const summary = ran.events.at(-1);
    expect(summary).toMatchObject({ type: "summary", exit: row.exit });
    // Whatever happened, the instance is named.
    expect(JSON.stringify(summary)).toContain("a1");
  });

  test("a check that fails on any instance refuses the rollout before anything is touched", async () => {
    await using fleet = await smallFleet();
    const before = await fleet.listing(fleet.folder);
    const plan = await fleet.writePlan(
      planText(
        `checks: [{ name: prepared, run: 'test "\${name}" = a1', why: "the prepare step must have run" }]\nsteps: [{ name: fix, run: 'rm "\${home}/tmp/a"' }]`,
      ),
    );
    const ran = await fleet.run(["apply", plan, "--json"]);
    expect(ran.exit).toBe(3);
    expect(ran.stdout).toContain("the prepare step must have run");
    expect(await fleet.listing(fleet.home("a1"))).toContain("tmp/a f");
    expect(before).toContain("tmp/a f");
  });

  const isRoot = process.getuid?.() === 0;
  test.skipIf(!isRoot)(
    `a disk that is full before the snapshot${isRoot ? "" : " (skipped, because mounting a small disk needs root)"}`,
    async () => {
      await using fleet = await smallFleet();
      await mkdir(fleet.spool);
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k,mode=0700", "tmpfs", fleet.spool]);
      try {
        execFileSync(
          "dd",
          [
            "if=/dev/urandom",
            `of=${join(fleet.home("a1"), "tmp", "big")}`,
            "bs=1024",
            "count=2048",
          ],
          { stdio: "ignore" },
        );
        const before = await fleet.listing(fleet.home("a1"));
        const plan = await fleet.writePlan(
          planText(
            `${protectTmp}\nsteps: [{ name: fix, run: 'rm "\${home}/tmp/a"', ${meant("deletes")} }]`,
          ),
        );
        const ran = await fleet.run(["apply", plan, "--json"]);
        expect({ exit: ran.exit, out: ran.stdout.slice(-1_500) }).toMatchObject({ exit: 3 });
        expect(ran.stdout).toContain("SNAPSHOT_NO_SPACE");
        expect(await fleet.listing(fleet.home("a1"))).toBe(before);
      } finally {
        execFileSync("umount", [fleet.spool]);
      }
    },
  );
});
