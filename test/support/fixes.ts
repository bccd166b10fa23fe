import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { problemLine } from "../../src/core/plan/problem.ts";
import { loadPlan, type LoadedPlan } from "../../src/sources/load-plan.ts";
import { options } from "../sources/registries.ts";

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
    host: z.record(z.string(), z.string()).optional(),
    links: z.record(z.string(), z.string()).optional(),
    // Shell text that makes more of the host than files can say.
    setup: z.string().optional(),
    with: z.string().optional(),
    rehearsed: z.literal("would-break").optional(),
  }),
);

export type Fix = z.output<typeof entries>[number];

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
    {
      name: "cn",
      instances: [{ name: "cn01", address: "10.1.0.1", via: "local", vars: { home: "/srv/alma" } }],
    },
  ],
};

/** The fixes of one file. */
export async function fixesOf(table: "harmful" | "harmless"): Promise<readonly Fix[]> {
  return entries.parse(await fixture(`${table}.yaml`));
}

/** Files by path, of the host that fixes are rehearsed on. */
export async function fixHost(): Promise<Readonly<Record<string, string>>> {
  return z.record(z.string(), z.string()).parse(await fixture("host.yaml"));
}

/** A plan with this fix as its only step, written into a folder of its own and read from there. */
export async function planOf(fix: Fix, folder: string): Promise<LoadedPlan> {
  const { run, script, interpreter, writes, allow } = fix;
  const home = await mkdtemp(join(folder, "fix-"));
  const work = script === undefined ? { run } : { script: { file: "files/fix", interpreter } };
  const step = { name: "fix", ...work, writes, allow };
  await mkdir(join(home, "files"));
  await writeFile(join(home, "files/fix"), script ?? "");
  await writeFile(join(home, "inventory.yaml"), stringify(inventory));
  await writeFile(join(home, "plan.yaml"), stringify({ ...ground, steps: [step] }));
  const loaded = await loadPlan(join(home, "plan.yaml"), options);
  if ("problems" in loaded) throw new Error(loaded.problems.map(problemLine).join("\n"));
  return loaded.ok;
}

async function fixture(name: string): Promise<unknown> {
  return parse(await readFile(new URL(`../../fixtures/fixes/${name}`, import.meta.url), "utf8"));
}
