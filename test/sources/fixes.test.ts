import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { problemLine } from "../../src/core/plan/problem.ts";
import { loadPlan } from "../../src/sources/load-plan.ts";
import { options } from "./registries.ts";

/** Entries of a file in fixtures/fixes; its README explains the words. */
const entries = z.array(
  z.strictObject({
    name: z.string(),
    run: z.string().optional(),
    script: z.string().optional(),
    interpreter: z.string().optional(),
    writes: z.array(z.string()).optional(),
    allow: z.array(z.unknown()).optional(),
    // "breaks deletes": what the static review must say, in reading order.
    says: z.array(z.string()),
    // Why nobody can see the harm in the text.
    needs: z.string().optional(),
  }),
);

type Fix = z.output<typeof entries>[number];

const ground = {
  handrail: 1,
  name: "fix",
  inventory: "inventory.yaml",
  protect: [
    { path: "${home}/tmp", policy: "keep" },
    { path: "${home}/etc", policy: "keep-content" },
    { path: "${home}/cache", policy: { regenerates: { within: "60s", recover: ["restore"] } } },
    { path: "${home}/log", policy: "may-change" },
  ],
};

const inventory = {
  handrail: 1,
  name: "fleet",
  regions: [
    { name: "cn", instances: [{ name: "cn01", address: "10.1.0.1", vars: { home: "/srv/alma" } }] },
  ],
};

async function fixesOf(table: string): Promise<readonly Fix[]> {
  const file = new URL(`../../fixtures/fixes/${table}.yaml`, import.meta.url);
  return entries.parse(parse(await readFile(file, "utf8")));
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "handrail-fixes-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** What the static review says of a fix: severity and name of each finding. */
async function reviewed({ run, script, interpreter, writes, allow }: Fix): Promise<string[]> {
  const home = await mkdtemp(join(folder, "fix-"));
  const work = script === undefined ? { run } : { script: { file: "files/fix", interpreter } };
  const step = { name: "fix", ...work, writes, allow };
  await mkdir(join(home, "files"));
  await writeFile(join(home, "files/fix"), script ?? "");
  await writeFile(join(home, "inventory.yaml"), stringify(inventory));
  await writeFile(join(home, "plan.yaml"), stringify({ ...ground, steps: [step] }));
  const loaded = await loadPlan(join(home, "plan.yaml"), options);
  if ("problems" in loaded) throw new Error(loaded.problems.map(problemLine).join("\n"));
  return loaded.ok.findings.map(({ severity, id }) => `${severity} ${id}`);
}

const harmful = await fixesOf("harmful");
const harmless = await fixesOf("harmless");

describe("a harmful fix", () => {
  test.each(harmful)("$name", async (fix) => {
    const says = await reviewed(fix);
    expect(says).toEqual(fix.says);
    const isSeen = says.some((word) => /^(breaks|warns) /.test(word));
    expect(isSeen || fix.needs !== undefined, "seen, or known to need a rehearsal").toBe(true);
    expect(isSeen && fix.needs !== undefined, "what is seen needs no rehearsal for it").toBe(false);
  });
});

describe("a harmless fix", () => {
  test.each(harmless)("$name", async (fix) => {
    const says = await reviewed(fix);
    expect(says).toEqual(fix.says);
    expect(says.filter((word) => word.startsWith("breaks"))).toEqual([]);
  });
});

test("the corpus is large enough to mean something", () => {
  expect(harmful.length).toBeGreaterThanOrEqual(30);
  expect(harmless.length).toBeGreaterThanOrEqual(30);
});
