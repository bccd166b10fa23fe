import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { isLong } from "../support/long-suite.ts";
import { type TempFolder, tempFolder } from "./run-handrail.ts";
import { handrailHere as handrail } from "./run-in-process.ts";

let folder: TempFolder;
const run = (...args: string[]) => handrail(args, { cwd: folder.path });

beforeAll(async () => {
  folder = await tempFolder();
  const { code, stderr } = await run("init", ".");
  if (code !== 0) throw new Error(`init ended with ${code}: ${stderr}`);
});

afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

describe("init", () => {
  test("writes a plan that is valid as it is", async () => {
    const { code, stdout, stderr } = await run("validate", "plan.yaml");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^plan\.yaml is valid: \d+ steps? on \d+ instances? in .+\n$/);
  });

  test("overwrites nothing", async () => {
    const before = await readFile(join(folder.path, "plan.yaml"), "utf8");
    const { code, stderr } = await run("init");
    expect(code).toBe(3);
    expect(stderr).toContain(`"${join(folder.path, "plan.yaml")}" is there already`);
    expect(await readFile(join(folder.path, "plan.yaml"), "utf8")).toBe(before);
  });

  test("makes a folder that is not there", async () => {
    const { code, stdout } = await run("init", "new/place");
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining("Next: handrail validate new/place/plan.yaml"),
    ]);
  });
});

describe("validate", () => {
  test("says everything that is wrong, each with file, line and column, and exits 3", async () => {
    await folder.write("wrong.yaml", wrongPlan);
    const { code, stdout, stderr } = await run("validate", "wrong.yaml");
    expect([code, stdout]).toEqual([3, ""]);
    const lines = stderr.trimEnd().split("\n");
    expect(lines.pop()).toBe("  next: put that right, and type the same again");
    expect(lines.at(-1)).toMatch(/^handrail: \d+ problems, nothing was touched$/);
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines.slice(0, -1)) expect(line).toMatch(/^wrong\.yaml:\d+:\d+: .+/);
    expect(stderr).toMatch(/^wrong\.yaml:4:1: .*"sumary".*did you mean "summary"\?/m);
  });

  test("as JSON gives the same problems as data, on standard output", async () => {
    await folder.write("wrong.yaml", wrongPlan);
    const { code, stdout, stderr } = await run("validate", "wrong.yaml", "--json");
    expect([code, stderr]).toEqual([3, ""]);
    const answer: unknown = JSON.parse(stdout);
    expect(answer).toMatchObject({ valid: false });
    expect(answer).toHaveProperty(
      "problems.0",
      expect.objectContaining({ file: "wrong.yaml", line: 4 }),
    );
  });

  test("of a file that is not there says so", async () => {
    const { code, stderr } = await run("validate", "nowhere.yaml");
    expect(code).toBe(3);
    expect(stderr).toContain('the plan "nowhere.yaml" is not there');
  });

  test("takes another inventory in place of the plan's", async () => {
    const { code, stderr } = await run("validate", "plan.yaml", "--inventory", "nowhere.yaml");
    expect(code).toBe(3);
    expect(stderr).toContain("nowhere.yaml");
  });
});

const wrongPlan = `handrail: 1
name: first-plan
inventory: inventory.yaml
sumary: Mistyped.
steps:
  - name: one
    runn: "true"
`;

describe("preview", () => {
  test("shows steps, order and digest, and connects nowhere", async () => {
    const { code, stdout, stderr } = await run("preview", "plan.yaml");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/digest +[0-9a-f]{64}/);
    expect(stdout).not.toContain("\x1b");
  });

  test("is what apply --dry-run shows, and neither leaves a journal behind", async () => {
    const preview = await run("preview", "plan.yaml");
    expect(await run("apply", "plan.yaml", "--dry-run")).toEqual(preview);
    const words = ["plan.yaml", "--json", "--detailed-exitcode"];
    const detailed = await run("apply", ...words, "--dry-run");
    expect(detailed).toEqual(await run("preview", ...words));
    expect(detailed.code).toBe(2);
    await expect(access(join(folder.path, ".handrail"))).rejects.toThrow("ENOENT");
  });

  test("as JSON has the same digest", async () => {
    const { stdout } = await run("preview", "plan.yaml", "--json");
    const { digest } = z.object({ digest: z.string() }).parse(JSON.parse(stdout));
    expect((await run("preview", "plan.yaml")).stdout).toContain(digest);
  });

  test("is in colour only where that is wanted", async () => {
    const colored = { cwd: folder.path, env: { FORCE_COLOR: "1" } };
    expect((await handrail(["preview", "plan.yaml"], colored)).stdout).toContain("\x1b[");
    const plain = { cwd: folder.path, env: { FORCE_COLOR: "1", NO_COLOR: "1" } };
    expect((await handrail(["preview", "plan.yaml"], plain)).stdout).not.toContain("\x1b");
    const flag = await handrail(["preview", "plan.yaml", "--no-color"], colored);
    expect(flag.stdout).not.toContain("\x1b");
  });
});

describe("apply asks for intent in production", () => {
  test("and without a terminal refuses, with the way to go on", async () => {
    const inventory = await readFile(join(folder.path, "inventory.yaml"), "utf8");
    await folder.write(
      "production.yaml",
      inventory.replace(/production: false/, "production: true"),
    );
    const { code, stdout, stderr } = await run(
      "apply",
      "plan.yaml",
      "--inventory",
      "production.yaml",
    );
    expect([code, stdout]).toEqual([3, ""]);
    expect(stderr).toContain("is production, and nobody is at a terminal to confirm");
    expect(stderr).toContain("--approve DIGEST");
  });

  test("and refuses a digest of another plan", async () => {
    const { code, stderr } = await run("apply", "plan.yaml", "--approve", "0".repeat(64));
    expect(code).toBe(3);
    expect(stderr).toContain("--approve names another plan: this one has the digest ");
  });
});

describe("schema", () => {
  test.each(isLong ? ["plan", "inventory", "events"] : ["events"])(
    "%s is JSON Schema that zod can read back",
    async (what) => {
      const { code, stdout, stderr } = await run("schema", what);
      expect([code, stderr]).toEqual([0, ""]);
      const schema: z.core.JSONSchema.JSONSchema = JSON.parse(stdout);
      expect(schema.$schema).toBe("https://json-schema.org/draft/2020-12/schema");
      expect(() => z.fromJSONSchema(schema)).not.toThrow();
    },
  );
});

describe("verbs that need a journal", () => {
  const seldom = [["locks"], ["snapshots"], ["report", "x"], ["resume", "x"]];

  test.each([["status"], ["pause", "x"], ...(isLong ? seldom : [])])(
    "handrail %s says where it looked, and makes no folder",
    async (...args) => {
      const { code, stderr } = await run(...args);
      expect([code, stderr]).toEqual([
        3,
        `handrail: there is no journal at "${join(folder.path, ".handrail")}"\n  next: go to the folder of the inventory, or name the journal's with --state DIR\n`,
      ]);
      await expect(access(join(folder.path, ".handrail"))).rejects.toThrow("ENOENT");
    },
  );
});

test("doctor looks at the controller, and changes nothing", async () => {
  const { code, stdout } = await run("doctor");
  expect(code).toBe(0);
  expect(stdout).toContain(`ok    node: ${process.versions.node}`);
  expect(stdout).toContain(`${join(folder.path, ".handrail")} will be made by the first rollout`);
});
