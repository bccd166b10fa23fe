import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Ran, type TempFolder, tempFolder } from "./run-handrail.ts";
import { handrailHere as handrail } from "./run-in-process.ts";
import { isLong, longOnly } from "../support/long-suite.ts";

/** Two instances on this machine, in production, and a plan that copies one file. */
async function twoInstances(): Promise<TempFolder & { run(...args: string[]): Promise<Ran> }> {
  const folder = await tempFolder();
  const { path } = folder;
  await writeFile(join(path, "app"), "v2\n");
  await folder.write(
    "inventory.yaml",
    `handrail: 1
name: two
production: true
defaults: { via: local, vars: { home: "${path}/srv/\${name}" } }
regions:
  - { name: first, instances: [{ name: a, address: localhost, spool: ${path}/spool-a }] }
  - { name: second, instances: [{ name: b, address: localhost, spool: ${path}/spool-b }] }
`,
  );
  await folder.write("plan.yaml", plan);
  const run = (...args: string[]): Promise<Ran> => handrail(args, { cwd: path });
  const { mkdir } = await import("node:fs/promises");
  for (const name of ["a", "b"]) {
    await mkdir(join(path, "srv", name, "etc"), { recursive: true });
    await mkdir(join(path, "srv", name, "tmp"));
    await writeFile(join(path, "srv", name, "app"), "v1\n");
    await writeFile(join(path, "srv", name, "etc/conf"), "c\n");
  }
  return Object.assign(folder, { run });
}

const plan = `handrail: 1
name: bound
inventory: inventory.yaml
protect:
  - { path: "\${home}/tmp", policy: keep }
  - { path: "\${home}/etc", policy: keep-content }
rollout:
  bake: { settle: 0s, stable: 0s, retry: 1s }
  bakeFirst: { settle: 0s, stable: 0s, retry: 1s }
steps:
  - { name: app, copy: { from: app, to: "\${home}/app", mode: "0644" } }
`;

test("a rollout in production that is bound to a preview begins without a question, once", async () => {
  await using two = await twoInstances();
  const looked = await two.run("preview", "plan.yaml", "--out", "p.json");
  expect(looked).toMatchObject({ code: 0, stderr: expect.stringContaining("Written to p.json") });
  const file = JSON.parse(await readFile(join(two.path, "p.json"), "utf8"));
  expect(file).toMatchObject({ kind: "preview", plan: "plan.yaml", inventory: null });
  // A temp folder lives on while the preview is read.
  await writeFile(join(two.path, "srv/a/tmp/upload"), "x");
  const applied = await two.run("apply", "p.json");
  expect(applied).toMatchObject({ code: 0, stderr: "" });
  for (const name of ["a", "b"])
    expect(await readFile(join(two.path, "srv", name, "app"), "utf8")).toBe("v2\n");
  for (const name of ["a", "b"]) await writeFile(join(two.path, "srv", name, "app"), "v1\n");
  const again = await two.run("apply", "p.json");
  expect(again.code).toBe(3);
  expect(again.stderr).toMatch(/this preview was used: rollout "bound-.*" was begun from it/);
  expect(await readFile(join(two.path, "srv/a/app"), "utf8")).toBe("v1\n");
});

test.each([
  ["a referenced file", "app", "v3\n", 'the file "app" is another one'],
  ["the plan", "plan.yaml", plan.replace("0644", "0600"), "the plan says something else"],
  ["what is protected", "srv/b/etc/conf", "other\n", '/srv/b/etc" on b is not as it was'],
  ["what the step would replace", "srv/b/app", "v1.5\n", '/srv/b/app" on b is not as it was'],
])("a preview is refused where %s changed since", async (_, name, text, because) => {
  await using two = await twoInstances();
  expect((await two.run("preview", "plan.yaml", "--out", "p.json")).code).toBe(0);
  await two.write(name, text);
  const refused = await two.run("apply", "p.json", "--json");
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain(because);
  expect(refused.stderr).toContain("preview plan.yaml --out p.json");
  expect(refused.stdout).toContain("PREVIEW_STALE");
  expect(await readFile(join(two.path, "srv/a/app"), "utf8")).toBe("v1\n");
});

test.skipIf(!isLong)(
  `targets that came, and another inventory in its place, are named${longOnly}`,
  async () => {
    await using two = await twoInstances();
    await two.run("preview", "plan.yaml", "--out", "p.json");
    const inventory = await readFile(join(two.path, "inventory.yaml"), "utf8");
    const more = `{ name: c, address: localhost, spool: ${two.path}/spool-c }`;
    await two.write("inventory.yaml", inventory.replace("spool-b }]", `spool-b }, ${more}]`));
    const refused = await two.run("apply", "p.json");
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain('the target "c" is new');
    const given = await two.run("apply", "p.json", "--inventory", "inventory.yaml");
    expect(given.code).toBe(3);
    expect(given.stderr).toContain("says itself which inventory it is of");
  },
);

test.skipIf(!isLong)(
  `no preview is written over another file, of hosts that refuse, or into no folder${longOnly}`,
  async () => {
    await using two = await twoInstances();
    const over = await two.run("preview", "plan.yaml", "--out", "plan.yaml");
    expect(over).toMatchObject({ code: 3, stderr: expect.stringContaining("is no preview") });
    expect(await readFile(join(two.path, "plan.yaml"), "utf8")).toBe(plan);
    const nowhere = await two.run("preview", "plan.yaml", "--out", "none/p.json");
    expect(nowhere).toMatchObject({ code: 3, stderr: expect.stringContaining("not there") });
    await rm(join(two.path, "srv/b/etc"), { recursive: true });
    const { symlink } = await import("node:fs/promises");
    await symlink("/etc", join(two.path, "srv/b/etc"));
    const linked = await two.run("preview", "plan.yaml", "--out", "p.json");
    expect(linked.code).toBe(3);
    expect(linked.stderr).toContain(
      "no preview was written to p.json: a rollout would be refused on b",
    );
  },
);

test.skipIf(!isLong)(
  `a file that is half a preview, or of another version, says so${longOnly}`,
  async () => {
    await using two = await twoInstances();
    await two.run("preview", "plan.yaml", "--out", "p.json");
    const whole = await readFile(join(two.path, "p.json"), "utf8");
    await two.write("old.json", whole.replace('"handrail": 1', '"handrail": 2'));
    const old = await two.run("apply", "old.json");
    expect(old.code).toBe(3);
    expect(old.stderr).toContain(
      'old.json is no preview that this version of Handrail can read: its "handrail" is not as it should be',
    );
    await two.write("cut.json", whole.slice(0, 300));
    expect((await two.run("apply", "cut.json")).code).toBe(3);
  },
);
