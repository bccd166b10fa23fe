import { spawn } from "node:child_process";
import { chown, readdir } from "node:fs/promises";
import { expect, test } from "vitest";
import { spawnSync } from "../support/bounded-process.ts";
import { isLong } from "../support/long-suite.ts";
import { program, tempFolder } from "./run-handrail.ts";

/** A user that passwd(5) has no entry of: clusters run containers so. */
const uid = 54_321;
const mayBe = spawnSync("cat", [program], { uid }).status === 0;
const why = mayBe ? "" : " (skipped, because nothing here can be run as another user)";

test.skipIf(!mayBe)(`a user of a number only is called by that number${why}`, async () => {
  await using folder = await tempFolder();
  await chown(folder.path, uid, uid);
  const run = runIn(folder.path, { uid, gid: uid });
  for (const env of [{ HOME: folder.path }, {}]) {
    expect(await run(["doctor"], env)).toEqual({ code: 0, stderr: "" });
  }
  expect(await run(["init"], {})).toEqual({ code: 0, stderr: "" });
  expect(await run(["validate", "plan.yaml"], {})).toEqual({ code: 0, stderr: "" });
  const asks = await run(["pause", "fix-1", "--state", folder.path], {});
  expect(asks).toMatchObject({ code: 3, stderr: expect.stringContaining("fix-1") });
});

test.each(isLong ? ["", "here"] : ["here"])(
  "no file is made or read where HOME is %j, which is no path",
  async (home) => {
    await using folder = await tempFolder();
    const run = runIn(folder.path, {});
    expect(await run(["validate", "--help"], { HOME: home })).toEqual({ code: 0, stderr: "" });
    expect(await readdir(folder.path)).toEqual([]);
  },
);

/** Runs the program there, with these variables and no others. */
function runIn(cwd: string, as: { readonly uid?: number; readonly gid?: number }) {
  return async (args: readonly string[], env: Readonly<Record<string, string>>) => {
    const child = spawn(process.execPath, [program, ...args], {
      cwd,
      ...as,
      env: { PATH: "/usr/bin:/bin", ...env },
      stdio: ["ignore", "ignore", "pipe"],
      timeout: 80_000,
    });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    return { code, stderr };
  };
}
