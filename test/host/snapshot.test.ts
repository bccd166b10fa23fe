import { existsSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import type { Guard, SnapshotOrder } from "../../src/ports/guard.ts";
import { execFileSync } from "../support/bounded-process.ts";
import { attributesMissing } from "./support/nasty-tree.ts";
import {
  dash,
  describeWithShells,
  isRoot,
  rootOnly,
  ShellHost,
  smallSpool,
  valueOf,
} from "./support/shell-hosts.ts";

const nobody = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] as const;

function order(path: string, more: Partial<SnapshotOrder> = {}): SnapshotOrder {
  return { key: "web01.1", paths: [{ path, content: true }], reserveBytes: 0, ...more };
}

async function refusal(guard: Guard, it: SnapshotOrder) {
  const result = valueOf(await guard.snapshot(it));
  if (result.kind !== "refused") throw new Error(`not refused: ${JSON.stringify(result)}`);
  return result.failure;
}

const missing = (why: string | null) => (why === null ? "" : ` (${why})`);

describeWithShells({ soon: ["dash", "busybox"] }, (userland) => {
  test("a snapshot tells what it covers, and asked again answers the same and changes nothing", async () => {
    await using host = await ShellHost.start(userland);
    host.sh("printf 12345 >a; mkdir d; printf 678 >d/b; ln -s a l");
    const guard = await host.open();
    const first = valueOf(await guard.snapshot(order(host.tree)));
    expect(first).toMatchObject({ kind: "complete", entries: 5, bytes: 8 });
    const listing = host.listing();
    host.sh("rm a");
    expect(valueOf(await (await host.open()).snapshot(order(host.tree)))).toEqual(first);
    host.sh("cd ..; touch -r made made");
    expect(
      host
        .listing()
        .split("\n")
        .filter((line) => line.includes("made/spool/fix-1/snapshots")),
    ).toEqual(listing.split("\n").filter((line) => line.includes("made/spool/fix-1/snapshots")));
  });

  test("a protected path that is a link, or passes through one, is refused with the link's target", async () => {
    await using host = await ShellHost.start(userland);
    host.sh("mkdir -p real/in; ln -s real link; ln -s /nowhere dangling");
    const guard = await host.open();
    const itself = await refusal(guard, order(`${host.tree}/link`));
    expect(itself).toMatchObject({
      code: "SNAPSHOT_REFUSED",
      host: "web01",
      path: `${host.tree}/link`,
    });
    expect(itself.message).toContain('symbolic link to "real"');
    const through = await refusal(guard, order(`${host.tree}/link/in`));
    expect(through.message).toContain(
      `passes through "${host.tree}/link", a symbolic link to "real"`,
    );
    expect((await refusal(guard, order(`${host.tree}/dangling/in`))).message).toContain(
      '"/nowhere"',
    );
    expect(existsSync(`${host.spool}/fix-1/snapshots`)).toBe(false);
  });

  test("sockets are told as lost", async () => {
    await using host = await ShellHost.start(userland);
    execFileSync("python3", ["-c", "import socket; socket.socket(socket.AF_UNIX).bind('s')"], {
      cwd: host.tree,
    });
    const result = valueOf(await (await host.open()).snapshot(order(host.tree)));
    expect(result).toMatchObject({
      kind: "complete",
      losses: expect.arrayContaining(["1 sockets"]) as unknown,
    });
  });

  test.skipIf(!isRoot)(
    `a file that can't be read refuses the snapshot and is named${rootOnly}`,
    async () => {
      await using host = await ShellHost.start(userland);
      host.sh(`mkdir -p sub; echo x >sub/open; echo y >sub/closed; chmod 000 sub/closed
      chmod 0755 "$FOLDER" "$FOLDER/site"; mkdir -m 0777 "$FOLDER/site/made"; chown 65534 "$FOLDER/site/made"`);
      const guard = await host.open({ login: [...nobody, `${host.folder}/bin/sh`] });
      expect(guard.facts.uid).toBe(65534);
      const failure = await refusal(guard, order(host.tree));
      expect(failure).toMatchObject({
        code: "SNAPSHOT_UNREADABLE",
        path: `${host.tree}/sub/closed`,
      });
      expect(failure.message).toContain("nobody");
      host.sh("chmod 0644 sub/closed; mkdir sub/shut; chmod 0700 sub/shut");
      expect(await refusal(guard, order(host.tree))).toMatchObject({
        code: "SNAPSHOT_UNREADABLE",
        path: `${host.tree}/sub/shut`,
      });
      expect(readdirSync(`${host.spool}/fix-1/snapshots`)).toEqual([]);
      host.sh("rmdir sub/shut");
      expect(valueOf(await guard.snapshot(order(host.tree)))).toMatchObject({ kind: "complete" });
    },
  );

  test.skipIf(!isRoot)(
    `too little space refuses the snapshot before a byte is written${rootOnly}`,
    async () => {
      await using host = await ShellHost.start(userland);
      await using small = smallSpool(host, "size=4m");
      host.sh("head -c 3000000 /dev/urandom >big");
      const guard = await host.open({ host: { spool: small.path } });
      const failure = await refusal(guard, order(host.tree, { reserveBytes: 2 * 1024 * 1024 }));
      expect(failure.code).toBe("SNAPSHOT_NO_SPACE");
      expect(failure.message).toMatch(
        /needs (2\.9|3(\.0)?) MiB and leaves 2 MiB free, but .* has [34](\.\d)? MiB free/,
      );
      expect(host.sh('find "$SPOOL" -type f')).toBe("");
      expect(valueOf(await guard.snapshot(order(host.tree, { reserveBytes: 4096 }))).kind).toBe(
        "complete",
      );
    },
  );

  test.skipIf(!isRoot || attributesMissing !== null)(
    `a disk that runs full half-way refuses the snapshot and leaves none of it${rootOnly || missing(attributesMissing)}`,
    async () => {
      await using host = await ShellHost.start(userland);
      // Holes take no space until a copy fills them, and nobody counts attributes beforehand.
      await using small = smallSpool(host, "size=3m");
      if (userland.name === "busybox") host.sh("truncate -s 20M holes");
      else
        host.sh(`seq 1 700 | xargs touch
          setfattr -n user.note -v "$(head -c 2900 /dev/zero | tr '\\0' n)" *`);
      const guard = await host.open({ host: { spool: small.path } });
      const failure = await refusal(guard, order(host.tree));
      expect(failure).toMatchObject({ code: "SNAPSHOT_NO_SPACE", path: host.spool });
      expect(failure.message).toContain("ran full");
      expect(host.sh('find "$SPOOL/fix-1/snapshots" -mindepth 1')).toBe("");
    },
  );

  test("a path that is not there is recorded as absent, and what comes into being is told as created", async () => {
    await using host = await ShellHost.start(userland);
    const guard = await host.open();
    expect(valueOf(await guard.snapshot(order(`${host.tree}/later/deep`)))).toMatchObject({
      entries: 0,
    });
    const empty = valueOf(await guard.compare({ key: "web01.1", changesMax: 10, moment: "quiet" }));
    expect(empty).toMatchObject({ kind: "compared", changes: [], total: 0, entries: 0 });
    host.sh("mkdir -p later/deep; echo x >later/deep/x");
    const result = valueOf(
      await guard.compare({ key: "web01.1", changesMax: 10, moment: "quiet" }),
    );
    expect(result).toMatchObject({ total: 2, entries: 2 });
    expect(
      result.kind === "compared" &&
        result.changes.map((it) => [it.path, it.before, it.after?.type]),
    ).toEqual([
      [`${host.tree}/later/deep`, null, "folder"],
      [`${host.tree}/later/deep/x`, null, "file"],
    ]);
  });
});

test("a spool inside a protected path, or around it, is refused", async () => {
  await using host = await ShellHost.start(dash);
  const guard = await host.open({ host: { spool: `${host.tree}/spool` } });
  expect(await refusal(guard, order(host.tree))).toMatchObject({ code: "SPOOL_UNUSABLE" });
  expect(await refusal(guard, order(`${host.tree}/spool/fix-1`))).toMatchObject({
    code: "SPOOL_UNUSABLE",
  });
});

test.each([
  ["is a link", 'mkdir "$FOLDER/other"; mkdir "$FOLDER/site/made"; ln -s "$FOLDER/other" "$SPOOL"'],
  ["is a file", 'mkdir "$FOLDER/site/made"; : >"$SPOOL"'],
  ["may be written by others", 'mkdir -p "$SPOOL"; chmod 0777 "$SPOOL"'],
  ["lies behind a link", 'mkdir "$FOLDER/other"; ln -s "$FOLDER/other" "$FOLDER/site/made"'],
])("a spool that %s is refused", async (_what, script) => {
  await using host = await ShellHost.start(dash);
  host.sh(script);
  const guard = await host.open();
  expect(await refusal(guard, order(host.tree))).toMatchObject({
    code: "SPOOL_UNUSABLE",
    host: "web01",
  });
  expect(valueOf(await guard.claim({ holder: "me", epoch: 1 }))).toMatchObject({
    kind: "refused",
    failure: { code: "SPOOL_UNUSABLE" },
  });
});

test.skipIf(!isRoot)(`a spool of another user is refused${rootOnly}`, async () => {
  await using host = await ShellHost.start(dash);
  host.sh('mkdir -p "$SPOOL"; chown 65534 "$SPOOL"');
  const failure = await refusal(await host.open(), order(host.tree));
  expect(failure.message).toContain("belongs to another user than root");
});

test.each(["relative/path", "/", "/a/../b", "/a//b", "/a/"])(
  "the path %j can't be snapshotted",
  async (path) => {
    await using host = await ShellHost.start(dash);
    expect(await refusal(await host.open(), order(path))).toMatchObject({
      code: "SNAPSHOT_REFUSED",
    });
  },
);

test("half-made snapshots of guards that are gone are swept", async () => {
  await using host = await ShellHost.start(dash);
  const guard = await host.open();
  valueOf(await guard.claim({ holder: "me", epoch: 1 }));
  host.sh(
    'cd "$SPOOL/fix-1"; mkdir -p snapshots/.partial.x.y; echo "1 1 another-boot" >snapshots/.partial.x.y/owner',
  );
  valueOf(await guard.snapshot(order(host.tree)));
  expect(readdirSync(`${host.spool}/fix-1/snapshots`)).toEqual(["web01.1"]);
});
