import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { HostLock } from "../../src/core/host-lock.ts";
import { isLeaseOver } from "../../src/core/lock-words.ts";
import type { Guard } from "../../src/ports/guard.ts";
import {
  dash,
  isRoot,
  present,
  rootOnly,
  runOrder,
  ShellHost,
  smallSpool,
  until,
  valueOf,
} from "./support/shell-hosts.ts";

const holder = "deploy@laptop, pid 4711";
const message = "plan fix: Expired sessions go to the login page again.";

async function lockSeenBy(guard: Guard): Promise<HostLock> {
  const { lock } = valueOf(await guard.look({ paths: [] }));
  if (lock === null) throw new Error("nobody holds the host");
  return lock;
}

/** Looks, as anybody may, until what is seen fits. */
async function lockWhere(host: ShellHost, fits: (lock: HostLock) => boolean): Promise<HostLock> {
  await using passerBy = await host.open({ rollout: "locks" });
  for (let tries = 0; tries < 400; tries += 1) {
    const lock = await lockSeenBy(passerBy);
    if (fits(lock)) return lock;
  }
  throw new Error("no such lock was ever seen");
}

describe.each(present)("with $name", (userland) => {
  test("a lock tells who has it, what for, and when its runner was last heard", async () => {
    await using host = await ShellHost.start(userland);
    const guard = await host.open({ epoch: 1 });
    const beforeMs = Date.now();
    valueOf(await guard.claim({ holder, message, leaseMs: 90_000, epoch: 1 }));
    const lock = await lockWhere(host, () => true);
    expect(lock).toMatchObject({ rollout: "fix-1", holder, message, atWork: "" });
    expect(lock.lease).toMatchObject({ lengthMs: 90_000, restarted: false });
    expect(lock.lease!.silentMs).toBeLessThan(60_000);
    expect(Math.abs(Date.parse(lock.lease!.heardAt) - beforeMs)).toBeLessThan(60_000);
    expect(isLeaseOver(lock)).toBe(false);
  });

  test("an idle runner that is there renews its lock again and again, also while a question waits", async () => {
    await using host = await ShellHost.start(userland);
    const guard = await host.open({ epoch: 1, leaseMs: 150 });
    valueOf(await guard.claim({ holder, leaseMs: 150, epoch: 1 }));
    const heard = async () => readFile(join(host.spool, "fix-1/heard"), "latin1");
    const first = await heard();
    let now = first;
    const moves = (from: string) =>
      until("a beat that renews the lock", () => {
        now = host.sh('cat "$SPOOL/fix-1/heard"');
        return now !== from;
      });
    await moves(first);
    const size = (await stat(join(host.spool, "fix-1/heard"))).size;
    const asked = guard.ask({
      script: 'until [ -e "$GO" ]; do sleep 0.1 || sleep 1; done',
      env: { GO: join(host.folder, "go") },
      timeoutMs: 60_000,
      outputMax: 100,
    });
    await moves(now);
    await moves(now);
    await writeFile(join(host.folder, "go"), "");
    expect(valueOf(await asked)).toMatchObject({ exitCode: 0 });
    expect((await stat(join(host.spool, "fix-1/heard"))).size).toBe(size);
  });

  test("a lock whose lease is over is taken by nobody, and the refusal says since when nobody was heard", async () => {
    await using host = await ShellHost.start(userland);
    const guard = await host.open({ epoch: 1 });
    valueOf(await guard.claim({ holder, message, leaseMs: 10, epoch: 1 }));
    await guard[Symbol.asyncDispose]();
    const lock = await lockWhere(host, isLeaseOver);
    expect(lock.lease).toMatchObject({ lengthMs: 10, restarted: false });
    const other = await host.open({ rollout: "fix-2", epoch: 1 });
    const refused = valueOf(await other.claim({ holder: "someone", epoch: 1 }));
    expect(refused).toMatchObject({ kind: "refused", failure: { code: "HOST_LOCKED" } });
    const said = refused.kind === "refused" ? refused.failure.message : "";
    expect(said).toMatch(
      /^web01 is held by rollout "fix-1" \(deploy@laptop, pid 4711\) since 2\S+ \S+Z, not heard since 2\S+ \S+Z, .+ ago: its lease of 10ms is over; plan fix: Expired/,
    );
    expect(await readFile(join(host.spool, ".lock"), "utf8")).toMatch(/^fix-1\n/);
  });
});

test("a runner that another one has replaced renews the lock no more", async () => {
  await using host = await ShellHost.start(dash);
  const old = await host.open({ epoch: 1 });
  valueOf(await old.claim({ holder, epoch: 1 }));
  const young = await host.open({ epoch: 2 });
  valueOf(await young.claim({ holder: "other@desk, pid 2", epoch: 2 }));
  const path = join(host.spool, "fix-1/heard");
  const before = await readFile(path, "latin1");
  // A request's end renews as a beat does.
  const asked = { script: ":", env: {}, timeoutMs: 10_000, outputMax: 10 };
  valueOf(await old.ask(asked));
  expect(await readFile(path, "latin1")).toBe(before);
  await until("another hundredth of a second", () => {
    host.sh("sleep 0.02");
    return true;
  });
  valueOf(await young.ask(asked));
  expect(await readFile(path, "latin1")).not.toBe(before);
  expect(await lockWhere(host, () => true)).toMatchObject({ holder: "other@desk, pid 2" });
});

test("after a restart of the host the lease is over, and the lock is kept", async () => {
  await using host = await ShellHost.start(dash);
  const guard = await host.open({ epoch: 1 });
  valueOf(await guard.claim({ holder, epoch: 1 }));
  await guard[Symbol.asyncDispose]();
  const path = join(host.spool, "fix-1/heard");
  const words = (await readFile(path, "latin1")).replace(/\S+\s*$/, "another-boot\n");
  await writeFile(path, words);
  const lock = await lockWhere(host, () => true);
  expect(lock.lease).toMatchObject({ restarted: true, lengthMs: 60_000 });
  expect(isLeaseOver(lock)).toBe(true);
});

test.each([
  ["no such file", 'rm "$SPOOL/fix-1/heard"'],
  ["half a line", 'printf 12 >"$SPOOL/fix-1/heard"'],
  ["another deadline in each place", 'printf "1 2 100 b\\n" >"$SPOOL/fix-1/heard"'],
])("a lease that can't be read (%s) counts as not known, never as over", async (_what, spoil) => {
  await using host = await ShellHost.start(dash);
  const guard = await host.open({ epoch: 1 });
  valueOf(await guard.claim({ holder, epoch: 1 }));
  host.sh(spoil);
  const lock = await lockWhere(host, () => true);
  expect(lock).toMatchObject({ rollout: "fix-1", lease: null });
  expect(isLeaseOver(lock)).toBe(false);
});

test("a lock behind which a command runs is at work, however long nobody was heard", async () => {
  await using host = await ShellHost.start(dash);
  const guard = await host.open({ epoch: 1 });
  valueOf(await guard.claim({ holder, leaseMs: 10, epoch: 1 }));
  const env = { GO: join(host.folder, "go") };
  const run = guard.run(runOrder({ script: 'until [ -e "$GO" ]; do sleep 0.05; done', env }));
  // Before that, the guard is busy with bringing it to its start.
  const runs = "command web01.1.1 still runs";
  const lock = await lockWhere(host, (it) => it.atWork === runs && it.lease!.silentMs > 50);
  expect(isLeaseOver(lock)).toBe(false);
  await writeFile(env.GO, "");
  valueOf(await run);
});

test("a runner says beside its lock why it is kept, and only its own", async () => {
  await using host = await ShellHost.start(dash);
  const guard = await host.open({ epoch: 1 });
  const why = "kept because web01 was left as it is";
  const refusal = valueOf(await guard.keep({ holder, epoch: 1, message: why }));
  expect(refusal).toMatchObject({ kind: "refused", failure: { code: "HOST_LOCKED" } });
  valueOf(await guard.claim({ holder, message, epoch: 1 }));
  const other = await host.open({ rollout: "fix-2", epoch: 1 });
  const theirs = valueOf(await other.keep({ holder: "x", epoch: 1, message: "mine" }));
  expect(theirs).toMatchObject({ kind: "refused", failure: { code: "HOST_LOCKED" } });
  expect(await lockWhere(host, () => true)).toMatchObject({ message });
  expect(valueOf(await guard.keep({ holder, epoch: 1, message: why }))).toEqual({ kind: "kept" });
  expect(await lockWhere(host, () => true)).toMatchObject({ holder, message: why });
});

test("a lock whose runner was heard within its lease is given up by nobody", async () => {
  await using host = await ShellHost.start(dash);
  const guard = await host.open({ epoch: 1 });
  valueOf(await guard.claim({ holder, epoch: 1 }));
  const someone = await host.open();
  const order = { keepUntil: null, byHand: "deploy@desk: lost" };
  expect(await someone.release(order)).toMatchObject({
    kind: "not-sent",
    failure: {
      code: "HOST_LOCKED",
      message: expect.stringMatching(
        /^rollout "fix-1" was heard on web01 \d+ s ago, and its lease is 60 s: /,
      ) as unknown,
    },
  });
  expect(await readFile(join(host.spool, ".lock"), "utf8")).toMatch(/^fix-1\n/);
});

test("a lock that was given back is not renewed by what comes late", async () => {
  await using host = await ShellHost.start(dash);
  const guard = await host.open({ epoch: 1 });
  valueOf(await guard.claim({ holder, epoch: 1 }));
  valueOf(await guard.release({ keepUntil: guard.facts.time + 3_600 }));
  valueOf(await guard.ask({ script: ":", env: {}, timeoutMs: 10_000, outputMax: 10 }));
  expect(host.sh('ls "$SPOOL/fix-1"')).not.toMatch(/heard|holder/);
  const look = valueOf(await guard.look({ paths: [] }));
  expect(look.lock).toBe(null);
});

test("what is written in a lock leads to no other folder", async () => {
  await using host = await ShellHost.start(dash);
  host.sh('mkdir -p "$SPOOL"; chmod 0700 "$SPOOL"; mkdir "$FOLDER/site/x"');
  host.sh('printf "someone\\nelsewhere\\n" >"$FOLDER/site/x/holder"');
  host.sh('printf "../../x\\nme\\n2026-01-01T00:00:00Z\\n" >"$SPOOL/.lock"');
  expect(await lockWhere(host, () => true)).toEqual({
    rollout: "../../x",
    holder: "me",
    since: "2026-01-01T00:00:00Z",
    message: "",
    lease: null,
    atWork: "",
  });
});

test("invariant 8: looking at a held host changes nothing on it, and renews no lease", async () => {
  await using host = await ShellHost.start(dash);
  const guard = await host.open({ epoch: 1 });
  valueOf(await guard.claim({ holder, message, epoch: 1 }));
  await guard[Symbol.asyncDispose]();
  const before = host.listing();
  await using passerBy = await host.open({ rollout: "locks", leaseMs: 60 });
  for (let looks = 0; looks < 3; looks += 1) await lockSeenBy(passerBy);
  await using sameName = await host.open({ leaseMs: 60 });
  await lockSeenBy(sameName);
  expect(host.listing()).toBe(before);
});

test.skipIf(!isRoot)(`a full disk keeps no lock from being renewed${rootOnly}`, async () => {
  await using host = await ShellHost.start(dash);
  await using spool = smallSpool(host, "size=1m");
  const guard = await host.open({ epoch: 1 });
  valueOf(await guard.claim({ holder, epoch: 1 }));
  host.sh(`cat /dev/zero >"${spool.path}/fill" 2>/dev/null || :`);
  const path = join(host.spool, "fix-1/heard");
  const before = await readFile(path, "latin1");
  host.sh("sleep 0.02");
  valueOf(await guard.ask({ script: ":", env: {}, timeoutMs: 10_000, outputMax: 10 }));
  const after = await readFile(path, "latin1");
  expect(after).not.toBe(before);
  expect(after).toHaveLength(before.length);
});
