import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import type { Guard } from "../../src/ports/guard.ts";
import { isRoot, rootOnly, ShellHost, valueOf } from "./support/shell-hosts.ts";

/** So many snapshots of a tree that changes that some of their layers are joined. */
const snapshots = 10;

test.skipIf(!isRoot)(
  `a name that a link was once on the way to is not taken away where it leads${rootOnly}`,
  async () => {
    await using host = await ShellHost.start();
    host.sh(
      `mkdir "$FOLDER/outside"; echo precious >"$FOLDER/outside/victim"; ln -s "$FOLDER/outside" it
    for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo "$i" >"old$i"; done`,
    );
    const guard = await host.open();
    await keep(guard, host, 1);
    host.sh("rm it; mkdir it; echo x >it/victim");
    await keep(guard, host, 2);
    host.sh("rm it/victim");
    await keep(guard, host, 3);
    for (let at = 4; at <= snapshots; at += 1) {
      host.sh(`echo new >new${at}`);
      await keep(guard, host, at);
    }
    const before = host.sh("ls");
    host.sh('cd ..; rm -rf tree; test -e "$FOLDER/outside/victim"');
    const result = valueOf(
      await guard.restore({
        key: `web01.${snapshots}`,
        rules: [{ path: host.tree, how: "exactly" }],
        later: "replace",
      }),
    );
    expect(result).toMatchObject({ kind: "restored", failedTotal: 0 });
    expect(existsSync(`${host.folder}/outside/victim`)).toBe(true);
    expect(host.sh("ls; ls it")).toBe(before);
  },
);

async function keep(guard: Guard, host: ShellHost, at: number): Promise<void> {
  const paths = [{ path: host.tree, content: true }];
  const result = valueOf(await guard.snapshot({ key: `web01.${at}`, paths, reserveBytes: 0 }));
  expect(result.kind).toBe("complete");
}
