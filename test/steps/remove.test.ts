import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { remove } from "../../src/steps/remove.ts";
import {
  mountsMissing,
  mountSmall,
  namesBelow,
  planFiles,
  StepHost,
  stepShells,
} from "./step-shells.ts";

const ordersFor = (...paths: string[]) =>
  remove.orders(remove.args.parse({ paths }), { env: {}, files: planFiles([]) });

for (const shell of stepShells) {
  const skip = shell.missing === null ? "" : ` (skipped, because ${shell.missing})`;
  describe.skipIf(shell.missing !== null)(`remove under ${shell.name}${skip}`, () => {
    test("removes files, folders and links; what a link names stays", async () => {
      await using host = await StepHost.start(shell);
      await mkdir(join(host.work, "folder/deep"), { recursive: true });
      await writeFile(join(host.work, "folder/deep/file"), "x");
      await writeFile(join(host.work, "kept"), "kept");
      await symlink("../kept", join(host.work, "folder/to-kept"));
      await symlink("kept", join(host.work, "link"));
      const ran = await host.run(
        ordersFor(
          join(host.work, "folder"),
          join(host.work, "link"),
          join(host.work, "never/there"),
        ),
      );
      expect(ran).toEqual({ code: 0, stdout: "paths removed: 2\n", stderr: "" });
      expect(await namesBelow(host.work)).toEqual(["kept"]);
      expect(await readFile(join(host.work, "kept"), "utf8")).toBe("kept");
    });

    test.each(["-rf", "two  words", "$(touch pwned)", "it's", "line\nbreak", "tail\n", "*"])(
      "takes the name %j literally",
      async (name) => {
        await using host = await StepHost.start(shell);
        await writeFile(join(host.work, name), "x");
        await writeFile(join(host.work, "other"), "x");
        const ran = await host.run(ordersFor(join(host.work, name)));
        expect(ran).toMatchObject({ code: 0, stderr: "" });
        expect(await namesBelow(host.work)).toEqual(["other"]);
      },
    );

    test("refuses a path through a symbolic link before anything goes", async () => {
      await using host = await StepHost.start(shell);
      await mkdir(join(host.work, "real"));
      await writeFile(join(host.work, "real/file"), "x");
      await writeFile(join(host.work, "first"), "x");
      await symlink("real", join(host.work, "link"));
      const ran = await host.run(ordersFor(join(host.work, "first"), join(host.work, "link/file")));
      expect(ran.code).toBe(1);
      expect(ran.stderr).toContain("passes through a symbolic link");
      expect(await namesBelow(host.work)).toEqual(["first", "link", "real", "real/file"]);
    });

    test.skipIf(mountsMissing !== null)(
      `refuses a folder with a mount inside it${mountsMissing === null ? "" : ` (skipped, because ${mountsMissing})`}`,
      async () => {
        await using host = await StepHost.start(shell);
        const point = join(host.work, "folder", "a mount");
        await mkdir(point, { recursive: true });
        await writeFile(join(host.work, "folder/file"), "x");
        using disk = mountSmall(point, "1m");
        const ran = await host.run(ordersFor(join(host.work, "folder")));
        expect(ran.code).toBe(1);
        expect(ran.stderr).toContain(`"${disk.folder}" is a mount point inside`);
        expect(await namesBelow(host.work)).toEqual(["folder", "folder/a mount", "folder/file"]);
      },
    );
  });
}

// Only under dash: BusyBox would use its own rm, and this test must never run a real one.
const plain = stepShells[0]!;
const skipPlain = plain.missing === null ? "" : ` (skipped, because ${plain.missing})`;
test.skipIf(plain.missing !== null)(`never removes /${skipPlain}`, async () => {
  await using host = await StepHost.start(plain, { rm: '#!/bin/sh\necho "rm: $*"\n' });
  const given = remove.args.parse({ paths: ["//"] });
  const ran = await host.run(remove.orders(given, { env: {}, files: planFiles([]) }));
  expect(ran.code).toBe(1);
  expect(ran.stderr).toContain('"/" is not removed');
  expect(ran.stdout).not.toContain("rm: -rf");
});

test.each([
  ["/", 'remove "/": this folder belongs to the system; name what is to go inside it'],
  ["/usr//", 'remove "/usr//": this folder belongs to the system; name what is to go inside it'],
  [
    "/var/lib",
    'remove "/var/lib": this folder belongs to the system; name what is to go inside it',
  ],
  ["tmp", 'remove "tmp": the path is not absolute'],
  ["/srv/../etc", 'remove "/srv/../etc": the path holds ".."'],
])("review of the path %s says: %s", (path, sentence) => {
  expect(remove.review({ paths: [path] }, planFiles([]))).toEqual([sentence]);
});
