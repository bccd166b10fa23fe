import { symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { isLeaseOver } from "../../src/core/lock-words.ts";
import type { Guard, HostLook } from "../../src/ports/guard.ts";
import { execFileSync } from "../support/bounded-process.ts";
import { programPath } from "../support/parts.ts";
import {
  dash,
  describeWithShells,
  isRoot,
  present,
  rootOnly,
  runOrder,
  ShellHost,
  smallSpool,
  until,
  valueOf,
} from "./support/shell-hosts.ts";

const nobody = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] as const;
const busybox = present.find(({ name }) => name === "busybox");
const noBusybox = busybox === undefined ? " (skipped, because busybox is not installed)" : "";
const noAttributes =
  programPath("setfattr") === null || programPath("setfacl") === null
    ? " (skipped, because setfattr or setfacl is not installed)"
    : "";

async function lookAt(guard: Guard, ...paths: readonly string[]): Promise<HostLook> {
  return valueOf(await guard.look({ paths: paths.map((path) => ({ path, content: true })) }));
}

/** Looks until nobody who holds the host was heard for as long as the lease is. */
async function leaseOver(guard: Guard): Promise<void> {
  for (let looks = 0; looks < 400; looks += 1) {
    const { lock } = await lookAt(guard);
    if (lock !== null && isLeaseOver(lock)) return;
  }
  throw new Error("its lease was never over");
}

describeWithShells((userland) => {
  test("a look counts entries and bytes, and writes nothing anywhere", async () => {
    await using host = await ShellHost.start(userland);
    host.sh("printf 12345 >a; mkdir d; printf 678 >d/-b; ln -s a l; touch \"$(printf 'x\\ny')\"");
    const before = host.listing();
    const look = await lookAt(await host.open(), host.tree, `${host.tree}/none`, `${host.tree}/a`);
    expect(look.lock).toBeNull();
    expect(look.trees).toEqual([
      { path: host.tree, exists: true, entries: 6, bytes: 8, losses: [] },
      { path: `${host.tree}/none`, exists: false, entries: 0, bytes: 0, losses: [] },
      { path: `${host.tree}/a`, exists: true, entries: 1, bytes: 5, losses: [] },
    ]);
    expect(look.spool).toMatchObject({ exists: false, fault: "" });
    expect(look.spool.freeBytes).toBeGreaterThan(0);
    expect(host.listing()).toBe(before);
  });

  test("a look says who has the host, also to another rollout, and takes no lock itself", async () => {
    await using host = await ShellHost.start(userland);
    const guard = await host.open();
    valueOf(await guard.claim({ holder: "deploy@laptop, pid 1", epoch: 1 }));
    const before = host.listing();
    const look = await lookAt(await host.open({ rollout: "doctor" }), host.tree);
    expect(look.lock).toMatchObject({ rollout: "fix-1", holder: "deploy@laptop, pid 1" });
    expect(look.lock?.since).toMatch(/^2\d{3}-.*Z$/);
    expect(look.spool).toMatchObject({ exists: true, fault: "" });
    expect(host.listing()).toBe(before);
    valueOf(await guard.release({ keepUntil: null }));
    expect((await lookAt(guard, host.tree)).lock).toBeNull();
  });

  test("a tree that can't be snapshotted says why, and the others are told all the same", async () => {
    await using host = await ShellHost.start(userland);
    host.sh("mkdir -p real/in; ln -s real link; echo x >f");
    const guard = await host.open();
    const { trees } = await lookAt(
      guard,
      `${host.tree}/link`,
      `${host.tree}/link/in`,
      `${host.folder}/site`,
      `${host.tree}/../tree`,
      `${host.tree}/f`,
    );
    expect(trees.map(({ fault }) => fault?.code)).toEqual([
      "SNAPSHOT_REFUSED",
      "SNAPSHOT_REFUSED",
      "SPOOL_UNUSABLE",
      "SNAPSHOT_REFUSED",
      undefined,
    ]);
    expect(trees[0]?.fault?.message).toContain('is a symbolic link to "real"');
    expect(trees[1]?.fault?.message).toContain("passes through");
    expect(trees[4]).toMatchObject({ entries: 1, bytes: 2 });
  });

  test("sockets are told as what can't be kept", async () => {
    await using host = await ShellHost.start(userland);
    const server = createServer().listen(`${host.tree}/s`);
    await until("the socket", () => server.listening);
    const { trees } = await lookAt(await host.open(), host.tree);
    server.close();
    expect(trees[0]).toMatchObject({ entries: 2, losses: ["1 socket"] });
  });

  test("a spool that others may write to, or behind a link, is told and its lock is not believed", async () => {
    await using host = await ShellHost.start(userland);
    const guard = await host.open();
    valueOf(await guard.claim({ holder: "deploy@laptop", epoch: 1 }));
    host.sh('chmod 0777 "$SPOOL"');
    const open = await lookAt(guard, host.tree);
    expect(open.spool.fault).toBe("users other than its owner may write to it");
    expect(open.lock).toBeNull();
    host.sh('chmod 0700 "$SPOOL"; cd ..; ln -s made linked');
    const through = await host.open({ host: { spool: `${host.folder}/site/linked/spool` } });
    expect((await lookAt(through, host.tree)).spool.fault).toContain("a link is on the way to it");
    const beyond = await host.open({ host: { spool: `${host.folder}/site/linked/more/spool` } });
    expect((await lookAt(beyond, host.tree)).spool).toMatchObject({ exists: false });
    expect((await lookAt(beyond, host.tree)).spool.fault).toContain("it can't be made");
  });

  test.skipIf(!isRoot)(
    `space and inodes are those of where the spool is, and mounts below are told${rootOnly}`,
    async () => {
      await using host = await ShellHost.start(userland);
      const mounted = `${host.tree}/a b\\c/in`;
      host.sh("mkdir -p 'a b\\c/in'");
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", mounted]);
      try {
        await using spool = smallSpool(host, "size=8m,nr_inodes=100");
        expect(spool.path).toBe(host.spool);
        const look = await lookAt(await host.open(), `${host.tree}/a b\\c`);
        expect(look.spool.freeBytes).toBe(8 * 1024 * 1024);
        expect(look.spool.freeInodes).toBe(99);
        expect(look.trees[0]?.losses).toEqual(["1 file system mounted below"]);
      } finally {
        execFileSync("umount", ["-l", mounted]);
      }
    },
  );

  test.skipIf(!isRoot)(
    `as a plain user, what it may not read or write is told before anything is tried${rootOnly}`,
    async () => {
      await using host = await ShellHost.start(userland);
      host.sh(
        'chmod 0755 "$FOLDER" "$FOLDER/site"; mkdir d; echo x >d/secret; chmod 0600 d/secret',
      );
      const guard = await host.open({ login: [...nobody, `${host.folder}/bin/sh`] });
      const refused = await lookAt(guard, host.tree);
      expect(refused.spool.fault).toBe(
        `it can't be made: nobody may not write to "${host.folder}/site"`,
      );
      expect(refused.trees[0]?.fault).toMatchObject({
        code: "SNAPSHOT_UNREADABLE",
        path: `${host.tree}/d/secret`,
      });
      host.sh("chmod 0644 d/secret");
      const readable = await lookAt(guard, host.tree);
      expect(readable.trees[0]).toMatchObject({
        entries: 3,
        losses: ["3 entries that belong to other users"],
      });
      host.sh('mkdir -p "$SPOOL"; chmod 0700 "$SPOOL"');
      host.sh('chmod 0755 "$FOLDER/site/made"');
      expect((await lookAt(guard, host.tree)).spool.fault).toBe(
        "it belongs to another user than nobody",
      );
    },
  );

  test("a lock is given up by hand for the rollout that holds it, and for no other", async () => {
    await using host = await ShellHost.start(userland);
    const guard = await host.open();
    const asHand = {
      keepUntil: guard.facts.time + 3_600,
      byHand: "deploy@desk: its state folder is lost",
    } as const;
    expect(await guard.release(asHand)).toMatchObject({
      kind: "not-sent",
      failure: {
        code: "HOST_LOCKED",
        message: 'web01 is not held by rollout "fix-1", or by any other',
      },
    });
    valueOf(await guard.claim({ holder: "deploy@laptop", epoch: 1, leaseMs: 10 }));
    const other = await host.open({ rollout: "fix-2" });
    const refused = await other.release(asHand);
    expect(refused).toMatchObject({ kind: "not-sent", failure: { code: "HOST_LOCKED" } });
    expect(JSON.stringify(refused)).toContain('held by rollout \\"fix-1\\" (deploy@laptop)');
    const someone = await host.open();
    await leaseOver(someone);
    expect(valueOf(await someone.release(asHand))).toEqual({ left: 1 });
    expect((await lookAt(other, host.tree)).lock).toBeNull();
    expect(host.sh('ls "$SPOOL"')).toBe("fix-1\n");
    expect(host.sh('cat "$SPOOL/fix-1/given-up"')).toMatch(
      /^2\S+Z deploy@desk: its state folder is lost\n$/,
    );
  });

  test("a lock is not given up while a dead-man switch of its rollout is armed", async () => {
    await using host = await ShellHost.start(userland);
    const guard = await host.open({ epoch: 1 });
    valueOf(await guard.claim({ holder: "deploy@laptop", epoch: 1, leaseMs: 10 }));
    const key = "web01.1";
    const paths = [{ path: host.tree, content: true }];
    valueOf(await guard.snapshot({ key, paths, reserveBytes: 0 }));
    const order = {
      key,
      receipt: "web01.1.1",
      leaseMs: 60_000,
      rules: [],
      undo: null,
      recover: [],
    };
    expect(valueOf(await guard.arm(order))).toEqual({ kind: "armed" });
    const asHand = { keepUntil: null, byHand: "deploy@desk: lost" };
    const someone = await host.open();
    expect(JSON.stringify(await someone.release(asHand))).toContain(
      "the dead-man switch of web01.1 is armed",
    );
    expect(valueOf(await guard.disarm({ key }))).toEqual({ kind: "disarmed" });
    await leaseOver(someone);
    expect(valueOf(await someone.release(asHand))).toEqual({ left: 0 });
  });

  test("a lock is not given up while a command of its rollout runs", async () => {
    await using host = await ShellHost.start(userland);
    const guard = await host.open();
    valueOf(await guard.claim({ holder: "deploy@laptop", epoch: 1, leaseMs: 10 }));
    const script = `cd "${host.tree}"; : >began; while [ -e began ]; do sleep 0.1; done`;
    const running = guard.run(runOrder({ script }));
    await until("the command", () => host.sh("ls").includes("began"));
    const someone = await host.open();
    const asHand = { keepUntil: null, byHand: "deploy@desk: its state folder is lost" } as const;
    expect(await someone.release(asHand)).toMatchObject({
      failure: { message: 'rollout "fix-1" is at work on web01: command web01.1.1 still runs' },
    });
    expect((await lookAt(someone)).lock).toMatchObject({ rollout: "fix-1" });
    host.sh("rm began");
    valueOf(await running);
    await leaseOver(someone);
    expect(valueOf(await someone.release(asHand))).toEqual({ left: 0 });
  });
});

test("a tree without end is counted up to a bound, and told to be larger", async () => {
  await using host = await ShellHost.start(dash);
  const find = `#!/bin/sh
case $* in *-maxdepth*) exec /usr/bin/find "$@" ;; esac
exec yes "f 1 8 0 ./x" | tr "\\n" "\\0"`;
  writeFileSync(`${host.folder}/bin/find`, find, { mode: 0o755 });
  const [tree] = (await lookAt(await host.open(), host.tree)).trees;
  expect(tree).toMatchObject({ entries: 1_000_000, bytes: 1_000_000, unfinished: true });
});

test.skipIf(busybox === undefined)(
  `holes, and paths that a copy could not have in the spool, are told where tar keeps neither${noBusybox}`,
  async () => {
    await using host = await ShellHost.start(busybox);
    host.sh(`truncate -s 50M sparse; echo x >small
      part=$(printf '%0200d' 7); i=0
      while [ $i -lt 20 ]; do mkdir $part; cd $part; i=$((i + 1)); done`);
    const { trees } = await lookAt(await host.open(), host.tree);
    expect(trees[0]?.bytes).toBe(2);
    expect(trees[0]?.losses).toEqual([
      "1 sparse file, which would be filled",
      expect.stringMatching(/^[12] paths? too long for a copy$/),
    ]);
  },
);

test.skipIf(busybox === undefined || noAttributes !== "")(
  `lists and attributes that archives here can't hold are counted where there are tools to tell${noAttributes}${noBusybox}`,
  async () => {
    await using host = await ShellHost.start(busybox);
    for (const name of ["getfacl", "getfattr"])
      symlinkSync(programPath(name)!, `${host.folder}/bin/${name}`);
    host.sh(
      "echo x >a; echo y >b; setfacl -m u:daemon:r a b; setfattr -n user.x -v 1 b; ln -s a l",
    );
    const { trees } = await lookAt(await host.open(), host.tree);
    expect(trees[0]?.losses).toEqual([
      "2 files with access control lists",
      "1 file with extended attributes or capabilities",
    ]);
    await using whole = await ShellHost.start(dash);
    whole.sh("echo x >a; setfacl -m u:daemon:r a; setfattr -n user.x -v 1 a");
    expect((await lookAt(await whole.open(), whole.tree)).trees[0]?.losses).toEqual([]);
  },
);
