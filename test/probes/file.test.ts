import { chmod, mkdir, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { file } from "../../src/probes/file.ts";
import { spawnSync } from "../support/bounded-process.ts";
import {
  type ProbeShell,
  probeShells,
  realContext,
  temporaryFolder,
  withoutTime,
} from "./probe-contexts.ts";

const unprivileged =
  process.getuid?.() === 0 &&
  spawnSync("setpriv", ["--reuid=65534", "--clear-groups", "true"]).status === 0
    ? null
    : "setpriv as root is needed to look as somebody else";

const askOn = async (shell: ProbeShell, given: object) =>
  withoutTime(await file.ask(file.args.parse(given), realContext(shell)));

for (const shell of probeShells) {
  const skip = shell.missing === null ? "" : ` (skipped, because ${shell.missing})`;
  describe.skipIf(shell.missing !== null)(`file under ${shell.name}${skip}`, () => {
    test.each<[string, object, string, string]>([
      ["ready", {}, "pass", "is there (a file)"],
      ["ready", { exists: false }, "fail", "is there (a file), and must not be"],
      ["never", {}, "fail", "is not there"],
      ["never", { exists: false }, "pass", "is not there"],
      ["ready/below", { exists: false }, "pass", "is not there"],
      ["ready", { type: "folder" }, "fail", "is a file, expected a folder"],
      ["jobs", { type: "folder" }, "pass", "is there (a folder)"],
      ["dangling", {}, "pass", "is there (a link)"],
      [
        "to-jobs",
        { count: { min: 1 } },
        "fail",
        ": is a link, and entries are counted in a folder",
      ],
      ["jobs", { count: { max: 5 } }, "pass", "is there: 5 entries"],
      ["jobs", { count: { max: 4 } }, "fail", ": 5 entries, expected at most 4"],
      ["jobs", { count: { min: 6 } }, "fail", ": 5 entries, expected at least 6"],
      ["jobs", { count: { min: 2, max: 2, name: "*.job" } }, "pass", "is there: 2 entries"],
      ["jobs", { count: { max: 0, name: "$(touch pwned)" } }, "pass", "is there: 0 entries"],
      ["empty", { count: { max: 0 } }, "pass", "is there: 0 entries"],
      ["ready", { size: { min: 1, max: 5 } }, "pass", "is there: 5 bytes"],
      ["ready", { size: { max: 4 } }, "fail", ": 5 bytes, expected at most 4"],
      ["ready", { youngerThan: "1h" }, "pass", "is there: changed "],
      ["old", { youngerThan: "1h" }, "fail", ", expected within 1h"],
      ["old", { olderThan: "1h" }, "pass", "is there: changed 20 h 00 min ago"],
      ["ready", { olderThan: "1h" }, "fail", ", expected longer than 1h ago"],
      ["-n $(touch pwned)\nname", {}, "pass", "is there (a file)"],
    ])("%j %j: %s", async (name, wanted, is, because) => {
      await using folder = await temporaryFolder();
      await prepare(folder.path);
      const answer = await askOn(shell, { path: join(folder.path, name), ...wanted });
      expect(answer.is).toBe(is);
      expect(answer.because).toContain(because);
    });

    test("many entries are counted", async () => {
      await using folder = await temporaryFolder();
      await Promise.all(
        Array.from({ length: 3000 }, (_, index) => writeFile(join(folder.path, `f${index}`), "")),
      );
      expect(
        await askOn(shell, { path: folder.path, count: { min: 3000, max: 3000 } }),
      ).toMatchObject({
        is: "pass",
      });
    });

    test.skipIf(unprivileged !== null)(
      `what may not be looked at is no verdict${unprivileged === null ? "" : ` (skipped, because ${unprivileged})`}`,
      async () => {
        await using folder = await temporaryFolder();
        await prepare(folder.path);
        await chmod(folder.path, 0o755);
        await chmod(join(folder.path, "jobs"), 0o700);
        const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
        const context = realContext({ ...shell, command: [...nobody, ...shell.command] });
        for (const given of [
          { path: join(folder.path, "jobs/a.job"), exists: false },
          { path: join(folder.path, "jobs"), count: { min: 1 } },
        ]) {
          const answer = await file.ask(file.args.parse(given), context);
          expect(answer.is).toBe("error");
          expect(answer.because).toContain("can't be");
        }
      },
    );
  });
}

test.each([
  [{ path: "relative" }, "must be an absolute path"],
  [{ path: "/x", count: {} }, "needs min or max"],
  [{ path: "/x", count: { min: 3, max: 2 } }, "min must not be larger than max"],
  [{ path: "/x", exists: false, youngerThan: "5m" }, "nothing else can be asked"],
  [{ path: "/x", youngerThen: "5m" }, "youngerThen"],
])("the schema refuses %j: %s", (given, message) => {
  expect(file.args.safeParse(given).error?.message).toContain(message);
});

async function prepare(folder: string): Promise<void> {
  await writeFile(join(folder, "ready"), "ready");
  await writeFile(join(folder, "old"), "");
  const hoursAgo = Date.now() / 1000 - 20 * 3600;
  await utimes(join(folder, "old"), hoursAgo, hoursAgo);
  await mkdir(join(folder, "empty"));
  await mkdir(join(folder, "jobs"));
  for (const name of ["a.job", "b c.job", ".hidden", "line\nbreak", "-x"]) {
    await writeFile(join(folder, "jobs", name), "");
  }
  await symlink("nowhere", join(folder, "dangling"));
  await symlink("jobs", join(folder, "to-jobs"));
  await writeFile(join(folder, "-n $(touch pwned)\nname"), "");
}
