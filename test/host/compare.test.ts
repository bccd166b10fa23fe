import { expect, test } from "vitest";
import type { Change } from "../../src/core/effects.ts";
import { pathText } from "../../src/core/path-text.ts";
import { effectsOf } from "../../src/core/verdict/classify.ts";
import type { Guard } from "../../src/ports/guard.ts";
import { fillNastily } from "./support/nasty-tree.ts";
import { dash, describeWithShells, runOrder, ShellHost, valueOf } from "./support/shell-hosts.ts";

const key = "web01.1";

async function snapshot(guard: Guard, path: string, content = true): Promise<void> {
  const result = valueOf(
    await guard.snapshot({ key, paths: [{ path, content }], reserveBytes: 0 }),
  );
  expect(result.kind).toBe("complete");
}

async function compared(guard: Guard, changesMax = 10_000) {
  const result = valueOf(await guard.compare({ key, changesMax, moment: "quiet" }));
  if (result.kind === "refused") throw new Error(result.failure.message);
  return result;
}

/** Class by name, below the tree. */
function classes(host: ShellHost, changes: readonly Change[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    effectsOf(changes).map((effect) => [effect.path.slice(host.tree.length + 1), effect.class]),
  );
}

describeWithShells({}, (userland) => {
  test("a tree that nobody touched does not differ, whatever was read and run", async () => {
    await using host = await ShellHost.start(userland);
    fillNastily(host);
    const guard = await host.open();
    await snapshot(guard, host.tree);
    const order = runOrder({
      script: `cd "${host.tree}"; cat file empty; ls -R >&2`,
      snapshot: key,
    });
    valueOf(await guard.run(order));
    const listing = host.listing();
    expect(await compared(guard)).toMatchObject({ changes: [], total: 0 });
    expect(
      host
        .listing()
        .split("\n")
        .filter((line) => line.includes(" ./tree")),
    ).toEqual(listing.split("\n").filter((line) => line.includes(" ./tree")));
  });

  test("each kind of change is told as what it is, and folders' own times are not", async () => {
    await using host = await ShellHost.start(userland);
    host.sh(`for name in gone grown same-size touched moded rewritten restored typed; do echo "old $name" >$name; done
      mkdir folder folder/in remade; echo x >folder/in/x; ln -s one retargeted; ln -s one relinked
      touch -d '2001-01-01' *; touch -h -d '2001-01-01' retargeted relinked; mkfifo pipe`);
    const guard = await host.open();
    await snapshot(guard, host.tree);
    host.sh(`rm gone; echo more >>grown
      printf 'new same-size\\n' | head -c 14 >same-size; truncate -s 14 same-size
      touch touched; chmod 0600 moded; cp -p rewritten r; mv r rewritten
      printf 'XXX restored\\n' >restored; touch -d '2001-01-01' restored
      rm typed; mkdir typed; echo new >created; mkdir folder/made; echo y >folder/made/y
      ln -sfn two retargeted; rm relinked; ln -s one relinked; rmdir remade; mkdir keep; mkdir remade; rmdir keep`);
    const result = await compared(guard);
    const seen = classes(host, result.changes);
    expect(seen).toMatchObject({
      gone: "deleted",
      grown: "content",
      "same-size": "content",
      touched: "touched",
      moded: "metadata",
      rewritten: "replaced",
      restored: "content",
      typed: "type-changed",
      created: "created",
      "folder/made": "created",
      "folder/made/y": "created",
      retargeted: "content",
    });
    expect(Object.keys(seen)).not.toContain("folder");
    expect(Object.keys(seen)).not.toContain("pipe");
    const sameContent = Object.fromEntries(
      result.changes.map((change) => [change.path.slice(host.tree.length + 1), change.sameContent]),
    );
    expect(sameContent).toMatchObject({
      touched: true,
      rewritten: true,
      restored: false,
      relinked: true,
      gone: null,
    });
    expect(result.total).toBe(result.changes.length);
  });

  test("what a guard that was killed has left does not keep the next one from seeing all", async () => {
    await using host = await ShellHost.start(userland);
    host.sh("mkdir d; seq 1 5 | xargs touch");
    const guard = await host.open();
    await snapshot(guard, host.tree);
    // Its number is that of no process: the guard that worked in there is gone.
    host.sh(
      'mkdir "$SPOOL/fix-1/work.dead"; echo "99999999 1 here" >"$SPOOL/fix-1/work.dead/owner"',
    );
    host.sh("rm 3; rmdir d");
    const next = await host.open();
    const { changes, entries } = await compared(next);
    expect(classes(host, changes)).toEqual({ 3: "deleted", d: "deleted" });
    expect(entries).toBe(5);
    expect(host.sh('ls "$SPOOL/fix-1"')).not.toContain("work.");
  });

  test("nothing is compared with a snapshot that lacks a tree, and nothing put back from it", async () => {
    await using host = await ShellHost.start(userland);
    const guard = await host.open();
    await snapshot(guard, host.tree);
    host.sh('mv "$SPOOL"/fix-1/snapshots/*/0.path "$SPOOL/fix-1/0.path"; : >"$SPOOL/fix-1/aside"');
    for (const answer of [
      valueOf(await guard.compare({ key, changesMax: 10, moment: "quiet" })),
      valueOf(await guard.restore({ key, rules: [], later: "keep" })),
    ]) {
      expect(answer).toMatchObject({ kind: "refused", failure: { code: "SNAPSHOT_MISSING" } });
      expect(JSON.stringify(answer)).toContain("only 0 of its 1 trees");
    }
  });

  test("names come back byte for byte", async () => {
    await using host = await ShellHost.start(userland);
    fillNastily(host);
    const guard = await host.open();
    await snapshot(guard, host.tree);
    const names = host
      .sh("cd odd; find . -mindepth 1 -print0")
      .split("\0")
      .filter((name) => name !== "");
    host.sh("rm -r odd");
    const result = await compared(guard);
    expect(new Set(result.changes.map((change) => change.path))).toEqual(
      new Set([
        `${host.tree}/odd`,
        ...names.map(
          (name) => `${host.tree}/odd/${pathText(Buffer.from(name.slice(2), "latin1"))}`,
        ),
      ]),
    );
  });

  test("the list is bounded and all changes are counted", async () => {
    await using host = await ShellHost.start(userland);
    host.sh("mkdir d; cd d; seq 1 2000 | xargs touch");
    const guard = await host.open();
    await snapshot(guard, host.tree);
    host.sh("rm d/*1; for it in d/*2; do echo x >$it; done");
    const result = await compared(guard, 50);
    expect([result.changes.length, result.total, result.entries]).toEqual([50, 400, 1802]);
    host.sh("rm -r d");
    expect(await compared(guard, 50)).toMatchObject({ total: 2001, entries: 1 });
  });

  test("a tree reached by a link that was not there before counts as gone, and is not looked into", async () => {
    await using host = await ShellHost.start(userland);
    host.sh("mkdir -p up/tree; echo x >up/tree/x");
    const guard = await host.open();
    await snapshot(guard, `${host.tree}/up/tree`);
    host.sh("mv up aside; ln -s aside up");
    expect(classes(host, (await compared(guard)).changes)).toEqual({
      "up/tree": "deleted",
      "up/tree/x": "deleted",
    });
  });
});

test("a tree of which only the list was kept is compared by its list", async () => {
  await using host = await ShellHost.start(dash);
  host.sh("echo a >a; echo b >b; touch -d 2001-01-01 a b");
  const guard = await host.open();
  await snapshot(guard, host.tree, false);
  host.sh("touch a; rm b");
  const result = await compared(guard);
  expect(result.changes.map((change) => change.sameContent)).toEqual([null, null]);
  expect(classes(host, result.changes)).toEqual({ a: "content", b: "deleted" });
});

test("what changed in the moment of the snapshot is compared by content though it looks the same", async () => {
  await using host = await ShellHost.start(dash);
  host.sh("echo one >racy; echo two >calm");
  const guard = await host.open();
  await snapshot(guard, host.tree);
  // Other content under the same stat, as a clock that ticks too slowly lets it happen.
  host.sh(`echo ONE >racy; echo TWO >calm; cd "$SPOOL/fix-1/snapshots/${key}"
    (cd "$FOLDER/site" && find ./tree -printf '%y %n %m %U %G %s %i %T@ %C@ %p\\n') >0.manifest
    grep racy 0.manifest >0.racy`);
  const result = await compared(guard);
  expect(classes(host, result.changes)).toEqual({ racy: "content" });
  host.sh("echo one >racy");
  expect(classes(host, (await compared(guard)).changes)).toEqual({ racy: "touched" });
});

test("how the tree was right after the step is kept, and told once only", async () => {
  await using host = await ShellHost.start(dash);
  host.sh("echo one >a; echo two >b");
  const guard = await host.open();
  await snapshot(guard, host.tree);
  const after = (file: string): string =>
    host.sh(`cat "$SPOOL/fix-1/after/${key}/0.${file}" 2>/dev/null || echo "no ${file}"`);
  const look = async (moment: "after-step" | "quiet") =>
    valueOf(await guard.compare({ key, changesMax: 10, moment }));
  await look("after-step");
  expect([after("same"), after("manifest")]).toEqual(["", "no manifest\n"]);
  // What the application does later is not the step's, however often someone asks.
  host.sh("rm b");
  await look("quiet");
  await look("after-step");
  expect([after("same"), after("manifest")]).toEqual(["", "no manifest\n"]);
  valueOf(await guard.run(runOrder({ script: `rm "${host.tree}/a"`, snapshot: key })));
  await look("after-step");
  expect(after("same")).toBe("no same\n");
  expect(after("manifest")).toMatch(/^d [^\n]+ \.\/tree\n$/);
});

test("without the snapshot there is nothing to compare with", async () => {
  await using host = await ShellHost.start(dash);
  const guard = await host.open();
  expect(valueOf(await guard.compare({ key, changesMax: 10, moment: "quiet" }))).toMatchObject({
    kind: "refused",
    failure: { code: "SNAPSHOT_MISSING" },
  });
});
