import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { key, snapshot } from "./support/restoring.ts";
import {
  present,
  processesWith,
  runOrder,
  ShellHost,
  until,
  valueOf,
} from "./support/shell-hosts.ts";
import { armed, armOrder, fired, switchOf } from "./support/switches.ts";

describe.each(present)("with $name", (userland) => {
  test("a switch whose runner is gone ends the step, undoes, restores, recovers and tells it", async () => {
    await using host = await ShellHost.start(userland);
    const guard = await host.open({ epoch: 1 });
    host.sh("echo old >a; echo b >b");
    await snapshot(guard, host.tree);
    const order = armOrder(host, {
      undo: runOrder({
        key: "web01.1.undo",
        script: `echo undo >>"${host.folder}/log"`,
        cwd: null,
      }),
      recover: [
        runOrder({
          key: "web01.1.recover1",
          script: `echo "$secret" >>"${host.folder}/log"; exit 3`,
          env: { secret: "s3cret" },
        }),
        runOrder({ key: "web01.1.recover2", script: `echo last >>"${host.folder}/log"` }),
      ],
    });
    await armed(guard, order);
    const step = runOrder({
      key: order.receipt,
      armed: key,
      script: `trap '' TERM; cd "${host.tree}"; rm b; echo new >a; : >begun; while :; do sleep 0.1; done`,
    });
    const running = guard.run(step);
    await until("the step", () => existsSync(`${host.tree}/begun`));
    // Longer than a lease: as long as its runner lives, nothing happens.
    await sleep(order.leaseMs * 2);
    expect(switchOf(host)).toBe(null);
    host.channels[0]!.destroy();
    await running;
    await until("the record", () => existsSync(`${host.spool}/fix-1/switches/${key}/record`));
    expect(host.sh("cat a b; ls")).toBe("old\nb\na\nb\n");
    expect(host.sh('cat "$FOLDER/log"')).toBe("undo\ns3cret\nlast\n");
    const next = await host.open({ epoch: 2 });
    const told = await fired(next, order);
    expect(told).toMatchObject({
      complete: true,
      conflicts: { total: 0 },
      failed: [],
      commands: [
        { key: "web01.1.undo", exitCode: 0 },
        { key: "web01.1.recover1", exitCode: 3 },
        { key: "web01.1.recover2", exitCode: 0 },
      ],
    });
    expect(told.restored).toBeGreaterThanOrEqual(2);
    expect(Math.abs(told.at - Date.now() / 1000)).toBeLessThan(60);
    expect(valueOf(await next.disarm({ key }))).toEqual({ kind: "fired", fired: told });
    expect(valueOf(await next.run({ ...step, key: "web01.1.2" }))).toMatchObject({
      kind: "refused",
      failure: { code: "GUARD_NOT_ARMED" },
    });
  });

  test("a disarmed switch never fires, and says so for ever", async () => {
    await using host = await ShellHost.start(userland);
    const guard = await host.open({ epoch: 1 });
    host.sh("echo old >a");
    await snapshot(guard, host.tree);
    const order = armOrder(host, { leaseMs: 1_500 });
    await armed(guard, order);
    host.sh("echo new >a");
    expect(valueOf(await guard.disarm({ key }))).toEqual({ kind: "disarmed" });
    expect(valueOf(await guard.disarm({ key }))).toEqual({ kind: "disarmed" });
    await guard[Symbol.asyncDispose]();
    await sleep(2_200);
    const next = await host.open({ epoch: 2 });
    expect(valueOf(await next.disarm({ key }))).toEqual({ kind: "disarmed" });
    expect(valueOf(await next.arm(order))).toEqual({ kind: "disarmed" });
    expect(host.sh("cat a")).toBe("new\n");
    expect(processesWith(`switch ${key}`)).toEqual([]);
  });
});
