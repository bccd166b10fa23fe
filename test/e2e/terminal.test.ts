import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { echoMs } from "../../src/cli/interrupts.ts";
import { describeWith } from "../support/parts.ts";
import { planText, smallFleet, type SmallFleet } from "../support/small-fleet.ts";
import {
  ctrlC,
  ctrlQ,
  ctrlS,
  ctrlZ,
  onTerminal,
  programLine,
  shellOnTerminal,
} from "../support/terminal.ts";
import { isLong, longOnly } from "../support/long-suite.ts";

function slowPlan(seconds: number): string {
  return planText(
    `steps: [{ name: fix, run: 'echo half > "\${home}/etc/conf"; sleep ${seconds}; echo new > "\${home}/etc/conf"', writes: ["\${home}/etc/conf"] }]`,
  );
}

function contents(fleet: SmallFleet): Promise<readonly string[]> {
  return Promise.all(
    fleet.names.map((name) => readFile(join(fleet.home(name), "etc", "conf"), "utf8")),
  );
}

/** DECTCEM: a drawing hides the cursor, and must give it back. */
function expectCursor(screen: string): void {
  expect(screen).toContain("\u001B[?25l");
  expect(screen.lastIndexOf("\u001B[?25h")).toBeGreaterThan(screen.lastIndexOf("\u001B[?25l"));
}

/** Resolves when the step has begun to write on the first instance. */
async function isInStep(fleet: SmallFleet): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if ((await contents(fleet))[0] === "half\n") return;
    await sleep(50);
  }
  throw new Error("the step did not begin");
}

describeWith(["script"], "on a terminal", () => {
  test("Ctrl-C lets the running step end, begins nothing more, and tells what to type", async () => {
    await using fleet = await smallFleet();
    await fleet.writePlan(slowPlan(3));
    const terminal = onTerminal(["apply", "plan.yaml", "--state", fleet.state], {
      cwd: fleet.folder,
    });
    await isInStep(fleet);
    terminal.type(ctrlC);
    await terminal.shows("Stopping safely: no new work begins, running steps come to their end.");
    // At once, beside the tree that is drawn, and not when that has ended.
    expect((await contents(fleet))[0]).toBe("half\n");
    expect(await terminal.ended).toBe(130);
    expect(terminal.screen()).toMatch(/INTERRUPTED after .*: no new work was begun; it can go on/);
    const [, resume] = /(handrail --state \S+ resume \S+)/.exec(terminal.screen()) ?? [];
    expectCursor(terminal.screen());
    expect(await contents(fleet)).toEqual(["new\n", "old\n"]);
    expect((await fleet.run(resume!.split(" ").slice(3))).exit).toBe(0);
    expect(await contents(fleet)).toEqual(["new\n", "new\n"]);
  });

  test("Ctrl-S stops the drawing, and not the rollout", async () => {
    await using fleet = await smallFleet();
    await fleet.writePlan(slowPlan(1));
    const terminal = onTerminal(["apply", "plan.yaml", "--state", fleet.state], {
      cwd: fleet.folder,
    });
    await isInStep(fleet);
    terminal.type(ctrlS);
    await expect.poll(() => contents(fleet), { timeout: 40_000 }).toEqual(["new\n", "new\n"]);
    const statusNow = async () => (await fleet.run(["status"])).stdout;
    await expect.poll(statusNow, { timeout: 20_000 }).toMatch(/SEALED/);
    expect(terminal.screen()).not.toContain("SEALED");
    terminal.type(ctrlQ);
    expect(await terminal.ended).toBe(0);
    expect(terminal.screen()).toContain("SEALED");
    expectCursor(terminal.screen());
  });

  test("a locale without UTF-8 gets signs of ASCII, in the tree and below it", async () => {
    await using fleet = await smallFleet({ names: ["a1"] });
    await fleet.writePlan(slowPlan(0));
    const terminal = onTerminal(["apply", "plan.yaml", "--state", fleet.state], {
      cwd: fleet.folder,
      env: { LC_ALL: "POSIX", NO_COLOR: "1" },
    });
    expect(await terminal.ended).toBe(0);
    expect(terminal.screen()).toContain("+ one  1 of 1 sealed");
    expect(terminal.screen()).toContain("+ SEALED after");
    expect(terminal.screen()).toMatch(/^\p{ASCII}*$/u);
  });

  test.skipIf(!isLong)(
    `Ctrl-Z gives the terminal back, fg draws the whole tree anew, bg draws nothing over the shell${longOnly}`,
    async () => {
      await using fleet = await smallFleet({ names: ["a1"] });
      // However long the shell takes to have its say, the step goes on until it is told.
      const untilTold = `until [ -e "\${home}/told" ]; do sleep 0.1; done`;
      await fleet.writePlan(slowPlan(0).replace("sleep 0", untilTold));
      using terminal = shellOnTerminal({ cwd: fleet.folder, env: { NO_COLOR: "1" } });
      const since = (from: number): string => terminal.screen().slice(from);
      const sees = async (from: number, wanted: RegExp): Promise<void> => {
        await expect.poll(() => since(from), { timeout: 40_000 }).toMatch(wanted);
      };
      await terminal.shows("$ ");
      terminal.type(`${programLine(["apply", "plan.yaml", "--state", fleet.state])}\r`);
      await isInStep(fleet);
      await terminal.shows("step 1/1");

      let from = terminal.screen().length;
      terminal.type(ctrlZ);
      await sees(from, /nothing goes on until `fg`. Unless that comes within 1 min, a host ends/);
      await sees(from, /Stopped[^$]*\$ $/);
      expectCursor(terminal.screen());
      const stopped = terminal.screen().length;
      await sleep(600);
      expect(since(stopped)).toBe("");

      // In the background it goes on, and leaves the screen to the shell.
      terminal.type("bg\r");
      await sees(stopped, /bg\r\n[^$]*\$ $/);
      const inBackground = terminal.screen().length;
      await sleep(600);
      expect(since(inBackground)).toBe("");
      expectCursor(terminal.screen());

      from = terminal.screen().length;
      terminal.type("fg\r");
      await sees(from, /\[\?25l[\s\S]*0 of 1 good[\s\S]*▸ one[\s\S]*a1 {2}step 1\/1/);
      await writeFile(join(fleet.home("a1"), "told"), "");
      await terminal.shows("SEALED");
      await sees(from, /\$ $/);
      expectCursor(terminal.screen());
      terminal.type("exit\r");
      expect(await terminal.ended).toBe(0);
      expect(await contents(fleet)).toEqual(["new\n"]);
    },
  );

  test.skipIf(!isLong)(
    `Ctrl-C a second time leaves at once; the step goes on, and resume reads what it did${longOnly}`,
    async () => {
      await using fleet = await smallFleet();
      await fleet.writePlan(slowPlan(40));
      const terminal = onTerminal(["apply", "plan.yaml", "--state", fleet.state], {
        cwd: fleet.folder,
      });
      await isInStep(fleet);
      terminal.type(ctrlC);
      await terminal.shows("Once more: leave at once.");
      await sleep(echoMs + 100);
      const before = performance.now();
      terminal.type(ctrlC);
      expect(await terminal.ended).toBe(130);
      expect(performance.now() - before).toBeLessThan(10_000);
      expect(terminal.screen()).toContain(
        "Left at once, with the guards armed. Unless somebody goes on within 1 min, a host ends a step",
      );
      expectCursor(terminal.screen());
      const [, rollout] = /next: handrail --state \S+ resume (\S+)/.exec(terminal.screen()) ?? [];
      const status = await fleet.run(["status", rollout!]);
      expect(status.stdout).toMatch(/^‖ STOPPED after .*its process is gone/m);
      expect((await fleet.run(["abort", rollout!])).exit).toBe(4);
      expect(await contents(fleet)).toEqual(["old\n", "old\n"]);
    },
  );

  test.skipIf(!isLong)(
    `Ctrl-C of status --watch ends the watching only, and says so${longOnly}`,
    async () => {
      await using fleet = await smallFleet({ names: ["a1"] });
      const plan = await fleet.writePlan(slowPlan(40));
      const started = fleet.start(["apply", plan, "--json"]);
      await isInStep(fleet);
      const terminal = onTerminal(["status", "--watch", "--state", fleet.state], {
        cwd: fleet.folder,
      });
      // Drawing has begun, and whoever draws listens for signals by then.
      await terminal.shows("\u001B[?25l");
      await sleep(echoMs);
      terminal.type(ctrlC);
      expect(await terminal.ended).toBe(0);
      expect(terminal.screen()).toMatch(/fix-\S+ goes on: only the watching has ended\./);
      expect(terminal.screen()).toMatch(/to hold it up: handrail --state \S+ pause fix-/);
      expectCursor(terminal.screen());
      const [, rollout] = / pause (fix-\S+)/.exec(terminal.screen()) ?? [];
      started.kill("SIGKILL");
      await started.ended;
      expect((await fleet.run(["abort", rollout!])).exit).toBe(4);
    },
  );

  const typed = [
    ["the regions' names", "one\r", 0, "old\n"],
    ["anything else", "two\r", 3, "new\n"],
    ["Ctrl-C", ctrlC, 3, "new\n"],
  ] as const;

  test.each(isLong ? typed : typed.slice(0, 1))(
    "an undo in production says what goes back, and wants the regions' names: %s",
    async (_name, keys, exit, conf) => {
      await using fleet = await smallFleet({ names: ["a1"] });
      const inventory = join(fleet.folder, "inventory.yaml");
      const text = await readFile(inventory, "utf8");
      await writeFile(inventory, text.replace("production: false", "production: true"));
      const plan = await fleet.writePlan(slowPlan(0).replace("retention: 0s", "retention: 1h"));
      const preview = await fleet.run(["preview", plan, "--json"]);
      const [, digest = ""] = /"digest": "([0-9a-f]{64})"/.exec(preview.stdout) ?? [];
      const ran = await fleet.run(["apply", plan, "--approve", digest, "--json"]);
      const [started] = ran.events.filter(({ type }) => type === "rollout.started");
      const rollout = String(started?.["rollout"]);
      const terminal = onTerminal(["undo", rollout, "--state", fleet.state], {
        cwd: fleet.folder,
      });
      await terminal.shows("To take it back, type the names of the regions (one): ");
      expect(terminal.screen()).toContain(`Undo of ${rollout} (plan fix) takes back:`);
      expect(terminal.screen()).toMatch(/^ {2}one: a1\r?$/m);
      // The terminal may hand Ctrl-C to whoever reads it by then.
      await sleep(200);
      terminal.type(keys);
      expect(await terminal.ended).toBe(exit);
      expect(await contents(fleet)).toEqual([conf]);
    },
  );
});
