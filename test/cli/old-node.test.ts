import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, cp, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { execFileSync } from "../support/bounded-process.ts";
import { oldNode } from "../support/old-node.ts";
import { handrail, program, tempFolder } from "./run-handrail.ts";

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
      /^handrail: Node 24 or newer is needed.*\n {2}next: install Node 24 .*, and type the same again\n$/,
    ),
  });
});

test("a Node that can give its place away does: nothing stands between caller and program", async () => {
  await using folder = await tempFolder();
  const path = (name: string): string => join(folder.path, name);
  await mkdir(path("bin"));
  await mkdir(path("node_modules/node/bin"), { recursive: true });
  const text = await readFile(program, "utf8");
  const older = text.replace("const nodeMajorMin = 24;", "const nodeMajorMin = 99;");
  expect(older).not.toBe(text);
  await folder.write("bin/handrail.js", older);
  await folder.write("package.json", '{"type":"module"}');
  await folder.write("node_modules/node/package.json", '{"name":"node"}');
  await folder.write("node_modules/node/bin/node", '#!/bin/sh\necho "$$ $2"\n');
  await chmod(path("node_modules/node/bin/node"), 0o755);
  const child = spawn(process.execPath, [path("bin/handrail.js"), "status"], { stdio: "pipe" });
  const said = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (each: string) => (said.stdout += each));
  child.stderr.setEncoding("utf8").on("data", (each: string) => (said.stderr += each));
  await once(child, "close");
  expect(said).toEqual({ stdout: `${child.pid} status\n`, stderr: "" });
});
