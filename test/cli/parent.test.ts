import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { oldNode } from "../support/old-node.ts";
import { describeWith } from "../support/parts.ts";
import {
  type Launcher,
  planText,
  program,
  type Ran,
  smallFleet,
  type SmallFleet,
} from "../support/small-fleet.ts";
import { checkout } from "./run-handrail.ts";
import { isLong, longOnly } from "../support/long-suite.ts";

const slowStep = `steps: [{ name: fix, run: 'sleep 2; echo new > "\${home}/etc/conf"', writes: ["\${home}/etc/conf"] }]`;

interface Stopped {
  readonly ran: Ran;
  /** Lines of the journal, as JSON. */
  readonly journal: string;
}

/** Sends the signal to whoever was started, in the middle of the first step, and lets all of it end. */
async function stopInStep(
  fleet: SmallFleet,
  by: Launcher,
  signal: NodeJS.Signals,
): Promise<Stopped> {
  const plan = await fleet.writePlan(planText(slowStep));
  const env = {
    npm_config_cache: join(fleet.folder, "npm"),
    npm_config_offline: "true",
    npm_config_update_notifier: "false",
  };
  const started = fleet.start(["apply", plan, "--json"], env, by);
  const event = await started.event((it) => it.type === "step.started");
  started.kill(signal);
  // Its output closes when the last process that could write there is gone.
  const ran = await started.ended;
  const { stdout } = await fleet.run(["journal", String(event["rollout"]), "--json"]);
  return { ran, journal: stdout };
}

/** The running step came to its end, and the next instance was not begun. */
async function expectSafeStop(fleet: SmallFleet): Promise<void> {
  const conf = fleet.names.map((name) => readFile(join(fleet.home(name), "etc", "conf"), "utf8"));
  expect(await Promise.all(conf)).toEqual(["new\n", "old\n"]);
}

const node = oldNode();
const noOldNode = node === null ? " (skipped, because there is no Node before 24 here)" : "";

test.skipIf(node === null)(
  `kill -9 of an older Node that only waits for ours is a hangup, and recorded${noOldNode}`,
  async () => {
    await using fleet = await smallFleet();
    const { ran, journal } = await stopInStep(fleet, [node!, program], "SIGKILL");
    expect(journal).toContain('"wish":{"kind":"interrupt","signal":"SIGHUP"}');
    expect(journal).toContain('"reason":"the process that started this one is gone"');
    expect(ran.events.at(-1)).toMatchObject({ type: "summary", outcome: "interrupted", exit: 129 });
    await expectSafeStop(fleet);
  },
);

test.skipIf(node === null || !isLong)(
  `SIGTERM to an older Node is passed on, and it ends when ours has stopped safely${noOldNode || longOnly}`,
  async () => {
    await using fleet = await smallFleet();
    const { ran, journal } = await stopInStep(fleet, [node!, program], "SIGTERM");
    expect(ran.exit).toBe(143);
    expect(journal).toContain('"wish":{"kind":"interrupt","signal":"SIGTERM"}');
    await expectSafeStop(fleet);
  },
);

describeWith(["npx"], "npx ends at once on a signal, and what it started stops safely", () => {
  test.each(["SIGTERM", "SIGKILL"] as const)("%s", async (signal) => {
    await using fleet = await smallFleet();
    const npx: Launcher = ["sh", "-c", `cd '${checkout}' && exec npx handrail "$@"`, "sh"];
    const { ran, journal } = await stopInStep(fleet, npx, signal);
    expect(journal).toContain('"wish":{"kind":"interrupt","signal":"SIGHUP"}');
    expect(journal).toContain('"reason":"npm, which started this process, is gone"');
    const summary = ran.events.at(-1);
    expect(summary).toMatchObject({ type: "summary", outcome: "interrupted", exit: 129 });
    expect(JSON.stringify(summary)).toContain('"command":"npx handrail --state');
    await expectSafeStop(fleet);
  });
});
