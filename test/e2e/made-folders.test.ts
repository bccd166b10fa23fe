import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  planText,
  smallFleet,
  type SmallFleet,
  withoutFolderTimes,
} from "../support/small-fleet.ts";
import { isLong, longOnly } from "../support/long-suite.ts";

const diff = `--- /dev/null
+++ b/conf/new/redirect.conf
@@ -0,0 +1 @@
+redirect
`;

/** A fleet of one, with a folder to copy and a patch that makes folders. */
async function fleetWithFiles(): Promise<SmallFleet> {
  const fleet = await smallFleet({ names: ["a1"] });
  await mkdir(join(fleet.folder, "files", "deep", "er"), { recursive: true });
  await writeFile(join(fleet.folder, "files", "top"), "top\n");
  await writeFile(join(fleet.folder, "files", "deep", "er", "leaf"), "leaf\n");
  await writeFile(join(fleet.folder, "new.diff"), diff);
  return fleet;
}

const copied = '{ name: files, copy: { from: files, to: "${home}/lib/new" } }';
const inside = '{ name: inside, copy: { from: files, to: "${home}/tmp/new" } }';
const patched = '{ name: patch, patch: { diff: new.diff, in: "${home}" } }';

/** The last one fails, and may write everywhere before that. */
const steps = (last: string, ...others: readonly string[]): string =>
  [
    'protect: [{ path: "${home}/tmp", policy: keep }]',
    "steps:",
    ...others.map((step) => `  - ${step}`),
    `  - { name: last, prevent: false, run: '${last}' }`,
  ].join("\n");

test.skipIf(!isLong)(
  `folders that copy and patch made are gone after a rollback, and count in the verdict${longOnly}`,
  async () => {
    await using fleet = await fleetWithFiles();
    const home = fleet.home("a1");
    await mkdir(join(home, "lib"));
    const before = withoutFolderTimes(await fleet.listing(home));
    await fleet.writePlan(planText(steps("exit 3", copied, inside, patched)));
    const ran = await fleet.run(["apply", "plan.yaml", "--json"]);
    expect([ran.exit, ran.stderr]).toEqual([4, ""]);
    expect(withoutFolderTimes(await fleet.listing(home))).toBe(before);
    const verdicts = ran.events.filter(({ type }) => type === "verdict");
    // Two files in three folders.
    expect(verdicts[0]).toMatchObject({ counts: { created: 5 } });
  },
);

test.skipIf(!isLong)(
  `a made folder in which someone else has put something stays, with that alone${longOnly}`,
  async () => {
    await using fleet = await fleetWithFiles();
    const home = fleet.home("a1");
    await mkdir(join(home, "lib"));
    const put = 'echo x > "${home}/lib/new/deep/theirs"; mkdir "${home}/tmp/new/empty"; exit 3';
    await fleet.writePlan(planText(steps(put, copied, inside)));
    const ran = await fleet.run(["apply", "plan.yaml", "--json"]);
    expect([ran.exit, ran.stderr]).toEqual([4, ""]);
    expect((await fleet.listing(join(home, "lib"))).match(/^\S+/gm)).toEqual([
      "new",
      "new/deep",
      "new/deep/theirs",
      expect.stringMatching(/^[0-9a-f]{64}$/),
    ]);
    expect((await fleet.listing(join(home, "tmp"))).match(/^new\S*/gm)).toEqual([
      "new",
      "new/empty",
    ]);
  },
);

test.skipIf(!isLong)(
  `a folder that was there stays as it was, whatever is in it${longOnly}`,
  async () => {
    await using fleet = await fleetWithFiles();
    const home = fleet.home("a1");
    await mkdir(join(home, "lib", "new", "deep"), { recursive: true });
    await mkdir(join(home, "conf"));
    await writeFile(join(home, "lib", "new", "theirs"), "theirs\n");
    const before = withoutFolderTimes(await fleet.listing(home));
    await fleet.writePlan(planText(steps("exit 3", copied, patched)));
    expect((await fleet.run(["apply", "plan.yaml"])).exit).toBe(4);
    expect(withoutFolderTimes(await fleet.listing(home))).toBe(before);
  },
);
