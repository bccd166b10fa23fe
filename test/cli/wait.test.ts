import { existsSync } from "node:fs";
import { appendFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isLong, longOnly } from "../support/long-suite.ts";
import type { EventLine } from "../support/demo-fleet-handrail.ts";
import { planText, smallFleet, type SmallFleet, type Started } from "../support/small-fleet.ts";

let fleet: SmallFleet;
const go = (): string => join(fleet.folder, "go");
const log = (): string => join(fleet.folder, "log");

/** Says that it began, and ends once it may. */
const step = `
steps:
  - name: slow
    writes: ["\${home}/etc"]
    timeout: 60s
    run: |
      echo begin >>"$log"
      until [ -e "$go" ]; do sleep 0.05; done
      echo end >>"$log"
`;

beforeEach(async () => {
  fleet = await smallFleet({ names: ["a1"] });
  const vars = `vars: { log: "${log()}", go: "${go()}" }`;
  await fleet.writePlan(planText(`${vars}${step}`));
});
afterEach(async () => {
  // Whatever still runs comes to its end by itself.
  await writeFile(go(), "");
  await fleet[Symbol.asyncDispose]();
});

const isWaiting = ({ type }: EventLine): boolean => type === "lock.waiting";

/** A rollout that has begun its step, and stays in it until `go` is there. */
async function atWork(): Promise<{ readonly run: Started; readonly id: string }> {
  const run = apply([]);
  const { rollout } = await run.event(({ type }) => type === "step.started");
  return { run, id: String(rollout) };
}

function apply(more: readonly string[]): Started {
  return fleet.start(["apply", "plan.yaml", "--json", ...more]);
}

async function rolloutsKnown(): Promise<readonly string[]> {
  const { stdout } = await fleet.run(["status"]);
  return [...new Set(stdout.match(/fix-\d+-\d+-[0-9a-f]+/g))];
}

function refusalIn(stderr: string): string {
  return stderr.slice(stderr.lastIndexOf("handrail: inventory"));
}

function rolloutOf(events: readonly EventLine[]): string {
  return String(events.find(({ type }) => type === "rollout.started")?.["rollout"]);
}

describe("apply --wait", () => {
  test.skipIf(!isLong)(
    `of two applies that wait for a third, each works alone, one after the other${longOnly}`,
    async () => {
      const first = await atWork();
      const waiting = [apply(["--wait", "60s"]), apply(["--wait", "60s"])];
      for (const it of waiting) {
        const event = await it.event(isWaiting);
        expect(event).toMatchObject({ rollout: null, failure: { code: "LOCKED" } });
        expect(JSON.stringify(event["failure"])).toContain(first.id);
      }
      expect(await readFile(log(), "utf8")).toBe("begin\n");
      await writeFile(go(), "");
      const ends = await Promise.all([first.run.ended, ...waiting.map((it) => it.ended)]);
      expect(ends.map(({ exit }) => exit)).toEqual([0, 0, 0]);
      expect(await readFile(log(), "utf8")).toBe("begin\nend\n".repeat(3));
      expect(new Set(ends.map(({ events }) => rolloutOf(events))).size).toBe(3);
      // Whoever came second says of itself when it could begin, not before the one before it had ended.
      const spans = ends.map(({ events }) => [events[1]!, events.at(-1)!].map((it) => it["at"]));
      expect(spans.every(([begun, ended]) => String(begun) < String(ended))).toBe(true);
    },
  );

  test("whoever waits in vain is refused with the same words, and leaves nothing", async () => {
    const first = await atWork();
    const refusedAtOnce = await apply([]).ended;
    const gaveUp = await apply(["--wait", "600ms"]).ended;
    expect([refusedAtOnce.exit, gaveUp.exit]).toEqual([3, 3]);
    expect(refusalIn(gaveUp.stderr)).toBe(refusalIn(refusedAtOnce.stderr));
    expect(refusalIn(gaveUp.stderr)).toMatch(
      new RegExp(
        `^handrail: inventory "small" is held by rollout "${first.id}" \\(\\S+@\\S+, pid ${first.run.pid}\\) since 2\\S+ \\S+Z; its process is at work here \\(LOCKED\\)\\n {2}next: wait for it: the same command with --wait 30m; or look at it: \\S.* status ${first.id} --watch\\n$`,
      ),
    );
    expect(gaveUp.stderr).toMatch(/^Waiting, at most 1 s more: inventory "small" is held by /);
    expect(gaveUp.stderr).toContain("Nothing is touched meanwhile; Ctrl-C ends the wait.");
    expect(gaveUp.events.map(({ type }) => type)).toEqual(["version", "lock.waiting", "summary"]);
    expect(gaveUp.events.at(-1)).toMatchObject({ outcome: "refused", exit: 3, rollout: null });
    expect(await rolloutsKnown()).toEqual([first.id]);
    await writeFile(go(), "");
    expect((await first.run.ended).exit).toBe(0);
  });

  const signals = [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const;

  test.each(isLong ? signals : signals.slice(0, 1))(
    "%s ends the wait at once with %i, and nothing is touched",
    async (signal, exit) => {
      const first = await atWork();
      const before = await fleet.listing(fleet.home("a1"));
      const waiting = apply(["--wait", "10m"]);
      await waiting.event(isWaiting);
      waiting.kill(signal);
      const ended = await waiting.ended;
      expect(ended.exit).toBe(exit);
      expect(ended.events.map(({ type }) => type)).toEqual(["version", "lock.waiting", "summary"]);
      expect(ended.events.at(-1)).toMatchObject({ outcome: "interrupted", exit, rollout: null });
      expect(ended.stderr).toContain(
        `handrail: the wait was ended (${signal}); nothing was touched, and no lock was taken`,
      );
      expect(ended.stderr).not.toContain("Stopping safely");
      expect(await fleet.listing(fleet.home("a1"))).toBe(before);
      expect(await rolloutsKnown()).toEqual([first.id]);
      await writeFile(go(), "");
      expect((await first.run.ended).exit).toBe(0);
    },
  );

  test.skipIf(!isLong)(
    `a rollout that waits for a person is waited for, and its end lets the other begin${longOnly}`,
    async () => {
      const text = await readFile(join(fleet.folder, "plan.yaml"), "utf8");
      await fleet.writePlan(text.replace("rollout:\n", "rollout:\n  approve: [one]\n"));
      const parked = await apply([]).ended;
      expect(parked.exit).toBe(6);
      await fleet.writePlan(text);
      const id = rolloutOf(parked.events);
      const waiting = apply(["--wait", "60s"]);
      const event = await waiting.event(isWaiting);
      expect(JSON.stringify(event)).toContain("region one waits for approval");
      expect(JSON.stringify(event)).toContain(`handrail approve ${id} one`);
      await fleet.run(["abort", id]);
      await writeFile(go(), "");
      expect((await waiting.ended).exit).toBe(0);
    },
  );

  test.skipIf(!isLong)(
    `a host that another controller's rollout holds is waited for, too${longOnly}`,
    async () => {
      const first = await atWork();
      // Another controller: it knows nothing of the first one's journal.
      const elsewhere = fleet.startIn("other-state", [
        "apply",
        "plan.yaml",
        "--json",
        "--wait",
        "60s",
      ]);
      const event = await elsewhere.event(isWaiting);
      expect(event).toMatchObject({ failure: { code: "HOST_LOCKED", host: "a1" } });
      expect(JSON.stringify(event)).toMatch(
        new RegExp(`held by rollout .+${first.id}.+ since 2.+, renewed .+ ago, lease 1m`),
      );
      await writeFile(go(), "");
      const ends = await Promise.all([first.run.ended, elsewhere.ended]);
      expect(ends.map(({ exit }) => exit)).toEqual([0, 0]);
      // It has waited before it began: no rollout was opened only to be refused.
      expect(ends[1].events.filter(({ type }) => type === "rollout.started")).toHaveLength(1);
      expect(await readFile(log(), "utf8")).toBe("begin\nend\n".repeat(2));
    },
  );
});

test.skipIf(!isLong)(
  `invariant 10: two rollouts that begin at once never work on one instance at a time${longOnly}`,
  async () => {
    await writeFile(go(), "");
    // Long enough that two which work at once are seen to.
    const text = await readFile(join(fleet.folder, "plan.yaml"), "utf8");
    await fleet.writePlan(text.replace("echo end", "sleep 0.5; echo end"));
    const args = ["apply", "plan.yaml", "--json", "--wait", "60s"];
    const ends = await Promise.all(
      ["state", "state", "other-state", "third-state"].map(
        (state) => fleet.startIn(state, args).ended,
      ),
    );
    expect(ends.map(({ exit }) => exit)).toEqual([0, 0, 0, 0]);
    expect(await readFile(log(), "utf8")).toBe("begin\nend\n".repeat(4));
  },
);

test.skipIf(!isLong)(
  `undo --wait leaves no wish until the inventory is free, and then goes back${longOnly}`,
  async () => {
    await writeFile(go(), "");
    const text = await readFile(join(fleet.folder, "plan.yaml"), "utf8");
    await fleet.writePlan(text.replace("retention: 0s", "retention: 1h"));
    const done = await apply([]).ended;
    expect(done.exit).toBe(0);
    const id = rolloutOf(done.events);
    await rm(go());
    const second = await atWork();
    const undo = fleet.start(["undo", id, "--json", "--wait", "60s"]);
    const event = await undo.event(isWaiting);
    expect(JSON.stringify(event)).toContain(second.id);
    expect((await fleet.run(["journal", id])).stdout).not.toContain("undo");
    await appendFile(go(), "");
    expect((await second.run.ended).exit).toBe(0);
    const ended = await undo.ended;
    // What came later is on the same instance by now, and is not destroyed unasked.
    expect(ended.exit).toBe(3);
    expect(ended.stderr).toContain(`rollout "${second.id}" changed a1 after ${id}`);
    expect(ended.events.map(({ type }) => type)).toEqual(["version", "lock.waiting", "summary"]);
    const again = await fleet.run(["undo", second.id, "--json", "--wait", "5s"]);
    expect(again.exit).toBe(0);
    expect(again.events.filter(({ type }) => type === "version")).toHaveLength(1);
    expect(existsSync(join(fleet.spool, ".lock"))).toBe(false);
  },
);

test.each([
  [["apply", "plan.yaml", "--wait", "30"], '--wait takes a duration with a unit, and "30" is none'],
  [["apply", "plan.yaml", "--wait", "0s"], '--wait takes a duration with a unit, and "0s" is none'],
  [["apply", "plan.yaml", "--wait"], "--wait needs a value after it"],
  [["undo", "x", "--wait", "soon"], '"soon" is none'],
] as const)("a wait without sense is refused before anything else: %j", async (args, message) => {
  const { exit, stdout, stderr } = await fleet.run(args);
  expect([exit, stdout]).toEqual([3, ""]);
  expect(stderr).toContain(message);
  expect(existsSync(fleet.state)).toBe(false);
});
