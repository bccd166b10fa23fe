import { describe, expect, test } from "vitest";
import {
  attributesMissing,
  everything,
  fillNastily,
  fillWithAttributes,
  portrait,
  withBusybox,
} from "./support/nasty-tree.ts";
import { allWell, key, restored, snapshot, stepEnded } from "./support/restoring.ts";
import { dash, present, ShellHost, valueOf } from "./support/shell-hosts.ts";

describe.each(present)("with $name", (userland) => {
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
      const inodes = host.sh("find . -printf '%i %C@ %p\\n' | sort");
      expect(await restored(guard, rule)).toEqual(allWell(0));
      expect(portrait(host.tree, fidelity)).toEqual(before);
      if (how === "deleted") expect(host.sh("find . -printf '%i %C@ %p\\n' | sort")).toBe(inodes);
    },
  );

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
});
