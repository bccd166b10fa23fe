import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { execFileSync, spawnSync } from "../support/bounded-process.ts";
import { removeFolder } from "../support/remove-folder.ts";

/** Writes into a fifo that nobody reads, in a process that the shell has started. */
const endless = "mkfifo fifo; (echo never >fifo); echo not here";

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "handrail-bounded-"));
  onTestFinished(() => removeFolder(path));
  return path;
}

test("a program that waits for ever is killed with all that it started, and named", () => {
  const cwd = folder();
  const run = (): unknown => execFileSync("sh", ["-c", endless], { cwd, timeout: 300 });
  expect(run).toThrow(/^did not end within 0\.3 s and was killed; .*: sh -c mkfifo fifo; /);
  // A writer that is still there would give this reader a line.
  const read = spawnSync("sh", ["-c", "cat fifo"], { cwd, timeout: 300, encoding: "utf8" });
  expect(read.stdout).toBe("");
});

function failing(): unknown {
  return execFileSync("sh", ["-c", "echo why >&2; exit 7"], { stdio: ["ignore", "pipe", "pipe"] });
}

test("a program that ends by itself is told as node tells it", () => {
  expect(failing).toThrow(expect.objectContaining({ status: 7, stderr: Buffer.from("why\n") }));
  expect(execFileSync("sh", ["-c", "cat"], { input: "in", encoding: "utf8" })).toBe("in");
  const ran = spawnSync("sh", ["-c", "echo out; exit 3"], { encoding: "utf8" });
  expect(ran).toMatchObject({ status: 3, stdout: "out\n", signal: null });
});
