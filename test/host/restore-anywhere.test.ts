import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { lstatSync } from "node:fs";
import { link, mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { everything, fillNastily, portrait } from "./support/nasty-tree.ts";
import { changes, restored, snapshot, wayBack } from "./support/restoring.ts";
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
    const around = host.sh('ls -A "$FOLDER/site"');
    host.sh("find . -mindepth 1 -delete");
    expect(await restored(guard, wayBack(await changes(guard)))).toMatchObject({
      conflicts: [],
      failed: [],
    });
    expect(portrait(host.tree, everything)).toEqual(before);
    expect(host.sh('ls -A "$FOLDER/site"')).toBe(around);
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
  await changes(guard);
  expect(host.sh('ls -A "$FOLDER/site" "$SPOOL/fix-1"')).not.toMatch(/dead/);
  expect(host.sh('ls -A "$FOLDER/site"')).toContain("mine");
});

test("restores that race with someone who swaps a folder for a link write nothing outside", async () => {
  await using host = await ShellHost.start(dash);
  host.sh('mkdir sub; for n in 1 2 3 4 5; do echo "$n" >sub/$n; done; mkdir "$FOLDER/victim"');
  const guard = await host.open();
  await snapshot(guard, host.tree);
  const flipper = spawn("/bin/sh", [
    "-c",
    `cd "${host.tree}" && while :; do mv sub aside; ln -s "${host.folder}/victim" sub; rm sub; mv aside sub; done`,
  ]);
  try {
    let restores = 0;
    for (let round = 0; round < 25; round++) {
      host.sh('find . -name "[1-5]" -delete || true');
      const items = ["1", "2", "3", "4", "5"].map((name) => ({
        path: `${host.tree}/sub/${name}`,
        how: round % 2 === 0 ? ("create" as const) : ("replace" as const),
      }));
      restores += (await restored(guard, items)).restored;
    }
    expect(host.sh('ls -A "$FOLDER/victim"')).toBe("");
    expect(restores).toBeGreaterThan(0);
  } finally {
    flipper.kill("SIGKILL");
    await once(flipper, "exit");
  }
});

test("whatever tree it is and whatever part of it goes, the restore brings exactly that back", async () => {
  await using host = await ShellHost.start(dash);
  const guard = await host.open();
  const name = fc.constantFrom("a", "b", " c", "-d", "e\nf", "g'h", "*");
  const path = fc.array(name, { minLength: 1, maxLength: 3 });
  const entry = fc.record({
    path,
    kind: fc.constantFrom("file", "folder", "link", "second name", "fifo"),
    mode: fc.constantFrom("0644", "0600", "4755", "0711"),
    size: fc.nat(5_000),
    gone: fc.boolean(),
  });
  let round = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 12 }), async (entries) => {
      const tree = `${host.tree}/${round}`;
      const id = `random.${round++}`;
      await mkdir(tree);
      for (const it of entries) await plant(tree, it);
      const paths = [{ path: tree, content: true }];
      expect(valueOf(await guard.snapshot({ key: id, paths, reserveBytes: 0 })).kind).toBe(
        "complete",
      );
      const before = portrait(tree, everything);
      for (const it of entries)
        if (it.gone) execFileSync("rm", ["-rf", "--", join(tree, ...it.path)]);
      const seen = valueOf(await guard.compare({ key: id, changesMax: 1_000 }));
      const items = seen.kind === "compared" ? wayBack(seen.changes) : [];
      expect(valueOf(await guard.restore({ key: id, items }))).toMatchObject({
        conflicts: [],
        failed: [],
      });
      expect(ungrouped(portrait(tree, everything))).toEqual(ungrouped(before));
    }),
    { numRuns: 20 },
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

/** Of a group of names, those that stayed are one file and those that came back another. */
function ungrouped(picture: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(picture).filter(([name]) => !name.endsWith(" is")));
}
