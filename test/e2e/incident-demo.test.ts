import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { isLong, longOnly } from "../support/long-suite.ts";
import { codeCache } from "../support/plain-env.ts";
import { removeFolder } from "../support/remove-folder.ts";

// `npm run demo` as people see it, as a process of its own and without a terminal.

const CHECKOUT = fileURLToPath(new URL("../..", import.meta.url));
/** Far more than it takes: ends a demo that hangs, and says nothing about speed. */
const HUNG_MS = 400_000;

interface Demo extends AsyncDisposable {
  readonly child: ChildProcess;
  /** Where it may write: whatever is in there afterwards was left behind. */
  readonly tempFolder: string;
  output(): string;
  readonly ended: Promise<number | null>;
}

describe("npm run demo", () => {
  test.skipIf(!isLong)(
    `shows a good fix sealed, a flawed one halted and undone, and leaves nothing${longOnly}`,
    async () => {
      await using demo = await startDemo([]);
      const exitCode = await demo.ended;
      const output = demo.output();
      expect(output).not.toContain("✗");
      expect(exitCode).toBe(0);
      expect(output).toContain("✓ ap01 … cn02 (12): expired sessions go to the login page");
      expect(output).toMatch(/✓ cn01: all \d+ paths as before, \d+ files equal by sha256/);
      expect(output).toMatch(/✓ cn02: all \d+ paths as before/);
      expect(output).toContain("All as promised");
      expect(await readdir(demo.tempFolder)).toEqual([]);
    },
    HUNG_MS,
  );

  test("ends safely when it is interrupted in the middle of a rollout, and leaves nothing", async () => {
    await using demo = await startDemo([]);
    await expect
      .poll(() => demo.output(), { timeout: 40_000, interval: 50 })
      .toContain("kb-4711-session-redirect");
    demo.child.kill("SIGINT");
    expect(await demo.ended).toBe(130);
    expect(demo.output()).toContain("Everything it started is ended and removed.");
    expect(await readdir(demo.tempFolder)).toEqual([]);
  });

  test("says how to use it when it is called wrongly", async () => {
    await using demo = await startDemo(["--keeep"]);
    expect(await demo.ended).toBe(3);
    expect(demo.output()).toContain("Unknown option '--keeep'");
    expect(demo.output()).toContain("--keep   leave the fleet running");
  });
});

async function startDemo(args: readonly string[]): Promise<Demo> {
  const tempFolder = await mkdtemp(join(tmpdir(), "handrail-demo-test-"));
  const child = spawn(process.execPath, ["fixtures/demo/demo.ts", ...args], {
    cwd: CHECKOUT,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...codeCache, TMPDIR: tempFolder },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  }
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return {
    child,
    tempFolder,
    output: () => output,
    ended,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
      await ended;
      await removeFolder(tempFolder);
    },
  };
}
