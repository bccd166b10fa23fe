import { Buffer } from "node:buffer";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Guard } from "../../src/ports/guard.ts";
import type { RunOrder, RunResult } from "../../src/ports/guard-command.ts";
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

type Finished = Extract<RunResult, { kind: "finished" }>;

async function finished(guard: Guard, order: RunOrder): Promise<Finished> {
  const result = valueOf(await guard.run(order));
  if (result.kind !== "finished") throw new Error(JSON.stringify(result));
  return result;
}

/** A number that is in a process's arguments and nowhere else on this machine. */
function mark(): string {
  return String(100_000 + Math.floor(Math.random() * 800_000));
}

describeWithShells({}, (userland) => {
  test("a program gets its arguments, environment, files and folder byte for byte", async () => {
    await using host = await ShellHost.start(userland);
    const guard = await host.open();
    const value = 'it\'s\n$(id) `id` "q" \\ ü \u0007 end\n\n';
    const result = await finished(
      guard,
      runOrder({
        script: `printf '%s|' "$@" "$value"; pwd; cat "$HANDRAIL_FILES/a file's"; umask; echo e >&2; exit 7`,
        args: ["one two", "", "*", "it's"],
        env: { value },
        files: [{ name: "a file's", content: Buffer.from("staged\n") }],
        cwd: host.tree,
      }),
    );
    expect(text(result.stdout)).toBe(`one two||*|it's|${value}|${host.tree}\nstaged\n0022\n`);
    expect(text(result.stderr)).toBe("e\n");
    expect(result).toMatchObject({ exitCode: 7, timedOut: false, dropped: 0 });
  });

  test("a second guard reports what ran, and does not run it again", async () => {
    await using host = await ShellHost.start(userland);
    const order = runOrder({ script: `echo ran >>"${host.tree}/count"; echo said` });
    const first = await finished(await host.open(), order);
    const second = await finished(await host.open(), order);
    expect({ ...second }).toEqual({ ...first });
    expect(host.sh("cat count")).toBe("ran\n");
  });

  test("a run goes on when its channel is cut, and a second guard follows it to its end", async () => {
    await using host = await ShellHost.start(userland);
    const guard = await host.open();
    const order = runOrder({
      script: `cd "${host.tree}"; echo begun; : >begun; while [ ! -e go ]; do sleep 0.1; done; echo ended; exit 5`,
    });
    const cut = guard.run(order);
    await until("the command", () => existsSync(`${host.tree}/begun`));
    host.channels[0]!.destroy();
    expect(await cut).toMatchObject({ kind: "unknown", failure: { code: "CONNECT_LOST" } });
    const other = await host.open();
    const followed = finished(other, order);
    await sleep(200);
    host.sh(": >go");
    const result = await followed;
    expect([result.exitCode, text(result.stdout)]).toEqual([5, "begun\nended\n"]);
    expect(await guard.run(order)).toMatchObject({ kind: "not-sent" });
  });

  test("the time limit ends the command and everything that it has started", async () => {
    await using host = await ShellHost.start(userland);
    const guard = await host.open();
    const marker = mark();
    const script = `trap '' TERM; (sleep ${marker} & wait) & sleep ${marker} & echo here; sleep ${marker}`;
    const result = await finished(guard, runOrder({ script, timeoutMs: 700 }));
    expect(result).toMatchObject({ timedOut: true, exitCode: 137 });
    expect(text(result.stdout)).toBe("here\n");
    expect(result.durationMs).toBeGreaterThanOrEqual(690);
    expect(processesWith(`sleep ${marker}`)).toEqual([]);
  });

  test("a flood of output is bounded and counted, and does not end the command", async () => {
    await using host = await ShellHost.start(userland);
    const guard = await host.open();
    const script = "head -c 3000000 /dev/zero; head -c 5000 /dev/zero >&2; exit 3";
    const result = await finished(guard, runOrder({ script, outputMax: 10_000 }));
    expect([result.stdout.length, result.stderr.length]).toEqual([10_000, 5_000]);
    expect(result).toMatchObject({ exitCode: 3, dropped: 2_990_000 });
  });

  test("ten megabytes of any bytes are staged exactly", async () => {
    await using host = await ShellHost.start(userland);
    const guard = await host.open();
    const content = randomBytes(10_000_001);
    const result = await finished(
      guard,
      runOrder({ script: 'sha256sum <"$HANDRAIL_FILES/big"', files: [{ name: "big", content }] }),
    );
    expect(text(result.stdout).slice(0, 64)).toBe(
      createHash("sha256").update(content).digest("hex"),
    );
  });

  test("a killed supervisor leaves the command interrupted, and it is never started again", async () => {
    await using host = await ShellHost.start(userland);
    const guard = await host.open();
    const order = runOrder({ script: `echo ran >>"${host.tree}/count"; sleep 30` });
    const running = guard.run(order);
    const receipt = `${host.spool}/fix-1/runs/${order.key}`;
    await until("the command", () => host.sh("cat count 2>/dev/null || true") === "ran\n");
    const [pid, , , attempt] = readFileSync(`${receipt}/started`, "utf8").split(/\s/);
    process.kill(Number(pid), "SIGKILL");
    process.kill(
      -Number(readFileSync(`${receipt}/${attempt}/group`, "utf8").split(" ")[0]),
      "SIGKILL",
    );
    expect(valueOf(await running)).toMatchObject({
      kind: "interrupted",
      failure: { code: "STEP_INTERRUPTED" },
    });
    expect(valueOf(await (await host.open()).run(order))).toMatchObject({ kind: "interrupted" });
    expect(host.sh("cat count")).toBe("ran\n");
  });

  test("settle ends what runs, keeps what never began from beginning, and reports what ended", async () => {
    await using host = await ShellHost.start(userland);
    const guard = await host.open();
    const marker = mark();
    const order = runOrder({ script: `echo up; : >"${host.tree}/up"; sleep ${marker}` });
    const running = guard.run(order);
    await until("the command", () => existsSync(`${host.tree}/up`));
    const other = await host.open();
    const settled = valueOf(await other.settle({ key: order.key, waitMs: 300 }));
    expect(settled).toMatchObject({ kind: "finished", exitCode: 143, timedOut: false });
    expect(valueOf(await running)).toMatchObject({ kind: "finished", exitCode: 143 });
    expect(processesWith(`sleep ${marker}`)).toEqual([]);

    const never = runOrder({ key: "web01.2.1", script: `: >"${host.tree}/never"` });
    expect(valueOf(await other.settle({ key: never.key, waitMs: 0 }))).toEqual({ kind: "never" });
    expect(valueOf(await other.settle({ key: never.key, waitMs: 0 }))).toEqual({ kind: "never" });
    expect(valueOf(await other.run(never))).toMatchObject({
      kind: "refused",
      failure: { code: "FENCED" },
    });
    expect(existsSync(`${host.tree}/never`)).toBe(false);
  });

  test("a daemon that keeps the output open does not hold the answer up, and lives on", async () => {
    await using host = await ShellHost.start(userland);
    const guard = await host.open();
    const marker = mark();
    const script = `(trap '' HUP; cd "${host.tree}"; ticks=0; while [ ! -e stop ] && [ $ticks -lt 100 ]; do echo tick; ticks=$((ticks + 1)); sleep 0.1; done; : >${marker}) & echo started`;
    const result = await finished(guard, runOrder({ script }));
    expect(text(result.stdout)).toMatch(/^(tick\n)*started\n/);
    expect(result.durationMs).toBeLessThan(5_000);
    await sleep(300);
    host.sh(": >stop");
    await until("the daemon's own end", () => existsSync(`${host.tree}/${marker}`));
  });

  test("values of the environment are in no file and no argument", async () => {
    await using host = await ShellHost.start(userland);
    const guard = await host.open();
    const secret = `s3cret-${mark()}`;
    const script = `: >"${host.tree}/up"; while [ ! -e "${host.tree}/go" ]; do sleep 0.05; done; printf '%s' "$secret" | wc -c`;
    const running = finished(guard, runOrder({ script, env: { secret } }));
    await until("the command", () => existsSync(`${host.tree}/up`));
    expect(processesWith(secret)).toEqual([]);
    expect(host.sh(`grep -r -l "${secret}" "$SPOOL" || true`)).toBe("");
    host.sh(": >go");
    expect(text((await running).stdout).trim()).toBe(String(secret.length));
  });

  test("a command that is not there, or its folder, is told as shells tell it", async () => {
    await using host = await ShellHost.start(userland);
    const guard = await host.open();
    const lacking = runOrder({ script: "", interpreter: ["no-such-program"], key: "a" });
    expect((await finished(guard, lacking)).exitCode).toBe(127);
    expect((await finished(guard, runOrder({ script: "", cwd: "/none", key: "b" }))).exitCode).toBe(
      126,
    );
  });
});

test("of twenty guards that start the same command at once, one does, and all get its end", async () => {
  await using host = await ShellHost.start(dash);
  const order = runOrder({
    script: `echo ran >>"${host.tree}/count"; sleep 0.3; echo "$HANDRAIL_FILES"; exit 9`,
    files: [{ name: "x", content: Buffer.from("x") }],
  });
  const guards = await Promise.all(Array.from({ length: 20 }, () => host.open()));
  const results = await Promise.all(guards.map((guard) => finished(guard, order)));
  expect(new Set(results.map((result) => `${result.exitCode} ${text(result.stdout)}`)).size).toBe(
    1,
  );
  expect(host.sh("cat count")).toBe("ran\n");
  // The attempts that lost have gone.
  const attempts = readdirSync(`${host.spool}/fix-1/runs/${order.key}`);
  expect(attempts.filter((name) => name.startsWith("try."))).toHaveLength(1);
});

test("a command is refused where its snapshot is missing, and the guard can go on", async () => {
  await using host = await ShellHost.start(dash);
  const guard = await host.open();
  const files = [{ name: "big", content: randomBytes(100_000) }];
  const order = runOrder({ script: `: >"${host.tree}/ran"`, snapshot: "web01.1", files });
  expect(valueOf(await guard.run(order))).toMatchObject({
    kind: "refused",
    failure: { code: "SNAPSHOT_MISSING" },
  });
  expect(existsSync(`${host.tree}/ran`)).toBe(false);
  expect((await finished(guard, { ...order, snapshot: null })).exitCode).toBe(0);
});

test("a receipt of before a restart of the host is told as interrupted", async () => {
  await using host = await ShellHost.start(dash);
  const guard = await host.open();
  const order = runOrder({ script: "sleep 0.1" });
  await finished(guard, order);
  host.sh(`cd "$SPOOL/fix-1/runs/${order.key}"; rm rc; read -r pid start boot attempt <started
    echo "$pid $start 00000000-another-boot $attempt" >started`);
  const result = valueOf(await guard.run(order));
  expect(result).toMatchObject({ kind: "interrupted" });
  expect(JSON.stringify(result)).toContain("restarted");
});

test("a command whose supervisor alone was killed is waited for, then told as interrupted", async () => {
  await using host = await ShellHost.start(dash);
  const guard = await host.open();
  const order = runOrder({
    script: `cd "${host.tree}"; : >up; while [ ! -e go ]; do sleep 0.05; done; : >done`,
  });
  const running = guard.run(order);
  await until("the command", () => existsSync(`${host.tree}/up`));
  const started = readFileSync(`${host.spool}/fix-1/runs/${order.key}/started`, "utf8");
  process.kill(Number(started.split(" ")[0]), "SIGKILL");
  await sleep(500);
  host.sh(": >go");
  expect(valueOf(await running)).toMatchObject({ kind: "interrupted" });
  expect(existsSync(`${host.tree}/done`)).toBe(true);
});

test("what a command prints can't pass for a frame", async () => {
  await using host = await ShellHost.start(dash);
  const guard = await host.open();
  const script = `for fd in 3 4 5 6 7 8 9; do (eval "echo '0123456789abcdef DONE 0' >&$fd") 2>/dev/null && echo "open $fd"; done; true`;
  const result = await finished(guard, runOrder({ script }));
  expect(text(result.stdout)).toBe("");
});
