import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import {
  attributesMissing,
  everything,
  fillNastily,
  fillWithAttributes,
  portrait,
  withBusybox,
} from "./support/nasty-tree.ts";
import { allWell, key, restored, type Restored, snapshot, stepEnded } from "./support/restoring.ts";
import {
  clock,
  dash,
  describeWithShells,
  ShellHost,
  until,
  valueOf,
} from "./support/shell-hosts.ts";

describeWithShells({ soon: ["dash", "busybox"] }, (userland) => {
  const fidelity = userland.name === "busybox" ? withBusybox : everything;

  test.each(["deleted", "changed", "exactly"] as const)(
    "a nasty tree that was deleted whole comes back exactly under %s, and only once",
    async (how) => {
      await using host = await ShellHost.start(userland);
      fillNastily(host);
      if (userland.name !== "busybox" && attributesMissing === null) fillWithAttributes(host);
      const guard = await host.open();
      await snapshot(guard, host.tree);
      const before = portrait(host.tree, fidelity);
      const entries = Number(host.sh("find . -printf 'x\\n' | wc -l")) - 1;
      host.sh('find . -mindepth 1 -delete; test -z "$(ls -A)"');
      const rule = { path: host.tree, how };
      expect(await restored(guard, rule)).toEqual(allWell(entries));
      expect(portrait(host.tree, fidelity)).toEqual(before);
      const inodes = host.sh("find . ! -type d -printf '%i %p\\n' | sort");
      expect(await restored(guard, rule)).toEqual(allWell(0));
      expect(host.sh("find . ! -type d -printf '%i %p\\n' | sort")).toBe(inodes);
      expect(portrait(host.tree, fidelity)).toEqual(before);
    },
  );
});

describeWithShells({}, (userland) => {
  const fidelity = userland.name === "busybox" ? withBusybox : everything;

  test("a tree whose own folder and the folders above it are gone comes back too", async () => {
    await using host = await ShellHost.start(userland);
    host.sh('mkdir -p a/b; echo x >a/b/x; chmod 0711 a; chmod 0750 "$FOLDER/site"');
    const guard = await host.open({ host: { spool: `${host.folder}/spool` } });
    await snapshot(guard, host.tree);
    const before = portrait(host.tree, fidelity);
    host.sh('cd /; rm -rf "$FOLDER/site"');
    expect(await restored(guard, { path: host.tree, how: "deleted" })).toEqual(allWell(4));
    expect(portrait(host.tree, fidelity)).toEqual(before);
    expect(portrait(`${host.folder}/site`, fidelity)[`${host.folder}/site`]).toMatchObject({
      mode: "750",
    });
  });

  test.each([
    { how: "leave", back: [] },
    { how: "deleted", back: ["gone", "folder/gone", "turned"] },
    { how: "changed", back: ["gone", "folder/gone", "turned", "text", "mode", "touched"] },
    { how: "exactly", back: ["gone", "folder/gone", "turned", "text", "mode", "touched", "new"] },
  ] as const)("$how puts back what it says, and nothing else", async ({ how, back }) => {
    await using host = await ShellHost.start(userland);
    host.sh(`mkdir folder turned; echo in >turned/in
      for name in gone folder/gone text mode touched kept; do echo old >$name; done; chmod 0640 mode
      touch -d '2001-01-01 01:01:01.111111111' touched`);
    const guard = await host.open();
    await snapshot(guard, host.tree);
    const plain = { ...fidelity, attributes: false };
    const before = portrait(host.tree, plain);
    host.sh(`rm gone folder/gone; rm -r turned; ln -s /etc turned; echo other >text; chmod 4755 mode
      touch touched; mkdir -p new/deep; echo new >new/deep/file; ln -s /etc new/link`);
    const after = portrait(host.tree, plain);
    const answer = await restored(guard, { path: host.tree, how });
    expect(answer).toEqual(allWell(null));
    const expected = { ...after };
    const isBack = (name: string) => back.some((it) => name === it || name.startsWith(`${it}/`));
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      if (!isBack(name.slice(host.tree.length + 1))) continue;
      if (before[name] === undefined) delete expected[name];
      else expected[name] = before[name];
    }
    // Folders have their time again where all that is in them is as before.
    const now = portrait(host.tree, plain);
    expected[host.tree] = how === "exactly" ? before[host.tree] : now[host.tree];
    if (how !== "leave") expected[`${host.tree}/folder`] = before[`${host.tree}/folder`];
    expect(now).toEqual(expected);
    expect((await restored(guard, { path: host.tree, how })).restored).toBe(0);
  });

  test("what was changed after the step had ended stays, or is set aside", async () => {
    await using host = await ShellHost.start(userland);
    host.sh("for n in step both link; do echo old >$n; done; mkdir folder; echo old >folder/in");
    const guard = await host.open();
    await snapshot(guard, host.tree);
    const before = portrait(host.tree, fidelity);
    host.sh("echo by-step >step; echo by-step >both; rm link; ln -s step link; rm -r folder");
    await stepEnded(guard);
    host.sh("echo by-app >>both; ln -sf app link; echo app >folder; echo app >later");
    const here = (names: readonly string[]) => ({
      paths: names.map((name) => `${host.tree}/${name}`),
      total: names.length,
    });
    const rule = { path: host.tree, how: "exactly" } as const;
    const kept = await restored(guard, rule, "keep");
    expect(sorted(kept.conflicts)).toEqual(here(["both", "folder", "later", "link"]));
    expect(kept.failed.map(({ path }) => path)).toEqual([`${host.tree}/folder/in`]);
    expect(host.sh("cat step both; readlink link; cat folder later")).toBe(
      "old\nby-step\nby-app\napp\napp\napp\n",
    );
    const replaced = await restored(guard, rule, "replace");
    expect(sorted(replaced.setAside)).toEqual(here(["both", "folder", "later", "link"]));
    expect(replaced).toMatchObject({ failed: [], conflicts: { total: 0 } });
    expect(portrait(host.tree, fidelity)).toEqual(before);
    const aside = host.sh(
      'cd "$SPOOL/fix-1/aside"; find . -name both -exec cat {} + ; find . -name link',
    );
    expect(aside).toMatch(/^by-step\nby-app\n.*link\n$/);
  });

  test("deleted never takes the place of what someone has made since", async () => {
    await using host = await ShellHost.start(userland);
    host.sh("echo old >other; echo old >same; echo old >type; mkdir folder; echo old >folder/x");
    const guard = await host.open();
    await snapshot(guard, host.tree);
    host.sh("rm -r *");
    await stepEnded(guard);
    host.sh("echo new >other; echo old >same; mkdir type; echo new >type/in; mkdir folder");
    const result = await restored(guard, { path: host.tree, how: "deleted" }, "replace");
    expect(sorted(result.conflicts).paths).toEqual([`${host.tree}/other`, `${host.tree}/type`]);
    expect(result).toMatchObject({ restored: 1, failed: [], setAside: { total: 0 } });
    expect(host.sh("cat other same type/in folder/x")).toBe("new\nold\nnew\nold\n");
  });

  test("what was changed behind its times is found and put back, and nothing else is", async () => {
    await using host = await ShellHost.start(userland);
    host.sh("mkdir d; for n in same text d/text listed; do echo old >$n; done; ln -s old link");
    const guard = await host.open();
    await snapshot(guard, host.tree);
    const before = portrait(host.tree, fidelity);
    const inode = host.sh("stat -c %i same");
    host.sh(`for n in text d/text; do cp -p $n was; echo new >$n; touch -r was $n; rm was; done
      chmod 0600 same; chmod 0644 same; cp -P --preserve=all link was; ln -sfn new link
      touch -h -r was link; rm was`);
    const attributes = userland.name !== "busybox" && attributesMissing === null;
    if (attributes)
      host.sh("setfacl -m u:1234:r listed; chmod 0644 listed; setfattr -n user.x -v y d");
    expect(await restored(guard, { path: host.tree, how: "changed" })).toMatchObject({
      restored: attributes ? 5 : 3,
      failed: [],
    });
    expect(portrait(host.tree, fidelity)).toEqual(before);
    expect(host.sh("stat -c %i same")).toBe(inode);
  });

  test("a file that has other names still comes back as one more name of it", async () => {
    await using host = await ShellHost.start(userland);
    host.sh("mkdir d; printf 'linked' >h1; ln h1 h2; ln h1 d/h3; ln h1 d/h4");
    const guard = await host.open();
    await snapshot(guard, host.tree);
    for (const gone of ["h1", "h2 d/h4", "d", "h1 h2 d/h3", "h1 h2 d"]) {
      host.sh(`rm -r ${gone}`);
      expect(await restored(guard, { path: host.tree, how: "deleted" })).toEqual(allWell(null));
      expect(
        host.sh("cat h1; stat -c %h h1 h2 d/h3 d/h4; stat -c %i h1 h2 d/h3 d/h4 | uniq | wc -l"),
      ).toBe("linked4\n4\n4\n4\n1\n");
    }
  });

  test("the nearest rule decides, also inside what is gone as a whole", async () => {
    await using host = await ShellHost.start(userland);
    host.sh("mkdir -p a/in/deep b; for f in a/x a/in/x a/in/deep/x b/x; do echo old >$f; done");
    const guard = await host.open();
    await snapshot(guard, host.tree);
    host.sh("rm -r a; echo new >b/x; echo new >b/y");
    const rules = [
      { path: host.tree, how: "leave" },
      { path: `${host.tree}/a`, how: "deleted" },
      { path: `${host.tree}/a/in`, how: "leave" },
      { path: `${host.tree}/a/in/deep`, how: "deleted" },
      { path: `${host.tree}/b`, how: "changed" },
    ] as const;
    expect(await restored(guard, rules)).toEqual(allWell(5));
    expect(host.sh("find . -type f | sort; cat b/x")).toBe(
      "./a/in/deep/x\n./a/x\n./b/x\n./b/y\nold\n",
    );
  });

  test("a tree that was not there goes again, but only exactly", async () => {
    await using host = await ShellHost.start(userland);
    const guard = await host.open();
    const absent = `${host.tree}/absent`;
    await snapshot(guard, absent);
    host.sh(
      "mkdir -p absent/deep; echo x >absent/deep/x; ln -s /etc absent/link; mkfifo absent/fifo",
    );
    expect(await restored(guard, { path: absent, how: "changed" })).toEqual(allWell(0));
    expect(await restored(guard, { path: absent, how: "exactly" })).toEqual(allWell(5));
    expect(host.sh("ls -A")).toBe("");
  });

  test("what is killed half-way is done by the next one", async () => {
    await using host = await ShellHost.start(userland);
    host.sh(
      "for d in a b c d e; do mkdir -p $d/in; for f in 1 2 3; do echo $f >$d/in/$f; done; done",
    );
    const guard = await host.open();
    await snapshot(guard, host.tree);
    const before = portrait(host.tree, fidelity);
    for (let cut = 0; cut < 4; cut++) {
      host.sh("rm -rf a/in/1 b c; ln -s /etc c");
      const mortal = await host.open();
      const asked = mortal.restore({
        key,
        rules: [{ path: host.tree, how: "exactly" }],
        later: "replace",
      });
      await clock.sleep(40 + cut * 70);
      host.channels.at(-1)!.destroy();
      await asked;
      expect(await restored(guard, { path: host.tree, how: "exactly" })).toMatchObject({
        failed: [],
        conflicts: { total: 0 },
      });
      expect(portrait(host.tree, fidelity)).toEqual(before);
    }
    expect(host.sh('ls -A "$FOLDER/site"')).toBe("made\ntree\n");
  });
});

describeWithShells({}, (userland) => {
  test("what another restore is putting back just then is waited for, and is no conflict", async () => {
    await using host = await ShellHost.start(userland);
    host.sh("mkdir d; echo x >d/x; ln d/x kept");
    const guard = await host.open();
    await snapshot(guard, host.tree);
    host.sh("rm d/x; rmdir d; echo other >d");
    await stepEnded(guard);
    const [folder = ""] = host.sh('find "$FOLDER" -name snapshots').split("\n");
    const begun = join(host.folder, "begun");
    // Stands for the tool that a guard was killed over, which still has open what that guard had.
    const other = execa({ cwd: host.tree, timeout: 60_000 })`sh -c ${`
      exec 8>${dirname(folder)}/restoring.0123
      echo >${begun}; sleep 1; rm d; mkdir d; ln kept d/x`}`;
    await until("its begin", () => existsSync(begun));
    const result = await restored(guard, { path: host.tree, how: "deleted" }, "keep");
    expect(result).toMatchObject({ conflicts: { total: 0 }, failedTotal: 0 });
    expect(host.sh("cat d/x; stat -c %h d/x")).toBe("x\n2\n");
    await other;
  });
});

test("where nothing differs the answer is a few bytes, however large the tree", async () => {
  await using host = await ShellHost.start(dash);
  host.sh("seq 1 5000 | xargs touch");
  const guard = await host.open();
  await snapshot(guard, host.tree);
  let bytes = 0;
  host.channels.at(-1)!.stdout.on("data", (chunk: Uint8Array) => (bytes += chunk.length));
  expect(await restored(guard, { path: host.tree, how: "deleted" })).toEqual(allWell(0));
  expect(bytes).toBeLessThan(400);
});

test("more paths than are told are counted", async () => {
  await using host = await ShellHost.start(dash);
  host.sh("mkdir d; cd d; seq 1 1500 | xargs touch");
  const guard = await host.open();
  await snapshot(guard, host.tree);
  host.sh("rm -r d; touch d");
  await stepEnded(guard);
  host.sh("echo later >d");
  const result = await restored(guard, { path: host.tree, how: "deleted" });
  expect(result.conflicts).toEqual({ paths: [`${host.tree}/d`], total: 1 });
  expect(result.failed).toHaveLength(1_000);
  expect(result.failedTotal).toBe(1_500);
});

test("what the snapshot kept no content of is told as failed", async () => {
  await using host = await ShellHost.start(dash);
  host.sh("mkdir -p listed/kept; echo x >listed/x; echo x >listed/kept/x");
  const guard = await host.open();
  const paths = [
    { path: `${host.tree}/listed`, content: false },
    { path: `${host.tree}/listed/kept`, content: true },
  ];
  valueOf(await guard.snapshot({ key, paths, reserveBytes: 0 }));
  host.sh("rm listed/x listed/kept/x");
  const result = await restored(guard, { path: host.tree, how: "deleted" });
  expect(result).toMatchObject({ restored: 1, conflicts: { total: 0 }, failedTotal: 1 });
  expect(result.failed).toEqual([
    { path: `${host.tree}/listed/x`, message: "the snapshot does not hold it" },
  ]);
});

test("a restore from a snapshot that is not there is refused", async () => {
  await using host = await ShellHost.start(dash);
  const guard = await host.open();
  const order = { key: "none.1", rules: [], later: "keep" } as const;
  expect(valueOf(await guard.restore(order))).toMatchObject({
    kind: "refused",
    failure: { code: "SNAPSHOT_MISSING", host: "web01" },
  });
});

function sorted({ paths, total }: Restored["conflicts"]): Restored["conflicts"] {
  return { paths: paths.toSorted(), total };
}
