import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { programPath } from "../support/parts.ts";
import {
  canReadUnled,
  makeVictim,
  mountedTree,
  noUnledReading,
  outside,
  perlMissing,
} from "./support/hostile-host.ts";
import { key, restored, snapshot } from "./support/restoring.ts";
import { dash, isRoot, present, rootOnly, ShellHost, valueOf } from "./support/shell-hosts.ts";

// What a race would do once in a while, done each time: a folder is something else for exactly as long as
// a tool reads by paths. See hostile-races.test.ts for the races themselves.

/** Makes a tool of the host do something before and after each call whose arguments match a pattern. */
function around(
  host: ShellHost,
  tool: string,
  {
    when,
    before,
    after,
  }: { readonly when: string; readonly before: string; readonly after: string },
): void {
  const wrapper = join(host.folder, "bin", tool);
  writeFileSync(
    wrapper,
    `#!/bin/sh
TREE='${host.tree}' FOLDER='${host.folder}'
case " $* " in ${when}) ;; *) exec ${programPath(tool)!} "$@" ;; esac
echo "$*" >>"$FOLDER/calls"
(${before})
${programPath(tool)!} "$@"
status=$?
(${after})
exit $status
`,
  );
  chmodSync(wrapper, 0o755);
}

async function snapshotOf(host: ShellHost, number: number) {
  const guard = await host.open({ host: { spool: `${host.folder}/spool` } });
  const order = {
    key: number === 0 ? key : `${key}.${number}`,
    paths: [{ path: host.tree, content: true }],
    reserveBytes: 0,
  };
  return { guard, taken: valueOf(await guard.snapshot(order)) };
}

const toLink = 'mv "$TREE/sub" "$TREE/away"; ln -s "$FOLDER/victim" "$TREE/sub"';
const fromLink = 'rm "$TREE/sub"; mv "$TREE/away" "$TREE/sub"';

describe.skipIf(!isRoot || !canReadUnled)(
  `a folder that is a link while it is read${rootOnly}${noUnledReading}`,
  () => {
    test("leads no archive of what changed outside the tree", async () => {
      await using host = await ShellHost.start(dash);
      host.sh("mkdir sub; for n in open closed new; do echo good >sub/$n; done");
      makeVictim(host);
      expect((await snapshotOf(host, 0)).taken.kind).toBe("complete");
      host.sh("echo other >sub/open");
      const before = outside(host);
      around(host, "tar", { when: '*" -T "*', before: toLink, after: fromLink });
      const { taken } = await snapshotOf(host, 1);
      // It was read in no reading, so nothing is claimed.
      expect(taken).toMatchObject({ kind: "refused", failure: { code: "SNAPSHOT_UNPROVEN" } });
      expect(host.sh('cat "$FOLDER/calls"')).toContain("-cvvRf");
      expect(outside(host)).toBe(before);
    });

    test.skipIf(perlMissing !== "")(
      `leads no copy of large files outside the tree${perlMissing}`,
      async () => {
        await using host = await ShellHost.start(dash);
        host.sh("mkdir sub; for n in $(seq 150); do head -c 300000 /dev/zero >sub/$n; done");
        makeVictim(host);
        host.sh(`cd "$FOLDER/victim"; for n in $(seq 150); do echo public >$n; done
          touch -a -d 2001-01-01 *; ln -s "$FOLDER/victim" "$FOLDER/link"`);
        const before = outside(host);
        // The folder is listed by then, and most of what is in it is not copied yet.
        const begun = `${host.folder}/spool/*/snapshots/.partial.*/0.0.tree/tree/sub/*`;
        around(host, "cp", {
          when: '*" -ax "*./tree*',
          before: `perl -e 'my ($b, $t, $f) = @ARGV; 1 until glob($b);
            rename("$t/sub", "$t/away"); rename("$f/link", "$t/sub");
            open(my $led, ">", "$f/led")' '${begun}' "$TREE" "$FOLDER" & exit 0`,
          after: `until [ -e "$FOLDER/led" ]; do :; done; ${fromLink}`,
        });
        await snapshotOf(host, 0);
        expect(host.sh('cat "$FOLDER/calls"')).toContain("-ax");
        expect(outside(host)).toBe(before);
      },
    );

    test("leads nobody who asks for flags outside the tree", async () => {
      await using host = await ShellHost.start(dash);
      host.sh("mkdir sub; for n in open closed new; do echo good >sub/$n; done");
      makeVictim(host);
      around(host, "lsattr", {
        when: "*",
        before: `${toLink}; cat "$TREE/sub/open" >/dev/null 2>&1 && echo seen >>"$FOLDER/led"; cat "./tree/sub/open" >/dev/null 2>&1 && echo led >>"$FOLDER/led"`,
        after: fromLink,
      });
      await snapshotOf(host, 0);
      // Where the tool stands, the same link leads nowhere.
      expect(host.sh('cat "$FOLDER/led"')).toBe("seen\n");
    });
  },
);

describe.skipIf(!isRoot).each(present)(
  `with $name, a tree that is a mount of its own${rootOnly}`,
  (userland) => {
    test("is read again where it changed, and no mount is left of that", async () => {
      await using host = await ShellHost.start(userland);
      await using mounted = mountedTree(host);
      host.sh("mkdir sub sub/mount; echo good >sub/open; echo good >sub/closed");
      host.sh(
        'mkdir "$FOLDER/other"; echo other >"$FOLDER/other/file"; mount --bind "$FOLDER/other" sub/mount',
      );
      const guard = await host.open();
      await snapshot(guard, mounted.path);
      host.sh("echo newer >sub/open; echo new >sub/new");
      const paths = [{ path: mounted.path, content: true }];
      const order = { key: `${key}.1`, paths, reserveBytes: 0 };
      expect(valueOf(await guard.snapshot(order)).kind).toBe("complete");
      expect(readFileSync("/proc/mounts", "utf8")).not.toContain(`${host.spool}/`);
      host.sh("umount sub/mount; rm -rf sub");
      const rules = [{ path: mounted.path, how: "exactly" as const }];
      const back = valueOf(await guard.restore({ key: `${key}.1`, rules, later: "replace" }));
      expect(back).toMatchObject({ kind: "restored", failedTotal: 0, failed: [] });
      expect(host.sh("cat sub/open sub/closed sub/new; ls sub/mount")).toBe("newer\ngood\nnew\n");
    });
  },
);

describe.skipIf(!isRoot)(`a file that is something else while it is compared${rootOnly}`, () => {
  test.each([
    { what: "a link is not read through it", make: 'ln -s "$FOLDER/victim/folder/in"' },
    { what: "a fifo is not waited for", make: "mkfifo" },
  ])("and then $what", async ({ make }) => {
    await using host = await ShellHost.start(dash);
    host.sh("mkdir sub; for n in open closed new; do echo good >sub/$n; done");
    makeVictim(host);
    const guard = await host.open({ host: { spool: `${host.folder}/spool` } });
    await snapshot(guard, host.tree);
    host.sh("echo evil >sub/open");
    const before = outside(host);
    const swap = {
      before: `cd "$TREE/sub" && mv open away && ${make} open`,
      after: 'cd "$TREE/sub" && rm open && mv away open',
    };
    around(host, "cmp", { when: '*" ./open "*', ...swap });
    around(host, "dd", { when: '*" if=./open "*', ...swap });
    const order = { key, changesMax: 100, moment: "quiet" as const };
    expect(valueOf(await guard.compare(order)).kind).toBe("compared");
    expect(host.sh('cat "$FOLDER/calls"')).toContain("./open");
    expect(outside(host)).toBe(before);
  });
});

describe("a folder that is moved away while it is read, and back", () => {
  test("is read again, with all that is in it", async () => {
    await using host = await ShellHost.start(dash);
    host.sh("mkdir sub; for n in open closed new; do echo good >sub/$n; done; ls -i sub");
    around(host, "tar", {
      when: '*" -b 512 "*-cvRf*',
      before: 'mv "$TREE/sub" "$FOLDER/away"',
      after: 'mv "$FOLDER/away" "$TREE/sub"',
    });
    const guard = await host.open();
    const paths = [{ path: host.tree, content: true }];
    expect(valueOf(await guard.snapshot({ key, paths, reserveBytes: 0 })).kind).toBe("complete");
    expect(host.sh('wc -l <"$FOLDER/calls"')).toBe("1\n");
    host.sh("rm -rf sub");
    expect(await restored(guard, { path: host.tree, how: "exactly" })).toMatchObject({
      failed: [],
      failedTotal: 0,
    });
    expect(host.sh("cat sub/*")).toBe("good\ngood\ngood\n");
  });

  test("is no snapshot when that happens each time", async () => {
    await using host = await ShellHost.start(dash);
    host.sh("mkdir sub; for n in open closed new; do echo good >sub/$n; done");
    around(host, "tar", {
      when: "*vRf*",
      before: 'mv "$TREE/sub" "$FOLDER/away"',
      after: 'mv "$FOLDER/away" "$TREE/sub"',
    });
    const guard = await host.open();
    const paths = [{ path: host.tree, content: true }];
    expect(valueOf(await guard.snapshot({ key, paths, reserveBytes: 0 }))).toMatchObject({
      kind: "refused",
      failure: { code: "SNAPSHOT_UNPROVEN" },
    });
  });
});
