import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { problemLine } from "../../src/core/plan/problem.ts";
import { loadPlan } from "../../src/sources/load-plan.ts";
import { options } from "./registries.ts";

/** Entries of a file in fixtures/wrong. What one leaves out is taken from the two right files there. */
const entries = z.array(
  z.strictObject({
    name: z.string(),
    plan: z.string().optional(),
    inventory: z.string().optional(),
    files: z.record(z.string(), z.string()).optional(),
    // Every line that is said, in order.
    says: z.array(z.string()),
  }),
);

type WrongCase = z.output<typeof entries>[number];

const wrong = new URL("../../fixtures/wrong/", import.meta.url).pathname;
const right = ["plan.yaml", "inventory.yaml"];
const tables = (await readdir(wrong)).filter((name) => !right.includes(name)).sort();

async function casesOf(table: string): Promise<readonly WrongCase[]> {
  return entries.parse(parse(await readFile(join(wrong, table), "utf8")));
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "handrail-wrong-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe.each(tables)("%s", async (table) => {
  const cases = await casesOf(table);

  test.each(cases)("$name", async (wrongCase) => {
    const home = await mkdtemp(join(folder, "case-"));
    const files = {
      "plan.yaml": wrongCase.plan ?? (await readFile(join(wrong, "plan.yaml"), "utf8")),
      "inventory.yaml":
        wrongCase.inventory ?? (await readFile(join(wrong, "inventory.yaml"), "utf8")),
      ...wrongCase.files,
    };
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(home, name)), { recursive: true });
      await writeFile(join(home, name), text);
    }
    const loaded = await loadPlan(join(home, "plan.yaml"), options);
    const problems = "problems" in loaded ? loaded.problems : [];
    const said = problems.map((problem) => problemLine(problem).replaceAll(`${home}/`, ""));
    expect(said).toEqual(wrongCase.says);
    expect(said, "a case without a word is no case").not.toEqual([]);
  });
});

test("the plan and the inventory that the cases start from are right", async () => {
  expect(await loadPlan(join(wrong, "plan.yaml"), options)).toHaveProperty("ok");
});

test("no message speaks of the schema library or of a JavaScript type", async () => {
  const jargon =
    /Invalid input|expected (a |an )?(string|number|object|array)\b|\breceived\b|undefined|\bnull\b|\bNaN\b|\[object|zod/;
  for (const table of tables) {
    const cases = await casesOf(table);
    expect(cases.flatMap((one) => one.says).filter((line) => jargon.test(line))).toEqual([]);
  }
});
