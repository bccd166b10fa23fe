import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { ordersFor, startController } from "./support/controllers.ts";
import { snapshot } from "./support/restoring.ts";
import { describeWithShells, ShellHost, until, type Userland } from "./support/shell-hosts.ts";
import { armOrder, fired, recordOf, stepBegun, stepEnd, switchOf } from "./support/switches.ts";

async function hostWithSnapshot(userland: Userland): Promise<ShellHost> {
  const host = await ShellHost.start(userland);
  const guard = await host.open();
  host.sh("echo old >a; echo b >b");
  await snapshot(guard, host.tree);
  await guard[Symbol.asyncDispose]();
  return host;
}

describeWithShells({ concurrent: true }, (userland) => {
  test("a controller that is killed in the middle of a step leaves a host that goes back by itself", async () => {
    await using host = await hostWithSnapshot(userland);
    await using controller = startController(ordersFor(host));
    await stepBegun(host);
    await sleep(4_500);
    expect(switchOf(host)).toBe(null);
    controller.child.kill("SIGKILL");
    await recordOf(host);
    expect(stepEnd(host)).toMatch(/^143 no /);
    expect(host.sh("cat a b; ls")).toBe("old\nb\na\nb\n");
    expect(controller.said).toHaveLength(1);
    const next = await host.open({ epoch: 2 });
    expect(await fired(next, armOrder(host))).toMatchObject({ complete: true, failed: [] });
  });

  test("a controller that is stopped for longer than the lease learns that the host has gone back", async () => {
    await using host = await hostWithSnapshot(userland);
    await using controller = startController(ordersFor(host));
    await stepBegun(host);
    controller.child.kill("SIGSTOP");
    await recordOf(host);
    expect(host.sh("cat a b; ls")).toBe("old\nb\na\nb\n");
    controller.child.kill("SIGCONT");
    await until("its end", () => controller.said.length === 3);
    expect(controller.said.slice(1)).toMatchObject([
      { what: "ran", answer: { value: { kind: "finished", exitCode: 143 } } },
      { what: "disarmed", answer: { value: { kind: "fired", fired: { complete: true } } } },
    ]);
  });
});
