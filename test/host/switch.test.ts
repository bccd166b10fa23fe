import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { key, snapshot } from "./support/restoring.ts";
import {
  dash,
  describeWithShells,
  processesWith,
  runOrder,
  ShellHost,
  text,
  until,
  valueOf,
} from "./support/shell-hosts.ts";
import {
  armed,
  armOrder,
  endlessStep,
  fired,
  gone,
  recordOf,
  stepBegun,
  stepEnd,
  switchOf,
  waiterOf,
} from "./support/switches.ts";

describeWithShells({ concurrent: true }, (userland) => {
  test("a switch whose runner is gone ends the step, undoes, restores, recovers and tells it", async () => {
    await using host = await ShellHost.start(userland);
    const guard = await host.hold({ epoch: 1 });
    host.sh("echo old >a; echo b >b");
    await snapshot(guard, host.tree);
    const log = `${host.folder}/log`;
    const undo = runOrder({ key: "web01.1.undo", script: `echo undo >>"${log}"` });
    const order = armOrder(host, {
      undo,
      recover: [
        runOrder({
          key: "web01.1.recover1",
          script: `cat "$HANDRAIL_FILES/x" >>"${log}"; echo "$secret" >>"${log}"; exit 3`,
          env: { secret: "it's s3cret" },
          files: [{ name: "x", content: Uint8Array.of(0, 1, 255, 10) }],
        }),
        runOrder({ key: "web01.1.recover2", script: `echo last >>"${log}"` }),
      ],
    });
    await armed(guard, order);
    expect(host.sh('grep -rl s3cret "$SPOOL" || true')).toBe("");
    expect(processesWith("s3cret")).toEqual([]);
    const stubborn = `trap '' TERM; ${endlessStep(host).script}`;
    const running = guard.run(endlessStep(host, { script: stubborn }));
    await stepBegun(host);
    // Longer than a lease: while its runner lives, nothing happens.
    await sleep(order.leaseMs * 1.5);
    expect(switchOf(host)).toBe(null);
    host.channels[0]!.destroy();
    await running;
    await recordOf(host);
    expect(stepEnd(host)).toMatch(/^137 no /);
    expect(host.sh("cat a b; ls")).toBe("old\nb\na\nb\n");
    expect(readFileSync(log, "latin1")).toBe("undo\n\0\x01\xff\nit's s3cret\nlast\n");
    const next = await host.open({ epoch: 2 });
    const told = await fired(next, order);
    expect(told).toMatchObject({
      complete: true,
      conflicts: { paths: [], total: 0 },
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
    // A rollback comes afterwards as always; what was undone is not undone again.
    expect(valueOf(await next.run(undo))).toMatchObject({ kind: "finished", exitCode: 0 });
    expect(readFileSync(log, "latin1").match(/undo/g)).toHaveLength(1);
    expect(valueOf(await next.run(endlessStep(host, { key: "web01.1.2" })))).toMatchObject({
      kind: "refused",
      failure: { code: "GUARD_NOT_ARMED" },
    });
  });

  test("a disarmed switch never fires, and says so for ever", async () => {
    await using host = await ShellHost.start(userland);
    const guard = await host.hold({ epoch: 1 });
    host.sh("echo old >a");
    await snapshot(guard, host.tree);
    const order = armOrder(host, { leaseMs: 60_000 });
    await armed(guard, order);
    const waiter = waiterOf(host);
    host.sh("echo new >a");
    expect(valueOf(await guard.disarm({ key }))).toEqual({ kind: "disarmed" });
    expect(valueOf(await guard.disarm({ key }))).toEqual({ kind: "disarmed" });
    await gone(waiter);
    await guard[Symbol.asyncDispose]();
    const next = await host.open({ epoch: 2 });
    expect(valueOf(await next.disarm({ key }))).toEqual({ kind: "disarmed" });
    expect(valueOf(await next.arm(order))).toEqual({ kind: "disarmed" });
    expect(valueOf(await next.run(endlessStep(host)))).toMatchObject({
      kind: "refused",
      failure: { code: "GUARD_NOT_ARMED" },
    });
    expect(host.sh("cat a")).toBe("new\n");
  });

  test("a switch whose process was killed is dead, and armed again it fires", async () => {
    await using host = await ShellHost.start(userland);
    const guard = await host.hold({ epoch: 1 });
    host.sh("echo old >a");
    await snapshot(guard, host.tree);
    const order = armOrder(host);
    await armed(guard, order);
    const first = waiterOf(host);
    await armed(guard, order);
    expect(waiterOf(host)).toBe(first);
    process.kill(-first, "SIGKILL");
    await gone(first);
    expect(valueOf(await guard.run(endlessStep(host)))).toMatchObject({
      kind: "refused",
      failure: { code: "GUARD_NOT_ARMED", message: expect.stringContaining("ended") as unknown },
    });
    await armed(guard, order);
    expect(waiterOf(host)).not.toBe(first);
    host.sh("echo new >a");
    host.channels[0]!.destroy();
    await recordOf(host);
    expect(host.sh("cat a")).toBe("old\n");
  });

  test("beats disturb no question, no command and no payload, and keep the switch from firing", async () => {
    await using host = await ShellHost.start(userland);
    const guard = await host.hold({ epoch: 1 });
    await snapshot(guard, host.tree);
    await armed(guard, armOrder(host, { leaseMs: 1_500 }));
    const question = { env: {}, timeoutMs: 9_000, outputMax: 100 };
    const said = valueOf(await guard.ask({ script: "sleep 2; echo hello", ...question }));
    expect(text(said.stdout)).toBe("hello\n");
    const content = Buffer.alloc(2_000_000, "\n");
    const order = runOrder({
      key: "web01.1.big",
      armed: key,
      script: 'sleep 2; wc -c <"$HANDRAIL_FILES/big"; tr -d "\\n" <"$HANDRAIL_FILES/big" | wc -c',
      files: [{ name: "big", content }],
    });
    const ran = valueOf(await guard.run(order));
    expect(ran.kind === "finished" && text(ran.stdout).split(/\s+/)).toEqual(["2000000", "0", ""]);
    await sleep(1_500);
    for (let time = 0; time < 5; time++)
      expect(text(valueOf(await guard.ask({ script: "echo on", ...question })).stdout)).toBe(
        "on\n",
      );
    expect(valueOf(await guard.disarm({ key }))).toEqual({ kind: "disarmed" });
  });
});

test.concurrent("whoever comes while a switch fires waits until it has done everything", async () => {
  await using host = await ShellHost.start(dash);
  const guard = await host.hold({ epoch: 1 });
  await snapshot(guard, host.tree);
  const recover = [runOrder({ key: "web01.1.recover", script: "sleep 1.5" })];
  const order = armOrder(host, { recover });
  await armed(guard, order);
  const next = await host.open({ epoch: 2 });
  host.channels[0]!.destroy();
  await until("the decision", () => switchOf(host) === "fired");
  expect(existsSync(`${host.spool}/fix-1/switches/${key}/record`)).toBe(false);
  const never = await next.run(runOrder({ key: "web01.1.other", script: "exit 0" }));
  expect(valueOf(never)).toMatchObject({ kind: "finished" });
  expect(existsSync(`${host.spool}/fix-1/switches/${key}/record`)).toBe(true);
  expect(await fired(next, order)).toMatchObject({
    complete: true,
    commands: [{ key: "web01.1.recover", exitCode: 0 }],
  });
});

test.concurrent("a switch that was killed while it fired says how far it got, never that all is done", async () => {
  await using host = await ShellHost.start(dash);
  const guard = await host.hold({ epoch: 1 });
  host.sh("echo old >a");
  await snapshot(guard, host.tree);
  const recover = [
    runOrder({ key: "web01.1.recover", script: `: >"${host.folder}/up"; sleep 30` }),
  ];
  const order = armOrder(host, { recover });
  await armed(guard, order);
  host.sh("echo new >a");
  host.channels[0]!.destroy();
  await until("the recovery", () => existsSync(`${host.folder}/up`));
  process.kill(-waiterOf(host), "SIGKILL");
  const next = await host.open({ epoch: 2 });
  expect(await fired(next, order)).toMatchObject({ complete: false, restored: 1, commands: [] });
  // The controller's own rollback finishes it.
  const settled = await next.settle({ key: "web01.1.recover", waitMs: 0 });
  expect(valueOf(settled)).toMatchObject({ kind: "finished" });
  const rules = [{ path: host.tree, how: "exactly" as const }];
  expect(valueOf(await next.restore({ key, rules, later: "replace" }))).toMatchObject({
    kind: "restored",
    failedTotal: 0,
  });
});

test.concurrent("after a restart of the host a switch does not fire, and is not armed again", async () => {
  await using host = await ShellHost.start(dash);
  const guard = await host.hold({ epoch: 1 });
  host.sh("echo old >a");
  await snapshot(guard, host.tree);
  const order = armOrder(host);
  await armed(guard, order);
  host.sh("echo new >a");
  process.kill(-waiterOf(host), "SIGKILL");
  const noted = `${host.spool}/fix-1/switches/${key}/process`;
  const [pid, start] = readFileSync(noted, "utf8").split(" ");
  writeFileSync(noted, `${pid} ${start} 00000000-another-boot\n`);
  host.channels[0]!.destroy();
  const next = await host.open({ epoch: 2 });
  const refused = {
    kind: "refused",
    failure: {
      code: "GUARD_NOT_ARMED",
      message: expect.stringContaining("was restarted while a step was guarded") as unknown,
    },
  };
  expect(valueOf(await next.arm(order))).toMatchObject(refused);
  await sleep(order.leaseMs * 1.5);
  expect(valueOf(await next.arm(order))).toMatchObject(refused);
  expect(switchOf(host)).toBe(null);
  expect(host.sh("cat a")).toBe("new\n");
  expect(valueOf(await next.disarm({ key }))).toEqual({ kind: "disarmed" });
});

test.concurrent("a switch is not armed without its snapshot, nor by a runner that another one has replaced", async () => {
  await using host = await ShellHost.start(dash);
  const old = await host.open();
  valueOf(await old.claim({ holder: "one", epoch: 1 }));
  const order = armOrder(host);
  expect(valueOf(await old.arm(order))).toMatchObject({
    kind: "refused",
    failure: { code: "SNAPSHOT_MISSING" },
  });
  await snapshot(old, host.tree);
  await armed(old, order);
  const next = await host.open();
  valueOf(await next.claim({ holder: "two", epoch: 2 }));
  const fenced = { kind: "refused", failure: { code: "FENCED" } };
  expect(valueOf(await old.arm(order))).toMatchObject(fenced);
  expect(valueOf(await old.disarm({ key }))).toMatchObject(fenced);
  // Its beats count no more either, though it is still connected.
  await recordOf(host);
  expect(await fired(next, order)).toMatchObject({ complete: true, restored: 0 });
});

test.concurrent("a later runner that arms again keeps the switch, whatever becomes of the earlier one", async () => {
  await using host = await ShellHost.start(dash);
  const old = await host.open();
  valueOf(await old.claim({ holder: "one", epoch: 1 }));
  await snapshot(old, host.tree);
  const order = armOrder(host);
  await armed(old, order);
  const next = await host.open();
  valueOf(await next.claim({ holder: "two", epoch: 2 }));
  await armed(next, order);
  host.channels[0]!.destroy();
  await sleep(order.leaseMs * 1.5);
  expect(valueOf(await next.disarm({ key }))).toEqual({ kind: "disarmed" });
});

test.concurrent("a guard at work on a request keeps the switch from firing, until it is done or gone", async () => {
  await using host = await ShellHost.start(dash);
  const guard = await host.hold({ epoch: 1 });
  await snapshot(guard, host.tree);
  const order = armOrder(host);
  await armed(guard, order);
  const note = `${host.spool}/fix-1/switches/.busy.other`;
  const stat = readFileSync("/proc/self/stat", "latin1");
  const born = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  const [, , boot] = readFileSync(`${host.spool}/fix-1/switches/${key}/process`, "utf8").split(" ");
  writeFileSync(note, `busy ${process.pid} ${born} ${boot?.trim()} 1\n`);
  host.channels[0]!.destroy();
  await sleep(order.leaseMs * 1.5);
  expect(switchOf(host)).toBe(null);
  writeFileSync(note, `busy ${process.pid} ${born} ${boot?.trim()} 0\n`);
  await recordOf(host);
});

test.concurrent("a switch that was never armed is disarmed for ever", async () => {
  await using host = await ShellHost.start(dash);
  const guard = await host.hold({ epoch: 1 });
  await snapshot(guard, host.tree);
  expect(valueOf(await guard.disarm({ key }))).toEqual({ kind: "disarmed" });
  expect(valueOf(await guard.arm(armOrder(host)))).toEqual({ kind: "disarmed" });
});

test.concurrent("a rollout that is given back leaves no switch that waits", async () => {
  await using host = await ShellHost.start(dash);
  const guard = await host.hold({ epoch: 1 });
  await snapshot(guard, host.tree);
  await armed(guard, armOrder(host, { leaseMs: 60_000 }));
  const waiter = waiterOf(host);
  valueOf(await guard.release({ keepUntil: null }));
  expect(existsSync(host.spool)).toBe(false);
  await gone(waiter);
});

test.concurrent("two instances of one host go back at the same time", async () => {
  await using host = await ShellHost.start(dash);
  const guard = await host.hold({ epoch: 1 });
  host.sh("mkdir one two; echo old >one/a; echo old >two/a");
  const orders = ["one", "two"].map((name) => ({ ...armOrder(host), key: name, receipt: name }));
  for (const order of orders) {
    const tree = `${host.tree}/${order.key}`;
    const paths = [{ path: tree, content: true }];
    valueOf(await guard.snapshot({ key: order.key, paths, reserveBytes: 0 }));
    await armed(guard, { ...order, rules: [{ path: tree, how: "exactly" }] });
  }
  host.sh("echo new >one/a; echo new >two/a; echo more >one/b");
  host.channels[0]!.destroy();
  const records = orders.map((order) => `${host.spool}/fix-1/switches/${order.key}/record`);
  await until("both records", () => records.every((record) => existsSync(record)));
  expect(host.sh("cat */a; ls one")).toBe("old\nold\na\n");
  const next = await host.open({ epoch: 2 });
  for (const order of orders) expect(await fired(next, order)).toMatchObject({ complete: true });
});

test.concurrent("a switch whose snapshot is gone never says that all is done", async () => {
  await using host = await ShellHost.start(dash);
  const guard = await host.hold({ epoch: 1 });
  await snapshot(guard, host.tree);
  const order = armOrder(host);
  await armed(guard, order);
  host.sh('rm -r "$SPOOL"/fix-1/snapshots/*');
  host.channels[0]!.destroy();
  await recordOf(host);
  const told = await fired(await host.open({ epoch: 2 }), order);
  expect(told).toMatchObject({ complete: false });
  expect(told.failed[0]?.message).toContain("there is no snapshot");
});
