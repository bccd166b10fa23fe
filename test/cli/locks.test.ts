import { rm } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openGuardDoor } from "../../src/host/guard-door.ts";
import { transports } from "../../src/transports/registry.ts";
import { planText, smallFleet, type SmallFleet } from "../support/small-fleet.ts";
import { clock } from "../host/support/shell-hosts.ts";
import { isLong, longOnly } from "../support/long-suite.ts";
import { localHost } from "../support/local-host.ts";

/** A rollout whose state folder is lost: nothing but its lock on the host is left. */
const lost = "lost-20261123-0300-aaaa";
const body = 'protect: [{ path: "${home}/tmp", policy: keep }]\nsteps: [{ name: s, run: "true" }]';

let fleet: SmallFleet;
beforeAll(async () => {
  fleet = await smallFleet({ names: ["a1"] });
  await fleet.writePlan(planText(body).replace("retention: 0s", "retention: 1h"));
});
afterAll(async () => {
  await fleet[Symbol.asyncDispose]();
});

async function claim(): Promise<void> {
  const door = openGuardDoor({
    transports: new Map(transports().map((it) => [it.name, it])),
    clock,
  });
  const host = localHost("a1", fleet.spool);
  const opened = await door.open(host, { rollout: lost, epoch: 1 });
  if (opened.kind !== "result") throw new Error(opened.failure.message);
  await using guard = opened.value;
  const claimed = await guard.claim({ holder: "deploy@gone, pid 1", epoch: 1, leaseMs: 10 });
  expect(claimed).toMatchObject({ value: { kind: "granted" } });
}

/** The words of a command that was printed, as a shell would split them. */
function typed(line: string): readonly string[] {
  const [, words] = /((?:locks|apply|status) .*)$/.exec(line) ?? [];
  if (words === undefined) throw new Error(`no command in: ${line}`);
  return words.split(" ");
}

test("with a plan, locks looks at the hosts, and shows a lock that no journal knows of", async () => {
  const free = await fleet.run(["locks", "plan.yaml"]);
  expect([free.exit, free.stderr, free.stdout]).toEqual([0, "", "host a1: not locked\n"]);
  await claim();
  const { exit, stdout } = await fleet.run(["locks", "plan.yaml"]);
  expect(exit).toBe(0);
  expect(stdout).toMatch(
    /^host a1: held by lost-20261123-0300-aaaa \(deploy@gone, pid 1\) since 2\S+ \S+Z\n {2}lease: not heard since 2\S+ \S+Z, .+ ago: its lease of 10ms is over\n {2}kept on purpose: nobody here knows what became of its steps\n/,
  );
  const bare = await fleet.run(["locks", "--inventory", "inventory.yaml"]);
  expect(bare.stdout).toContain(
    `locks release --inventory inventory.yaml --host a1 --rollout ${lost} --why TEXT`,
  );
});

test("a host that another rollout holds is refused before anything is touched, with what to type", async () => {
  const before = await fleet.listing(fleet.folder);
  const refused = await fleet.run(["apply", "plan.yaml"]);
  expect(refused.exit).toBe(3);
  const said = refused.stdout + refused.stderr;
  expect(said).toContain(`a1 is held by rollout "${lost}" (deploy@gone, pid 1) since 2`);
  expect(said).toContain(`locks release PLAN --host a1 --rollout ${lost} --why TEXT`);
  await rm(fleet.state, { recursive: true });
  expect(await fleet.listing(fleet.folder)).toBe(before);
});

test.skipIf(!isLong)(
  `a lock is given up only for the very id that holds it, and never without a reason${longOnly}`,
  async () => {
    const give = (...more: string[]) =>
      fleet.run(["locks", "release", "plan.yaml", "--host", "a1", ...more]);
    const unnamed = await give("--why", "lost");
    expect([unnamed.exit, unnamed.stdout]).toEqual([3, ""]);
    expect(unnamed.stderr).toContain(
      `a1 is held by rollout "${lost}" (deploy@gone, pid 1) since 2`,
    );
    const ending = await give("--rollout", "aaaa", "--why", "lost");
    expect(ending.stderr).toContain(
      'a1 is not held by "aaaa", and nothing was done: a1 is held by',
    );
    expect(ending.stderr).toContain(`name it exactly: `);
    expect(ending.exit).toBe(3);
    const silent = await give("--rollout", lost);
    expect(silent.exit).toBe(3);
    expect(silent.stderr).toMatch(
      /nothing was done: this would give up the lock of a1, held by \S+ \(.*\) since .*: its lease of 10ms is over; its snapshots and receipts stay there until 2\S+Z; no file of the application is touched/,
    );
    const unknown = await fleet.run([
      "locks",
      "release",
      "plan.yaml",
      "--host",
      "a2",
      "--why",
      "x",
    ]);
    expect(unknown.stderr).toContain('no host is named "a2"');
    expect((await fleet.run(["locks", "plan.yaml"])).stdout).toContain(`held by ${lost}`);
  },
);

test.skipIf(!isLong)(
  `the command that locks prints gives the lock up, and the next apply goes on${longOnly}`,
  async () => {
    const { stdout } = await fleet.run(["locks", "plan.yaml"]);
    const words = typed(stdout.trimEnd().split("\n").at(-1)!);
    const given = await fleet.run([...words.slice(0, -1), "its state folder is lost"]);
    expect([given.exit, given.stderr]).toEqual([0, ""]);
    expect(given.stdout).toMatch(/^Gave up the lock of a1, held by lost-20261123-0300-aaaa /);
    expect((await fleet.run(["locks", "plan.yaml"])).stdout).toBe("host a1: not locked\n");
    expect((await fleet.run(["apply", "plan.yaml"])).exit).toBe(0);
    const again = await fleet.run([...words.slice(0, -1), "again"]);
    expect([again.exit, again.stderr]).toEqual([3, expect.stringContaining("nobody holds a1")]);
  },
);

test.skipIf(!isLong)(
  `the lock of an instance that was left as it is is given up with a reason, by the command that locks prints${longOnly}`,
  async () => {
    const left = 'steps: [{ name: s, run: "exit 3", onFail: halt }]';
    await fleet.writePlan(planText(left).replace("name: fix", "name: left"));
    expect((await fleet.run(["apply", "plan.yaml"])).exit).toBe(5);
    const { stdout } = await fleet.run(["locks"]);
    const [, id] =
      /^instance a1: held by (left-\S+) since 2\S+ \S+Z; kept because a1 was left as it is after its step 1: /m.exec(
        stdout,
      ) ?? [];
    expect(stdout).toContain(`  to clear it: `);
    const line = stdout.split("\n").find((it) => it.includes("to give it up as it stands")) ?? "";
    const words = typed(line);
    expect(words).toEqual(["locks", "release", "a1", "--rollout", id, "--why", "TEXT"]);
    const held = await fleet.run(["locks", "plan.yaml"]);
    expect(held.stdout).toContain(`host a1: held by ${id} (`);
    expect(held.stdout).toMatch(
      /^ {2}message: kept because a1 was left as it is after its step 1: /m,
    );
    expect(held.stdout).not.toContain("nobody here knows");

    const silent = await fleet.run(words.slice(0, -2));
    expect([silent.exit, silent.stdout]).toEqual([3, ""]);
    expect(silent.stderr).toContain("nothing was done: this would give back the lock of a1");
    const ending = await fleet.run([
      "locks",
      "release",
      "a1",
      "--rollout",
      id!.slice(-4),
      "--why",
      "x",
    ]);
    expect([ending.exit, ending.stderr]).toEqual([3, expect.stringContaining(id!)]);
    const wrong = await fleet.run(["locks", "release", "a2", "--rollout", id!, "--why", "x"]);
    expect(wrong.stderr).toContain('has no instance "a2"');
    const known = ["locks", "release", "plan.yaml", "--host", "a1", "--rollout", id!, "--why", "x"];
    expect((await fleet.run(known)).stderr).toContain("is in the journal here");
    expect((await fleet.run(["locks", "plan.yaml"])).stdout).toContain(`held by ${id}`);

    const given = await fleet.run([...words.slice(0, -1), "mended by hand"]);
    expect([given.exit, given.stderr]).toEqual([5, ""]);
    expect((await fleet.run(["locks", "plan.yaml"])).stdout).toBe("host a1: not locked\n");
    expect((await fleet.run(["locks"])).stdout).toBe("Nothing is locked.\n");
    expect((await fleet.run(["journal", id!])).stdout).toContain("mended by hand");
    const again = await fleet.run([...words.slice(0, -1), "again"]);
    expect([again.exit, again.stderr]).toEqual([3, expect.stringContaining("keeps no lock of a1")]);
  },
);

test.each([
  [["locks", "plan.yaml", "--why", "x"], "--why belongs to locks release"],
  [["locks", "release"], "whose lock is to be given up?"],
  [["locks", "release", "a1"], "which rollout keeps the lock of a1? its whole id is needed"],
  [["locks", "release", "--host", "a1"], "it takes a plan or --inventory FILE"],
  [["locks", "release", "plan.yaml", "--host", "a1", "--rollout", "../x"], '"../x" is no id'],
] as const)("a command line without sense is refused: %j", async (args, message) => {
  const { exit, stdout, stderr } = await fleet.run(args);
  expect([exit, stdout]).toEqual([3, ""]);
  expect(stderr).toContain(message);
  expect(stderr).toMatch(/\n {2}next: .+\n$/);
});
