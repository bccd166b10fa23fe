import { spawn } from "node:child_process";
import { describe, expect, test } from "vitest";
import type { RestoreRule } from "../../src/core/effects.ts";
import {
  asStranger,
  makeVictim,
  outside,
  outsideUnread,
  perlMissing,
  running,
  stranger,
  swapping,
} from "./support/hostile-host.ts";
import { keepNaively, naive, naiveSnapshot, runNaively } from "./support/naive-restore.ts";
import { key, restored, snapshot } from "./support/restoring.ts";
import {
  clock,
  isRoot,
  present,
  rootOnly,
  ShellHost,
  smallSpool,
  until,
  valueOf,
} from "./support/shell-hosts.ts";

// Temporary folders belong to everybody. Each attack here is first withstood by a restore, then made
// again on a restore as people write them by hand, which must be seen to go wrong.

/** How long a restore may take with an attack under way, on a machine that has other things to do. */
const restoreMaxMs = 20_000;

type Bite = "writes outside" | "hangs" | "fails" | ((host: ShellHost) => boolean);

interface Attack {
  readonly what: string;
  /** Run by root, in the tree, before it is given to the stranger. */
  readonly build: string;
  /** Rights that the stranger can't give away. */
  readonly rights?: string;
  /** Run by the stranger, unless `asRoot` says why it can't be. */
  readonly attack: string;
  readonly asRoot?: string;
  readonly how?: RestoreRule["how"];
  readonly naive: keyof typeof naive;
  readonly bites: Bite;
  /** What stands in the tree afterwards: a script, and what it prints. */
  readonly then: readonly [string, string];
}

const attacks: readonly Attack[] = [
  {
    what: "a folder that became a link out of the tree",
    build: "mkdir sub; echo good >sub/open; echo good >sub/new",
    attack: 'rm -r sub; ln -s "$FOLDER/victim" sub',
    naive: "unpackNamed",
    bites: "writes outside",
    then: ["cat sub/open sub/new; test ! -L sub", "good\ngood\n"],
  },
  {
    what: "a folder far above that became a link out of the tree",
    build: "mkdir -p a/folder; echo good >a/folder/in; echo good >a/folder/new",
    attack: 'mv a mine; ln -s "$FOLDER/victim" a',
    naive: "unpackNamed",
    bites: "writes outside",
    then: ["cat a/folder/in a/folder/new", "good\ngood\n"],
  },
  {
    what: "a file that became a link out of the tree",
    build: "echo good >file",
    attack: 'ln -sf "$FOLDER/victim/open" file',
    naive: "copyOver",
    bites: "writes outside",
    then: ["cat file; test ! -L file", "good\n"],
  },
  {
    what: "a file that became a second name of one outside",
    build: "echo good >file; chmod 0666 file",
    attack: 'ln -f "$FOLDER/victim/open" file',
    asRoot: "hosts may let nobody else make such names",
    naive: "writeOver",
    bites: "writes outside",
    then: ["cat file; stat -c '%a %h' file", "good\n666 1\n"],
  },
  {
    what: "a file with other rights that became a second name of one outside",
    build: "echo public >file; chmod 0666 file",
    attack: 'ln -f "$FOLDER/victim/open" file',
    asRoot: "hosts may let nobody else make such names",
    naive: "onlyRights",
    bites: "writes outside",
    then: ["cat file; stat -c '%a %u' file", `public\n666 ${stranger}\n`],
  },
  {
    what: "the protected path itself that became a link",
    build: "echo good >open; echo good >new",
    attack: 'cd ..; rm -r tree; ln -s "$FOLDER/victim" tree',
    asRoot: "the folder above belongs to root",
    naive: "unpackNamed",
    bites: "writes outside",
    then: ["cat open new; test ! -L ../tree", "good\ngood\n"],
  },
  {
    what: "a file that became a device",
    build: "echo good >file",
    attack: "rm file; mknod file c 1 7",
    asRoot: "only root makes devices",
    naive: "copyOver",
    bites: "fails",
    then: ["cat file; test -f file", "good\n"],
  },
  {
    what: "a file that became a fifo, which blocks whoever opens it",
    build: "echo good >file",
    attack: "rm file; mkfifo file",
    naive: "copyOver",
    bites: "hangs",
    then: ["cat file; test -f file", "good\n"],
  },
  {
    what: "a folder that became a file",
    build: "mkdir sub; echo good >sub/in",
    attack: "rm -r sub; echo mine >sub",
    naive: "copyOver",
    bites: "fails",
    then: ["cat sub/in", "good\n"],
  },
  {
    what: "a file that became a full folder",
    build: "echo good >file",
    attack: "rm file; mkdir -p file/sub; echo mine >file/sub/in",
    naive: "copyOver",
    bites: "fails",
    then: ["cat file", "good\n"],
  },
  {
    what: "a file of root's with setuid, of which the stranger holds a second name",
    build: "echo '#!/bin/true' >tool",
    rights: "chown 0:0 tool; chmod 4755 tool",
    attack: "rm -f tool mine; echo mine >tool; ln tool mine",
    how: "changed",
    naive: "writeOver",
    bites: (host) => host.sh("stat -c '%a %u' mine") === "4755 0\n",
    then: ["stat -c '%a %u' tool mine", `4755 0\n644 ${stranger}\n`],
  },
];

// bash and dash differ in nothing that matters here.
const shells = present.filter(({ name }) => name !== "bash");

describe.skipIf(!isRoot).each(shells)(`with $name${rootOnly}`, (userland) => {
  test.each(attacks)("$what", async (attack) => {
    await using host = await ShellHost.start(userland);
    host.sh(attack.build);
    makeVictim(host);
    host.sh(attack.rights ?? ":");
    keepNaively(host);
    const guard = await host.open({ host: { spool: `${host.folder}/spool` } });
    await snapshot(guard, host.tree);
    const strike = () =>
      attack.asRoot === undefined ? asStranger(host, attack.attack) : host.sh(attack.attack);
    strike();
    const before = outside(host);
    const begun = clock.now();
    const how = attack.how ?? "exactly";
    const result = await restored(guard, { path: host.tree, how });
    expect(clock.now() - begun).toBeLessThan(restoreMaxMs);
    expect(outside(host)).toBe(before);
    expect(result).toMatchObject({ failed: [], conflicts: { total: 0 } });
    expect(host.sh(attack.then[0])).toBe(attack.then[1]);
    // The same on a restore that trusts what it finds.
    strike();
    const ran = runNaively(host, naive[attack.naive]);
    if (attack.bites === "hangs") expect(ran.hung).toBe(true);
    else if (attack.bites === "fails") expect(ran).toMatchObject({ hung: false, status: 1 });
    else if (attack.bites === "writes outside") expect(outside(host)).not.toBe(before);
    else expect(attack.bites(host)).toBe(true);
  });

  test("folders above the protected path that became a link are not gone through", async () => {
    await using host = await ShellHost.start(userland);
    host.sh("echo good >new");
    makeVictim(host);
    keepNaively(host);
    const guard = await host.open({ host: { spool: `${host.folder}/spool` } });
    await snapshot(guard, host.tree);
    host.sh(
      'mkdir "$FOLDER/victim/tree"; mv "$FOLDER/site" "$FOLDER/moved"; ln -s victim "$FOLDER/site"',
    );
    const before = outside(host);
    const result = await restored(guard, { path: host.tree, how: "exactly" });
    expect(result).toMatchObject({ restored: 0, failedTotal: 2, conflicts: { total: 0 } });
    expect(outside(host)).toBe(before);
    runNaively(host, naive.unpackNamed);
    expect(outside(host)).not.toBe(before);
  });

  test.skipIf(perlMissing !== "").each([
    {
      what: "a folder for a link",
      name: "sub",
      perl: "symlink($out, $n)",
      naive: "lookThenCopy",
      hangs: false,
    },
    {
      what: "a file for a link",
      name: "sub/open",
      perl: 'symlink("$out/open", $n)',
      naive: "lookThenCopy",
      hangs: false,
    },
    {
      what: "a file for a fifo",
      name: "sub/open",
      perl: "POSIX::mkfifo($n, 0600)",
      naive: "lookThenCopy",
      hangs: true,
    },
  ] as const)(`someone who swaps $what all the time${perlMissing}`, async (race) => {
    await using host = await ShellHost.start(userland);
    host.sh("mkdir sub; for n in open closed new; do echo good >sub/$n; done");
    makeVictim(host);
    keepNaively(host);
    const guard = await host.open({ host: { spool: `${host.folder}/spool` } });
    await snapshot(guard, host.tree);
    const before = outside(host);
    let back = 0;
    {
      await using _swapper = swapping(host, race);
      for (let round = 0; round < 4; round++) {
        host.sh(
          "find . -name new -delete || true; find . -name closed -exec chmod 0600 {} + || true",
        );
        const how = round % 2 === 0 ? "exactly" : "changed";
        back += (await restored(guard, { path: host.tree, how })).restored;
        expect(outside(host)).toBe(before);
      }
    }
    expect(back).toBeGreaterThan(0);
    await using _swapper = swapping(host, race);
    let bitten = false;
    for (let round = 0; round < 500 && !bitten; round++) {
      const ran = runNaively(host, naive[race.naive]);
      bitten = race.hangs ? ran.hung : outside(host) !== before;
    }
    expect(bitten).toBe(true);
  });

  test.skipIf(perlMissing !== "")(
    `a stage that has to lie among a stranger's files is not taken for another${perlMissing}`,
    async () => {
      await using host = await ShellHost.start(userland);
      await using small = smallSpool(host, "size=16m");
      await using mounted = mountedTree(host);
      host.sh("mkdir sub; for n in open closed new; do echo good >sub/$n; done");
      makeVictim(host);
      host.sh(`mkdir fake fake/sub; for n in open closed new; do ln -s "$FOLDER/victim/$n" fake/sub/$n; done
        mkdir -p fake/in/tree; ln -s "$FOLDER/victim" fake/in/tree/sub; ln -s "$FOLDER/victim" fake/hold.1
        chown -hR ${stranger}:${stranger} .`);
      keepNaively(host);
      const guard = await host.open({ host: { spool: small.path } });
      await snapshot(guard, mounted.path);
      const before = outside(host);
      // The stranger puts a folder in the place of every stage that comes up.
      const thief = () =>
        running(
          spawn(
            "perl",
            [
              "-e",
              `my $k = 0; while (1) { for my $s (glob(".handrail.* .stage")) {
                 next if -e "$s.fake"; $k++;
                 rename($s, "away.$k") and system("cp", "-a", "fake", $s); } }`,
            ],
            { cwd: mounted.path, stdio: "ignore", uid: stranger, gid: stranger },
          ),
        );
      {
        await using _thief = thief();
        for (let round = 0; round < 3; round++) {
          host.sh("rm -rf sub/new sub/open; chmod 0600 sub/closed");
          await restored(guard, { path: mounted.path, how: "changed" });
          expect(outside(host)).toBe(before);
          expect(host.sh("find sub -type l")).toBe("");
          expect(host.sh("cat sub/* 2>/dev/null || true")).not.toMatch(/SECRET|public/);
        }
      }
      host.sh("rm -rf away.* .handrail.*");
      host.sh("rm -f sub/new sub/open");
      expect(await restored(guard, { path: mounted.path, how: "changed" })).toMatchObject({
        failed: [],
        conflicts: { total: 0 },
      });
      expect(host.sh("cat sub/*; ls -A")).toBe("good\ngood\ngood\nfake\nsub\n");
      await using _thief = thief();
      let bitten = false;
      for (let round = 0; round < 100 && !bitten; round++) {
        runNaively(host, naive.stageInside);
        bitten = host.sh("find sub -type l") !== "";
      }
      expect(bitten).toBe(true);
    },
  );

  test.skipIf(perlMissing !== "")(
    `a snapshot of a tree whose folders are swapped for links holds nothing from outside${perlMissing}`,
    async () => {
      await using host = await ShellHost.start(userland);
      host.sh("mkdir sub; for n in open closed new; do echo good >sub/$n; done");
      makeVictim(host);
      // cp(1) of BusyBox goes by paths: what it was led to is found out afterwards, and dropped.
      const look = userland.name === "busybox" ? outsideUnread : outside;
      const before = look(host);
      const guard = await host.open({ host: { spool: `${host.folder}/spool` } });
      await using _swapper = swapping(host, { name: "sub", perl: "symlink($out, $n)" });
      for (let round = 0; round < 4; round++) {
        const paths = [{ path: host.tree, content: true }];
        const order = { key: `${key}.${round}`, paths, reserveBytes: 0 };
        valueOf(await guard.snapshot(order));
        expect(look(host)).toBe(before);
      }
      expect(host.sh('grep -rlaF SECRET "$FOLDER/spool" || true')).toBe("");
      const secret = 'grep -laF SECRET "$FOLDER/naive/all.tar" 2>/dev/null || true';
      const reads = () => (runNaively(host, naiveSnapshot.archiveNamed), host.sh(secret));
      await until("the naive snapshot holds a secret", () => reads() !== "");
    },
  );

  test("a snapshot does not wait for a fifo, nor read a device without end", async () => {
    await using host = await ShellHost.start(userland);
    host.sh("echo good >file; mkfifo fifo; mknod zero c 1 5");
    makeVictim(host);
    const guard = await host.open({ host: { spool: `${host.folder}/spool` } });
    await snapshot(guard, host.tree);
    host.sh("rm fifo zero file");
    expect(await restored(guard, { path: host.tree, how: "deleted" })).toMatchObject({
      restored: 3,
      failed: [],
    });
    expect(host.sh("stat -c '%F %t %T' fifo zero; cat file")).toBe(
      "fifo 0 0\ncharacter special file 1 5\ngood\n",
    );
    expect(runNaively(host, naiveSnapshot.copyContent).hung).toBe(true);
  });

  test("files that vanish while they are read are no trouble", async () => {
    await using host = await ShellHost.start(userland);
    host.sh("for n in 1 2 3 4 5 6; do head -c 300000 /dev/zero >stays.$n; done");
    makeVictim(host);
    const guard = await host.open({ host: { spool: `${host.folder}/spool` } });
    const churner = () =>
      running(
        spawn(
          "/bin/sh",
          [
            "-c",
            "while :; do for n in 1 2 3 4 5 6 7 8; do mkdir -p d$n; echo x >d$n/f; done; rm -rf d1 d2 d3 d4 d5 d6 d7 d8; done 2>/dev/null",
          ],
          { cwd: host.tree, stdio: "ignore", uid: stranger, gid: stranger },
        ),
      );
    await using _churner = churner();
    const kinds = new Set<string>();
    for (let round = 0; round < 3; round++) {
      const paths = [{ path: host.tree, content: true }];
      const order = { key: `${key}.${round}`, paths, reserveBytes: 0 };
      const taken = valueOf(await guard.snapshot(order));
      // Copied by paths, an entry may be another one each time: then no snapshot is claimed.
      if (taken.kind === "refused") expect(taken.failure.code).toBe("SNAPSHOT_UNPROVEN");
      kinds.add(taken.kind);
    }
    expect([...kinds]).toEqual(userland.name === "busybox" ? expect.anything() : ["complete"]);
    const fails = () => {
      host.sh('rm -rf "$FOLDER/naive"');
      return runNaively(host, naiveSnapshot.copyAll, 10_000).status !== 0;
    };
    await until("the naive snapshot fails", fails);
  });
});

/** The tree on a file system of its own, which belongs to the stranger down from its root. */
function mountedTree(host: ShellHost): AsyncDisposable & { readonly path: string } {
  host.sh(`mount -t tmpfs -o size=16m,mode=0755,uid=${stranger},gid=${stranger} tmpfs "$PWD"`);
  return {
    path: host.tree,
    async [Symbol.asyncDispose]() {
      host.sh('cd /; umount -l "$FOLDER/site/tree"');
    },
  };
}
