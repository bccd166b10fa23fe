import { execFileSync } from "node:child_process";
import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { handrail, program, tempFolder } from "./run-handrail.ts";

/** A Node that is too old for Handrail; null: this machine has none. */
function oldNode(): string | null {
  for (const path of ["/usr/bin/node", "/usr/local/bin/node", "/bin/node"]) {
    try {
      const version = execFileSync(path, ["--version"], { encoding: "utf8" });
      if (Number(/^v(\d+)/.exec(version)?.[1]) < 24) return path;
    } catch {
      continue; // Not there: the next place.
    }
  }
  return null;
}

const node = oldNode();
const skip = node === null;
const why = skip ? " (skipped, because there is no Node before 24 here)" : "";

test.skipIf(skip)(`an older Node hands over to the one that npm installed${why}`, async () => {
  await using folder = await tempFolder();
  const { code, stdout } = await handrail(["--version"], { cwd: folder.path, node: node! });
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/)]);
  const wrong = await handrail(["aply"], { cwd: folder.path, node: node! });
  expect([wrong.code, wrong.stderr]).toEqual([3, expect.stringContaining('no verb "aply"')]);
});

test.skipIf(skip)(`an older Node alone says what to do${why}`, async () => {
  await using folder = await tempFolder();
  await mkdir(join(folder.path, "bin"));
  await cp(program, join(folder.path, "bin", "handrail.js"));
  await folder.write("package.json", '{"type":"module"}');
  const run = () => {
    try {
      return execFileSync(node!, [join(folder.path, "bin", "handrail.js")], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
      });
    } catch (error) {
      return error;
    }
  };
  expect(run()).toMatchObject({
    status: 3,
    stderr: expect.stringMatching(
      /^handrail: Node 24 or newer is needed.*\n {2}next: install Node 24/,
    ),
  });
});
