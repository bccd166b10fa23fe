import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWith } from "../support/parts.ts";
import { handrail, program, type TempFolder, tempFolder } from "./run-handrail.ts";

let folder: TempFolder;

beforeAll(async () => {
  folder = await tempFolder();
  await handrail(["init"], { cwd: folder.path });
  const inventory = await readFile(join(folder.path, "inventory.yaml"), "utf8");
  await folder.write("inventory.yaml", inventory.replace("production: false", "production: true"));
});

afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

/** Runs `apply` on a terminal of its own, and types once the question stands there. */
async function applyAndType(keys: string): Promise<{ code: number | null; screen: string }> {
  const line = `exec '${process.execPath}' '${program}' apply plan.yaml`;
  const child = spawn("script", ["-qec", line, "/dev/null"], {
    cwd: folder.path,
    env: { ...process.env, HOME: folder.path, TERM: "xterm" },
    stdio: ["pipe", "pipe", "inherit"],
    timeout: 30_000,
  });
  let screen = "";
  let typed = false;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    screen += text;
    if (typed || !screen.includes("type the names of the regions")) return;
    typed = true;
    // The terminal may hand Ctrl-C to whoever reads it by then.
    void sleep(200).then(() => child.stdin.write(keys));
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, screen };
}

describeWith(["script"], "on a terminal, production asks for the regions", () => {
  test("after it has shown the preview, and anything else than their names ends it", async () => {
    const { code, screen } = await applyAndType("frist\r");
    expect(code).toBe(3);
    expect(screen).toContain("Preview of first-plan");
    expect(screen).toContain('that is not "first"; nothing was touched');
  });

  test.each([
    ["Ctrl-C", "\u0003"],
    ["Ctrl-D", "\u0004"],
  ])("and %s ends it", async (_name, key) => {
    const { code, screen } = await applyAndType(key);
    expect(code).toBe(3);
    expect(screen).toContain("nothing was confirmed, and nothing was touched");
  });
});
