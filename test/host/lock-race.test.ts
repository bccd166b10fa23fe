import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { holdTool } from "./support/held-tool.ts";
import { dash, ShellHost, valueOf } from "./support/shell-hosts.ts";

const holder = "deploy@laptop, pid 4711";

/** Puts a program before the host's own `ln`, which it may call by its whole path. */
async function replaceLn(host: ShellHost, script: string): Promise<void> {
  const path = join(host.folder, "bin", "ln");
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}

test("a lock that is given back at the very moment when it is asked for is taken, not taken for granted", async () => {
  await using host = await ShellHost.start(dash);
  const first = await host.open();
  valueOf(await first.claim({ holder, epoch: 1 }));
  const lock = join(host.spool, ".lock");
  await replaceLn(host, `/bin/ln "$@" && exit; rm -f '${lock}' "$0"; exit 1`);
  const second = await host.open({ rollout: "fix-2" });
  expect(valueOf(await second.claim({ holder, epoch: 1 }))).toEqual({ kind: "granted" });
  expect(await readFile(lock, "utf8")).toContain("fix-2\n");
});

test.each([
  ["whose file system has no links", "exit 1"],
  ["with a lock that nobody can read", ': >"$3"; exit 1'],
])("a spool %s gives no lock, and says so", async (_what, script) => {
  await using host = await ShellHost.start(dash);
  await replaceLn(host, script);
  const guard = await host.open();
  expect(valueOf(await guard.claim({ holder, epoch: 1 }))).toMatchObject({
    kind: "refused",
    failure: { code: "SPOOL_UNUSABLE" },
  });
});

test("two guards that leave a spool at the same moment leave nothing of it", async () => {
  await using host = await ShellHost.start(dash);
  const [one, other] = [await host.open(), await host.open()];
  for (const guard of [one, other]) valueOf(await guard.claim({ holder, epoch: 1 }));
  // The first is about to read which folders were made; the second does that meanwhile.
  const reading = holdTool(host, "cat", "*.made*");
  const first = one.release({ keepUntil: null });
  await reading.reached();
  const removing = holdTool(host, "rmdir", "*");
  const second = other.release({ keepUntil: null });
  const isHeld = await Promise.race([
    second.then(() => false),
    removing.reached().then(() => true),
  ]);
  reading.letGo();
  await (isHeld ? first : removing.reached());
  removing.letGo();
  expect([valueOf(await first), valueOf(await second)]).toEqual([{ left: 0 }, { left: 0 }]);
  expect(await readdir(dirname(host.tree))).toEqual(["tree"]);
});
