import { expect, test } from "vitest";
import type { RestoreRule } from "../../src/core/effects.ts";
import { asStranger, makeVictim, outside, stranger } from "./support/hostile-host.ts";
import { keepNaively, naive, naiveSnapshot, runNaively } from "./support/naive-restore.ts";
import { restored, snapshot } from "./support/restoring.ts";
import { clock, describeWithShells, ShellHost } from "./support/shell-hosts.ts";

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
  readonly stands: readonly [string, string];
}

const attacks: readonly Attack[] = [
  {
    what: "a folder that became a link out of the tree",
    build: "mkdir sub; echo good >sub/open; echo good >sub/new",
    attack: 'rm -r sub; ln -s "$FOLDER/victim" sub',
    naive: "unpackNamed",
    bites: "writes outside",
    stands: ["cat sub/open sub/new; test ! -L sub", "good\ngood\n"],
  },
  {
    what: "a folder far above that became a link out of the tree",
    build: "mkdir -p a/folder; echo good >a/folder/in; echo good >a/folder/new",
    attack: 'mv a mine; ln -s "$FOLDER/victim" a',
    naive: "unpackNamed",
    bites: "writes outside",
    stands: ["cat a/folder/in a/folder/new", "good\ngood\n"],
  },
  {
    what: "a file that became a link out of the tree",
    build: "echo good >file",
    attack: 'ln -sf "$FOLDER/victim/open" file',
    naive: "copyOver",
    bites: "writes outside",
    stands: ["cat file; test ! -L file", "good\n"],
  },
  {
    what: "a file that became a second name of one outside",
    build: "echo good >file; chmod 0666 file",
    attack: 'ln -f "$FOLDER/victim/open" file',
    asRoot: "hosts may let nobody else make such names",
    naive: "writeOver",
    bites: "writes outside",
    stands: ["cat file; stat -c '%a %h' file", "good\n666 1\n"],
  },
  {
    what: "a file with other rights that became a second name of one outside",
    build: "echo public >file; chmod 0666 file",
    attack: 'ln -f "$FOLDER/victim/open" file',
    asRoot: "hosts may let nobody else make such names",
    naive: "onlyRights",
    bites: "writes outside",
    stands: ["cat file; stat -c '%a %u' file", `public\n666 ${stranger}\n`],
  },
  {
    what: "the protected path itself that became a link",
    build: "echo good >open; echo good >new",
    attack: 'cd ..; rm -r tree; ln -s "$FOLDER/victim" tree',
    asRoot: "the folder above belongs to root",
    naive: "unpackNamed",
    bites: "writes outside",
    stands: ["cat open new; test ! -L ../tree", "good\ngood\n"],
  },
  {
    what: "a file that became a device",
    build: "echo good >file",
    attack: "rm file; mknod file c 1 7",
    asRoot: "only root makes devices",
    naive: "copyOver",
    bites: "fails",
    stands: ["cat file; test -f file", "good\n"],
  },
  {
    what: "a file that became a fifo, which blocks whoever opens it",
    build: "echo good >file",
    attack: "rm file; mkfifo file",
    naive: "copyOver",
    bites: "hangs",
    stands: ["cat file; test -f file", "good\n"],
  },
  {
    what: "a folder that became a file",
    build: "mkdir sub; echo good >sub/in",
    attack: "rm -r sub; echo mine >sub",
    naive: "copyOver",
    bites: "fails",
    stands: ["cat sub/in", "good\n"],
  },
  {
    what: "a file that became a full folder",
    build: "echo good >file",
    attack: "rm file; mkdir -p file/sub; echo mine >file/sub/in",
    naive: "copyOver",
    bites: "fails",
    stands: ["cat file", "good\n"],
  },
  {
    what: "a file of root's with setuid, of which the stranger holds a second name",
    build: "echo '#!/bin/true' >tool",
    rights: "chown 0:0 tool; chmod 4755 tool",
    attack: "rm -f tool mine; echo mine >tool; ln tool mine",
    how: "changed",
    naive: "writeOver",
    bites: (host) => host.sh("stat -c '%a %u' mine") === "4755 0\n",
    stands: ["stat -c '%a %u' tool mine", `4755 0\n644 ${stranger}\n`],
  },
];

// Where bash differs, in how it goes into folders, swapped-folder.test.ts looks at it.
describeWithShells({ asRoot: true }, (userland) => {
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
    expect(host.sh(attack.stands[0])).toBe(attack.stands[1]);
    // The same on a restore that trusts what it finds.
    strike();
    const ran = runNaively(host, naive[attack.naive]);
    expect(hasBitten(host, { ...attack, before, ran })).toBe(true);
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
});

/** Did it go wrong in the way that the attack is known for? */
function hasBitten(
  host: ShellHost,
  {
    bites,
    before,
    ran,
  }: { readonly bites: Bite; readonly before: string; readonly ran: ReturnType<typeof runNaively> },
): boolean {
  if (typeof bites === "function") return bites(host);
  switch (bites) {
    case "hangs":
      return ran.hung;
    case "fails":
      return !ran.hung && ran.status === 1;
    case "writes outside":
      return outside(host) !== before;
  }
}
