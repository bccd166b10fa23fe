import { spawn } from "node:child_process";
import { expect, test } from "vitest";
import {
  canReadUnled,
  during,
  makeVictim,
  mountedTree,
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
  describeWithShells,
  ShellHost,
  smallSpool,
  until,
  valueOf,
} from "./support/shell-hosts.ts";
import { isLong } from "../support/long-suite.ts";

// Attacks by somebody who is at work at the same moment; see hostile.test.ts for the others.

/** Restores against somebody who swaps a folder, of which up to two in three give up. */
const roundsMax = 40;

describeWithShells({ asRoot: true }, (userland) => {
  const races = [
    {
      what: "a folder for a link",
      name: "sub",
      perl: "symlink($out, $n)",
      naive: "unpackNamed",
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
  ] as const;
  const soon = isLong ? races : races.slice(0, 1);

  test.skipIf(perlMissing !== "").each(soon)(
    `someone who swaps $what all the time${perlMissing}`,
    async (race) => {
      await using host = await ShellHost.start(userland);
      host.sh("mkdir sub; for n in open closed new; do echo good >sub/$n; done");
      makeVictim(host);
      keepNaively(host);
      const guard = await host.open({ host: { spool: `${host.folder}/spool` } });
      await snapshot(guard, host.tree);
      const before = outside(host);
      let back = 0;
      await during(swapping(host, race), async () => {
        // A link that stands there when it comes to it is somebody's: it stays, and the restore says so. So
        // each one may give up, but not all of them.
        for (let round = 0; round < 4 || (back === 0 && round < roundsMax); round++) {
          host.sh(
            "find . -name new -delete || true; find . -name closed -exec chmod 0600 {} + || true",
          );
          const how = round % 2 === 0 ? "exactly" : "changed";
          back += (await restored(guard, { path: host.tree, how })).restored;
          expect(outside(host)).toBe(before);
        }
      });
      expect(back).toBeGreaterThan(0);
      const bites = () => {
        const ran = runNaively(host, naive[race.naive]);
        return race.hangs ? ran.hung : outside(host) !== before;
      };
      await during(swapping(host, race), () => until("the naive restore goes wrong", bites));
    },
  );

  test.skipIf(perlMissing !== "")(
    `a stage that has to lie among a stranger's files is not taken for another${perlMissing}`,
    async () => {
      await using host = await ShellHost.start(userland);
      await using small = smallSpool(host, "size=64m");
      await using mounted = mountedTree(host);
      host.sh("mkdir sub; for n in open closed new; do echo good >sub/$n; done");
      // Something that takes its time to be unpacked.
      host.sh("head -c 8000000 /dev/zero >large");
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
               $k++; select(undef, undef, undef, rand(0.15));
               rename($s, "away.$k") and system("cp", "-a", "fake", $s) == 0 and sleep(1); } }`,
            ],
            { cwd: mounted.path, stdio: "ignore", uid: stranger, gid: stranger },
          ),
        );
      await during(thief(), async () => {
        for (let round = 0; round < 6; round++) {
          host.sh("rm -rf sub/new sub/open; chmod 0600 sub/closed; touch large");
          await restored(guard, { path: mounted.path, how: "changed" });
          expect(outside(host)).toBe(before);
          expect(host.sh("find sub -type l")).toBe("");
          expect(host.sh("cat sub/* 2>/dev/null || true")).not.toMatch(/SECRET|public/);
        }
      });
      host.sh("rm -rf away.* .handrail.*");
      host.sh("rm -f sub/new sub/open");
      expect(await restored(guard, { path: mounted.path, how: "changed" })).toMatchObject({
        failed: [],
        conflicts: { total: 0 },
      });
      expect(host.sh("cat sub/*; ls -A")).toBe("good\ngood\ngood\nfake\nlarge\nsub\n");
      const bites = () => (runNaively(host, naive.stageInside), host.sh("find sub -type l") !== "");
      await during(thief(), () => until("the naive restore links what it should not", bites));
    },
  );

  test.skipIf(perlMissing !== "")(
    `a snapshot of a tree whose folders are swapped for links holds nothing from outside${perlMissing}`,
    async () => {
      await using host = await ShellHost.start(userland);
      host.sh("mkdir sub; for n in open closed new; do echo good >sub/$n; done");
      makeVictim(host);
      // Else what was read by paths is found out afterwards, and dropped.
      const look = canReadUnled ? outside : outsideUnread;
      const before = look(host);
      const guard = await host.open({ host: { spool: `${host.folder}/spool` } });
      const secret = 'grep -laF SECRET "$FOLDER/naive/all.tar" 2>/dev/null || true';
      const reads = () => (runNaively(host, naiveSnapshot.archiveNamed), host.sh(secret));
      await during(swapping(host, { name: "sub", perl: "symlink($out, $n)" }), async () => {
        for (let round = 0; round < 4; round++) {
          const paths = [{ path: host.tree, content: true }];
          const order = { key: `${key}.${round}`, paths, reserveBytes: 0 };
          valueOf(await guard.snapshot(order));
          expect(look(host)).toBe(before);
        }
        expect(host.sh('grep -rlaF SECRET "$FOLDER/spool" || true')).toBe("");
        await until("the naive snapshot holds a secret", () => reads() !== "");
      });
    },
  );

  test("files that vanish while they are read are no trouble", async () => {
    await using host = await ShellHost.start(userland);
    host.sh("for n in 1 2 3 4 5 6; do head -c 300000 /dev/zero >stays.$n; done");
    makeVictim(host);
    const guard = await host.open({ host: { spool: `${host.folder}/spool` } });
    const churner = spawn(
      "/bin/sh",
      [
        "-c",
        "while :; do for n in 1 2 3 4 5 6 7 8; do mkdir -p d$n; echo x >d$n/f; done; rm -rf d1 d2 d3 d4 d5 d6 d7 d8; done 2>/dev/null",
      ],
      { cwd: host.tree, stdio: "ignore", uid: stranger, gid: stranger },
    );
    const seen = new Set<string>();
    const fails = () => {
      host.sh('rm -rf "$FOLDER/naive"');
      return runNaively(host, naiveSnapshot.copyAll, 10_000).status !== 0;
    };
    await during(running(churner), async () => {
      for (let round = 0; round < 3; round++) {
        const paths = [{ path: host.tree, content: true }];
        const order = { key: `${key}.${round}`, paths, reserveBytes: 0 };
        const taken = valueOf(await guard.snapshot(order));
        seen.add(taken.kind === "refused" ? taken.failure.code : taken.kind);
      }
      await until("the naive snapshot fails", fails);
    });
    // Copied by paths, an entry may be another one each time: then no snapshot is claimed.
    if (userland.name === "busybox") seen.delete("SNAPSHOT_UNPROVEN");
    expect([...seen].filter((kind) => kind !== "complete")).toEqual([]);
  });
});
