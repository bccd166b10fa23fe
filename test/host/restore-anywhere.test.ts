import { lstatSync, realpathSync, statSync } from "node:fs";
import { link, mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { execFileSync } from "../support/bounded-process.ts";
import { mountedTree, stranger } from "./support/hostile-host.ts";
import { everything, fillNastily, portrait } from "./support/nasty-tree.ts";
import { allWell, restored, snapshot, stepEnded } from "./support/restoring.ts";
import { dash, isRoot, rootOnly, ShellHost, smallSpool, valueOf } from "./support/shell-hosts.ts";

test.skipIf(!isRoot)(
  `from a spool on another file system all of it comes back too${rootOnly}`,
  async () => {
    await using host = await ShellHost.start(dash);
    await using small = smallSpool(host, "size=64m");
    fillNastily(host);
    const guard = await host.open({ host: { spool: small.path } });
    await snapshot(guard, host.tree);
    const before = portrait(host.tree, everything);
    const around = host.sh('ls -A "$FOLDER/site" "$FOLDER"');
    host.sh("find . -mindepth 1 -delete");
    expect(await restored(guard, { path: host.tree, how: "deleted" })).toEqual(allWell(null));
    expect(portrait(host.tree, everything)).toEqual(before);
    expect(host.sh('ls -A "$FOLDER/site" "$FOLDER"')).toBe(around);
  },
);

test.skipIf(!isRoot)(
  `later versions are kept in a spool on another file system too${rootOnly}`,
  async () => {
    await using host = await ShellHost.start(dash);
    await using small = smallSpool(host, "size=64m");
    host.sh("echo old >a; echo old >was-file");
    const guard = await host.open({ host: { spool: small.path } });
    await snapshot(guard, host.tree);
    host.sh("rm was-file; echo step >a");
    await stepEnded(guard);
    host.sh("echo later >>a; mkdir -p was-file/deep; echo later >was-file/deep/x; chmod 0600 a");
    const result = await restored(guard, { path: host.tree, how: "exactly" }, "replace");
    expect(result).toMatchObject({ failed: [], conflicts: { total: 0 } });
    expect(result.setAside.paths).toContain(`${host.tree}/a`);
    expect(host.sh("cat a was-file")).toBe("old\nold\n");
    expect(host.sh('cd "$SPOOL/fix-1/aside"; find . -type f | sort | xargs cat')).toBe(
      "step\nlater\nlater\n",
    );
  },
);

test.skipIf(!isRoot)(
  `a disk that is full is told, and nothing that was there is lost${rootOnly}`,
  async () => {
    await using host = await ShellHost.start(dash);
    await using small = smallSpool(host, "size=6m");
    host.sh("mkdir d; head -c 1500000 /dev/urandom >d/big; echo old >text; echo old >gone");
    const guard = await host.open({ host: { spool: small.path } });
    await snapshot(guard, host.tree);
    const before = portrait(host.tree, everything);
    // The tree's own disk is full: what is unpacked has to lie on it.
    host.sh("rm -r d gone; echo new >text");
    host.sh('mkdir ../disk; mount -t tmpfs -o size=1m tmpfs "$FOLDER/site/disk"; cp -a . ../disk/');
    host.sh('mount --bind "$FOLDER/site/disk" "$PWD"');
    try {
      const now = portrait(host.tree, everything);
      const result = await restored(guard, { path: host.tree, how: "changed" });
      expect(result).toMatchObject({ restored: 0, failedTotal: 1 });
      expect(result.failed[0]?.message).toContain("no space is left");
      expect(portrait(host.tree, everything)).toEqual(now);
    } finally {
      host.sh('cd /; umount "$FOLDER/site/tree"; umount "$FOLDER/site/disk"');
    }
    expect(await restored(guard, { path: host.tree, how: "changed" })).toEqual(allWell(null));
    expect(portrait(host.tree, everything)).toEqual(before);
  },
);

test.skipIf(!isRoot)(
  `what another file system covers meanwhile is told, and not touched${rootOnly}`,
  async () => {
    await using host = await ShellHost.start(dash);
    host.sh("mkdir covered; echo old >covered/x; echo old >y");
    const guard = await host.open();
    await snapshot(guard, host.tree);
    host.sh('rm y; mount -t tmpfs tmpfs "$PWD/covered"; echo other >covered/z');
    try {
      const result = await restored(guard, { path: host.tree, how: "exactly" });
      expect(result).toMatchObject({ restored: 1, conflicts: { total: 0 } });
      expect(result.failed.map(({ message }) => message)).toContain(
        "another file system is mounted there",
      );
      expect(host.sh("ls -A covered; cat y")).toBe("z\nold\n");
    } finally {
      host.sh('umount "$PWD/covered"');
    }
  },
);

test.skipIf(!isRoot)(
  `a folder that is gone as a whole comes back where the file system is another user's${rootOnly}`,
  async () => {
    await using host = await ShellHost.start(dash);
    await using mounted = mountedTree(host);
    host.sh(`mkdir -p gone/deep; echo a >gone/a; echo b >gone/deep/b; chown -R ${stranger} .`);
    const guard = await host.open();
    await snapshot(guard, mounted.path);
    const before = portrait(host.tree, everything);
    host.sh("rm -r gone");
    expect(await restored(guard, { path: mounted.path, how: "exactly" })).toEqual(allWell(null));
    expect(portrait(host.tree, everything)).toEqual(before);
  },
);

test("what a guard that was killed had unpacked elsewhere is swept by the next one", async () => {
  await using host = await ShellHost.start(dash);
  host.sh("echo x >x");
  const guard = await host.open();
  await snapshot(guard, host.tree);
  host.sh(`mkdir -p "$FOLDER/site/.handrail.dead.0/x" "$SPOOL/fix-1/work.dead" "$FOLDER/site/mine"
    echo "1 1 another-boot" >"$SPOOL/fix-1/work.dead/owner"
    printf '%s' "$FOLDER/site/.handrail.dead.0" >"$SPOOL/fix-1/work.dead/elsewhere.0"
    printf '%s' "$FOLDER/site/mine" >"$SPOOL/fix-1/work.dead/elsewhere.1"`);
  await restored(guard, { path: host.tree, how: "deleted" });
  expect(host.sh('ls -A "$FOLDER/site" "$SPOOL/fix-1"')).not.toMatch(/dead/);
  expect(host.sh('ls -A "$FOLDER/site"')).toContain("mine");
});

test("whatever tree it is and whatever becomes of it, exactly that comes back", async () => {
  await using host = await ShellHost.start(dash);
  const guard = await host.open();
  const name = fc.constantFrom("a", "b", " c", "-d", "e\nf", "g'h", "*");
  const path = fc.array(name, { minLength: 1, maxLength: 3 });
  const entry = fc.record({
    path,
    kind: fc.constantFrom("file", "folder", "link", "second name", "fifo"),
    mode: fc.constantFrom("0644", "0600", "4755", "0711"),
    size: fc.nat(5_000),
    harm: fc.constantFrom("none", "gone", "link", "file", "folder", "mode", "filled"),
  });
  let round = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 24 }), async (entries) => {
      const tree = `${host.tree}/${round}`;
      const id = `random.${round++}`;
      await mkdir(tree);
      for (const it of entries) await plant(tree, it);
      const paths = [{ path: tree, content: true }];
      expect(valueOf(await guard.snapshot({ key: id, paths, reserveBytes: 0 })).kind).toBe(
        "complete",
      );
      const before = portrait(tree, everything);
      for (const it of entries) doHarm(join(tree, ...it.path), it.harm);
      const rules = [{ path: tree, how: "exactly" as const }];
      expect(valueOf(await guard.restore({ key: id, rules, later: "keep" }))).toEqual(
        allWell(null),
      );
      expect(portrait(tree, everything)).toEqual(before);
    }),
    { numRuns: 8, endOnFailure: true },
  );
});

interface Plant {
  readonly path: readonly string[];
  readonly kind: string;
  readonly mode: string;
  readonly size: number;
}

/** Makes one entry; where a random tree has something else in its place, that stays. */
async function plant(tree: string, it: Plant): Promise<void> {
  const path = join(tree, ...it.path);
  const made = await mkdir(dirname(path), { recursive: true }).then(
    () => true,
    () => false,
  );
  if (!made || lstatSync(path, { throwIfNoEntry: false }) !== undefined) return;
  const other = (await readdir(tree, { withFileTypes: true })).find((each) => each.isFile());
  if (it.kind === "folder") await mkdir(path);
  else if (it.kind === "link") await symlink(it.mode, path);
  else if (it.kind === "fifo") execFileSync("mkfifo", ["--", path]);
  else if (it.kind === "second name" && other !== undefined)
    await link(join(tree, other.name), path);
  else await writeFile(path, "x".repeat(it.size), { mode: Number.parseInt(it.mode, 8) });
}

/** What a step might do to it. */
function doHarm(path: string, harm: string): void {
  // What was harmed before may lead out of the tree by now.
  if (!isFolder(dirname(path))) return;
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there === undefined || harm === "none") return;
  if (harm === "mode") {
    if (!there.isSymbolicLink()) execFileSync("chmod", ["0755", "--", path]);
    return;
  }
  if (harm === "filled") {
    if (there.isDirectory()) execFileSync("mkdir", ["-p", "--", `${path}/new/deep`]);
    else if (there.isFile()) execFileSync("sh", ["-c", 'echo more >>"$1"', "sh", path]);
    return;
  }
  execFileSync("rm", ["-rf", "--", path]);
  if (harm === "link") execFileSync("ln", ["-s", "--", "/etc", path]);
  if (harm === "file") execFileSync("touch", ["--", path]);
  if (harm === "folder") execFileSync("mkdir", ["-p", "--", `${path}/new`]);
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory() && realpathSync(path) === path;
  } catch {
    // Something on the way to it is gone, or no folder any more.
    return false;
  }
}
