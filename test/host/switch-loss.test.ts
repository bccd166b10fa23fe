import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import type { ControllerOrders } from "./support/controller.ts";
import { key, snapshot } from "./support/restoring.ts";
import { present, ShellHost, until, type Userland } from "./support/shell-hosts.ts";
import { armOrder, endlessStep, fired, recordOf, stepBegun, switchOf } from "./support/switches.ts";

const controllers: ChildProcess[] = [];
afterEach(() => {
  for (const controller of controllers.splice(0)) controller.kill("SIGKILL");
});

interface Controller {
  readonly child: ChildProcess;
  readonly said: { readonly what: string; readonly value: unknown }[];
}

/** A controller in a process of its own, in the middle of a step. */
async function inTheMiddle(host: ShellHost): Promise<Controller> {
  const guard = await host.open();
  host.sh("echo old >a; echo b >b");
  await snapshot(guard, host.tree);
  await guard[Symbol.asyncDispose]();
  const orders: ControllerOrders = {
    host: host.host(),
    shell: `${host.folder}/bin/sh`,
    path: host.path,
    arm: armOrder(host),
    step: endlessStep(host),
  };
  const program = new URL("support/controller.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [program, JSON.stringify(orders)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  controllers.push(child);
  const said: Controller["said"] = [];
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (more: string) => {
    text += more;
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) {
      const learned: Controller["said"][number] = JSON.parse(line);
      said.push(learned);
    }
  });
  await stepBegun(host);
  return { child, said };
}

describe.each(present)("with $name", (userland: Userland) => {
  test("a controller that is killed in the middle of a step leaves a host that goes back by itself", async () => {
    await using host = await ShellHost.start(userland);
    const { child, said } = await inTheMiddle(host);
    await sleep(1_500);
    expect(switchOf(host)).toBe(null);
    child.kill("SIGKILL");
    await recordOf(host);
    expect(host.sh("cat a b; ls")).toBe("old\nb\na\nb\n");
    expect(said).toEqual([{ what: "armed", value: { kind: "armed" } }]);
    const next = await host.open({ epoch: 2 });
    expect(await fired(next, armOrder(host))).toMatchObject({ complete: true, failed: [] });
  });

  test("a controller that is stopped for longer than the lease learns that the host has gone back", async () => {
    await using host = await ShellHost.start(userland);
    const { child, said } = await inTheMiddle(host);
    child.kill("SIGSTOP");
    await recordOf(host);
    expect(host.sh("cat a b; ls")).toBe("old\nb\na\nb\n");
    child.kill("SIGCONT");
    await until("its end", () => said.length === 3);
    expect(said[1]).toMatchObject({ what: "ran", value: { kind: "finished", exitCode: 143 } });
    expect(said[2]).toMatchObject({
      what: "disarmed",
      value: { kind: "fired", fired: { complete: true } },
    });
    expect(existsSync(`${host.spool}/fix-1/switches/${key}/record`)).toBe(true);
  });
});
