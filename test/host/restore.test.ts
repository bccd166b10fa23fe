import { describe, expect, test } from "vitest";
import {
  attributesMissing,
  everything,
  fillNastily,
  fillWithAttributes,
  portrait,
  withBusybox,
} from "./support/nasty-tree.ts";
import { changes, key, restored, snapshot, wayBack } from "./support/restoring.ts";
import { dash, present, ShellHost, valueOf } from "./support/shell-hosts.ts";

describe.each(present)("with $name", (userland) => {
  const fidelity = userland.name === "busybox" ? withBusybox : everything;

  test("a nasty tree that was deleted whole comes back exactly", async () => {
    await using host = await ShellHost.start(userland);
    fillNastily(host);
    if (userland.name !== "busybox" && attributesMissing === null) fillWithAttributes(host);
    const guard = await host.open();
    await snapshot(guard, host.tree);
    const before = portrait(host.tree, fidelity);
    host.sh('find . -mindepth 1 -delete; test -z "$(ls -A)"');
    const items = wayBack(await changes(guard));
    expect(await restored(guard, items)).toEqual({
      kind: "restored",
      restored: items.length,
      conflicts: [],
      failed: [],
    });
    expect(portrait(host.tree, fidelity)).toEqual(before);
  });

  test("a tree whose own folder and the folders above it are gone comes back too", async () => {
    await using host = await ShellHost.start(userland);
    host.sh('mkdir -p a/b; echo x >a/b/x; chmod 0711 a; chmod 0750 "$FOLDER/site"');
    const guard = await host.open({ host: { spool: `${host.folder}/spool` } });
    await snapshot(guard, host.tree);
    const before = portrait(host.tree, fidelity);
    host.sh('cd /; rm -rf "$FOLDER/site"');
    const items = wayBack(await changes(guard));
    expect(await restored(guard, items)).toMatchObject({ conflicts: [], failed: [] });
    expect(portrait(host.tree, fidelity)).toEqual(before);
    expect(portrait(`${host.folder}/site`, fidelity)[`${host.folder}/site`]).toMatchObject({
      mode: "750",
    });
  });

  test("one name of a file that has several comes back without the others", async () => {
    await using host = await ShellHost.start(userland);
    host.sh("printf 'linked' >h1; ln h1 h2; ln h1 h3; touch -d 2001-01-01 h1");
    const guard = await host.open();
    await snapshot(guard, host.tree);
    for (const name of ["h1", "h2", "h3"]) {
      host.sh(`rm ${name}`);
      const items = [{ path: `${host.tree}/${name}`, how: "create" as const }];
      expect(await restored(guard, items)).toMatchObject({ restored: 1, failed: [] });
    }
    expect(host.sh("cat h1 h2 h3; stat -c %y h3")).toMatch(/^linkedlinkedlinked2001-01-01/);
  });

  test("what the application wrote meanwhile is a conflict and stays", async () => {
    await using host = await ShellHost.start(userland);
    host.sh("echo old >a; echo old >b; mkdir folder; echo old >folder/c; ln -s old link");
    const guard = await host.open();
    await snapshot(guard, host.tree);
    host.sh("rm -r a b folder link; echo new >a; echo file >folder; ln -s new link");
    const items = ["a", "b", "folder", "folder/c", "link"].map((name) => ({
      path: `${host.tree}/${name}`,
      how: "create" as const,
    }));
    const result = await restored(guard, items);
    expect(result.conflicts).toEqual(["a", "folder", "link"].map((name) => `${host.tree}/${name}`));
    expect(result.failed.map((each) => each.path)).toEqual([`${host.tree}/folder/c`]);
    expect(host.sh("cat a b folder; readlink link")).toBe("new\nold\nfile\nnew\n");
  });

  test("replace puts the old copy in place of whatever stands there, but for a full folder", async () => {
    await using host = await ShellHost.start(userland);
    host.sh(`echo old >file; echo old >was-file; echo old >full; ln -s old link
      mkdir folder; echo in >folder/in; echo 1 >h1; ln h1 h2; echo old >to-link`);
    const guard = await host.open();
    await snapshot(guard, host.tree);
    const before = portrait(host.tree, fidelity);
    host.sh(`echo newer >file; rm was-file; mkdir was-file; ln -sf new link; rm -r folder; echo x >folder
      echo 22 >h1; rm to-link; ln -s /etc to-link`);
    const first = await restored(guard, wayBack(await changes(guard)));
    expect(first).toMatchObject({ conflicts: [], failed: [] });
    expect(portrait(host.tree, fidelity)).toEqual(before);
    host.sh("rm full; mkdir full; echo mine >full/mine");
    const second = await restored(guard, [{ path: `${host.tree}/full`, how: "replace" }]);
    expect(second.conflicts).toEqual([`${host.tree}/full`]);
    expect(host.sh("cat full/mine")).toBe("mine\n");
  });

  test("metadata brings mode and times back, and leaves content alone", async () => {
    await using host = await ShellHost.start(userland);
    host.sh(
      "echo old >a; chmod 4711 a; mkdir d; chmod 1777 d; echo old >d/x; touch -d '2001-01-01 01:01:01.111111111' a d/x; touch -d '2001-01-01 01:01:01.5' d",
    );
    const guard = await host.open();
    await snapshot(guard, host.tree);
    const before = portrait(host.tree, fidelity);
    host.sh("echo new >a; chmod 0600 a; chmod 0700 d; touch d/x");
    const items = ["a", "d/x", "d"].map((name) => ({
      path: `${host.tree}/${name}`,
      how: "metadata" as const,
    }));
    expect(await restored(guard, items)).toMatchObject({ restored: 3, conflicts: [], failed: [] });
    expect(host.sh("cat a")).toBe("new\n");
    host.sh("echo old >a; touch -d '2001-01-01 01:01:01.111111111' a");
    expect(portrait(host.tree, fidelity)).toEqual(before);
  });

  test("remove takes away what was not there, and a folder only when it is empty", async () => {
    await using host = await ShellHost.start(userland);
    host.sh("mkdir keep; echo x >keep/x");
    const guard = await host.open();
    const absent = `${host.tree}-absent`;
    await snapshot(guard, host.tree, absent);
    host.sh(
      'echo new >new; mkdir empty full; echo y >full/y; ln -s keep link; mkdir "$FOLDER/site/tree-absent"',
    );
    const items = [
      ...["new", "empty", "full", "link", "never"].map((name) => `${host.tree}/${name}`),
      absent,
    ].map((path) => ({ path, how: "remove" as const }));
    const result = await restored(guard, items);
    expect(result).toMatchObject({ restored: 5, failed: [] });
    expect(result.conflicts).toEqual([`${host.tree}/full`]);
    expect(host.sh('ls -A; ls "$FOLDER/site"; cat keep/x')).toBe("full\nkeep\nmade\ntree\nx\n");
  });

  test("a folder that was swapped for a link is never followed", async () => {
    await using host = await ShellHost.start(userland);
    host.sh(
      'mkdir -p sub/deep; echo a >sub/a; echo b >sub/deep/b; mkdir "$FOLDER/victim"; echo safe >"$FOLDER/victim/a"; chmod 0600 "$FOLDER/victim/a"; chmod 0644 sub/a',
    );
    const guard = await host.open();
    await snapshot(guard, host.tree);
    host.sh('rm -r sub; ln -s "$FOLDER/victim" sub');
    const before = host.sh('find "$FOLDER/victim" -printf "%p %m %s %T@ %C@\\n"');
    const names = ["sub/a", "sub/deep", "sub/deep/b"];
    for (const how of ["create", "replace", "metadata", "remove"] as const) {
      const items = names.map((name) => ({ path: `${host.tree}/${name}`, how }));
      const result = await restored(guard, items);
      // Behind the link there is no "deep/b", so nothing of it has to be removed.
      const failed = how === "remove" ? 2 : 3;
      expect({ how, failed: result.failed.length }).toEqual({ how, failed });
    }
    expect(host.sh('find "$FOLDER/victim" -printf "%p %m %s %T@ %C@\\n"')).toBe(before);
  });

  test("asked again, a restore changes nothing and answers the same", async () => {
    await using host = await ShellHost.start(userland);
    fillNastily(host);
    const guard = await host.open();
    await snapshot(guard, host.tree);
    host.sh("find . -mindepth 1 -delete; echo new >new");
    const items = wayBack(await changes(guard));
    const first = await restored(guard, items);
    const after = portrait(host.tree, fidelity);
    expect(await restored(guard, items)).toEqual(first);
    expect(portrait(host.tree, fidelity)).toEqual(after);
  });
});

test("what the snapshot does not cover, or kept no content of, is told as failed", async () => {
  await using host = await ShellHost.start(dash);
  host.sh("mkdir listed; echo x >listed/x");
  const guard = await host.open();
  valueOf(
    await guard.snapshot({
      key,
      paths: [{ path: `${host.tree}/listed`, content: false }],
      reserveBytes: 0,
    }),
  );
  host.sh("rm listed/x");
  const items = [`${host.tree}/listed/x`, "/etc/passwd", host.tree].map((path) => ({
    path,
    how: "create" as const,
  }));
  const result = await restored(guard, items);
  expect(result).toMatchObject({ restored: 0, conflicts: [] });
  expect(new Set(result.failed.map((each) => each.path))).toEqual(
    new Set(items.map((item) => item.path)),
  );
});

test("a restore from a snapshot that is not there is refused", async () => {
  await using host = await ShellHost.start(dash);
  const guard = await host.open();
  expect(valueOf(await guard.restore({ key: "none.1", items: [] }))).toMatchObject({
    kind: "refused",
    failure: { code: "SNAPSHOT_MISSING", host: "web01" },
  });
});
