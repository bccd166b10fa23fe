import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { initTexts } from "../../src/core/plan/starter.ts";
import { problemLine } from "../../src/core/plan/problem.ts";
import { digestOf } from "../../src/sources/digest.ts";
import { fileContent, loadPlan, type LoadedPlan } from "../../src/sources/load-plan.ts";
import { options } from "./registries.ts";

const root = new URL("../../", import.meta.url).pathname;
let parent: string;
let folder: string;
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), "handrail-load-"));
});
afterAll(async () => {
  await rm(parent, { recursive: true });
});
beforeEach(async () => {
  folder = await mkdtemp(join(parent, "t-"));
});

const inventory =
  'handrail: 1\nname: fleet\nregions: [{ name: n, instances: [{ name: "a[1:2]" }] }]\n';
const start = "handrail: 1\nname: p\ninventory: inventory.yaml\n";

async function load(
  files: Readonly<Record<string, string>>,
  more: { readonly inventory?: string } = {},
) {
  for (const [name, text] of Object.entries({ "inventory.yaml": inventory, ...files })) {
    await writeFile(join(folder, name), text);
  }
  return loadPlan(join(folder, "plan.yaml"), { ...options, ...more });
}

function ok(loaded: Awaited<ReturnType<typeof loadPlan>>): LoadedPlan {
  if ("problems" in loaded) throw new Error(loaded.problems.map(problemLine).join("\n"));
  return loaded.ok;
}

function said(loaded: Awaited<ReturnType<typeof loadPlan>>): readonly string[] {
  const problems = "problems" in loaded ? loaded.problems : [];
  return problems.map((problem) => problemLine(problem).replaceAll(`${folder}/`, ""));
}

describe("the examples", () => {
  test.each([
    "plans/minimal.yaml",
    "plans/evidence.yaml",
    "plans/kb-4711-session-redirect/plan.yaml",
  ])("%s is right, and names the schema that editors check it by", async (path) => {
    ok(await loadPlan(join(root, path), options));
    const [first = ""] = (await readFile(join(root, path), "utf8")).split("\n");
    const schema = /^# yaml-language-server: \$schema=(\S+)$/.exec(first)?.[1] ?? "";
    const file = new URL(schema, new URL(path, new URL("../../", import.meta.url)));
    expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({ title: "Handrail plan" });
  });

  test("what init writes is right as it is", async () => {
    for (const [name, text] of Object.entries(initTexts(options))) {
      await writeFile(join(folder, name), text);
    }
    const { plan, inventory: fleet } = ok(await loadPlan(join(folder, "plan.yaml"), options));
    expect(plan.steps).toHaveLength(1);
    expect(fleet.regions[0]!.instances.map(({ name }) => name)).toEqual([
      "app01",
      "app02",
      "app03",
    ]);
  });

  test("the big example means what PRODUCT says of it", async () => {
    const path = join(root, "plans/kb-4711-session-redirect/plan.yaml");
    const { plan, files } = ok(await loadPlan(path, options));
    expect(plan.rollout).toMatchObject({
      batches: [{ number: 1 }, { number: 5 }, { percent: 20 }],
      deadline: { stepMs: 300_000, instanceMs: 900_000, progressMs: 1_800_000 },
      guard: { leaseMs: 60_000, prevent: true, observeMs: 3_000 },
      retentionMs: 604_800_000,
    });
    expect(plan.protect.map(({ policy }) => policy.kind)).toEqual([
      "keep",
      "keep-content",
      "regenerates",
      "may-change",
    ]);
    expect(Object.keys(files).sort()).toEqual(["files/app.jar", "files/redirect.diff"]);
    expect(plan.steps.map(({ work }) => work.kind)).toEqual([
      "http",
      "copy",
      "patch",
      "run",
      "service",
    ]);
  });
});

describe("the files that a plan refers to", () => {
  test("are read once for each value that their name takes on", async () => {
    const plan = `${start}steps: [{ name: s, copy: { from: "\${name}.txt", to: /srv/x } }]\n`;
    const { files } = ok(await load({ "plan.yaml": plan, "a1.txt": "1", "a2.txt": "22" }));
    expect(Object.entries(files).map(([path, [file]]) => [path, file!.size])).toEqual([
      ["a1.txt", 1],
      ["a2.txt", 2],
    ]);
  });

  test("and are told where they are missing for one instance only", async () => {
    const plan = `${start}steps: [{ name: s, copy: { from: "\${name}.txt", to: /srv/x } }]\n`;
    expect(said(await load({ "plan.yaml": plan, "a1.txt": "1" }))).toEqual([
      'plan.yaml:4:26: "a2.txt" is not there',
    ]);
  });

  test("may be a folder: everything below it, in one order everywhere, with modes", async () => {
    await mkdir(join(folder, "site/css"), { recursive: true });
    await writeFile(join(folder, "site/z.html"), "z");
    await writeFile(join(folder, "site/css/a.css"), "a");
    await chmod(join(folder, "site/z.html"), 0o600);
    const plan = `${start}steps: [{ name: s, copy: { from: site, to: /srv/site } }]\n`;
    const { files } = ok(await load({ "plan.yaml": plan }));
    expect(files["site"]!.map(({ path, mode }) => [path, mode])).toEqual([
      ["css/a.css", "0644"],
      ["z.html", "0600"],
    ]);
    const [first] = fileContent(files)("site");
    expect(new TextDecoder().decode(first!.content)).toBe("a");
    expect(fileContent(files)("constructor")).toEqual([]);
  });

  test("a symbolic link inside a folder is refused: it would mean something else on the host", async () => {
    await mkdir(join(folder, "site"));
    await symlink("/etc/passwd", join(folder, "site/link"));
    const plan = `${start}steps: [{ name: s, copy: { from: site, to: /srv/site } }]\n`;
    expect(said(await load({ "plan.yaml": plan }))).toEqual([
      'plan.yaml:4:26: "site" holds "link", which is not a regular file',
    ]);
  });

  test("a pipe is refused, not waited for", async () => {
    const plan = `${start}steps: [{ name: s, script: { file: /dev/zero } }]\n`;
    expect(said(await load({ "plan.yaml": plan }))).toEqual([
      'plan.yaml:4:28: "/dev/zero" is not a regular file',
    ]);
  });
});

describe("the digest", () => {
  const plan = `${start}steps: [{ name: s, script: { file: fix.sh } }]\n`;

  test("is the same in another folder, and another when a file's content changes", async () => {
    const first = digestOf(ok(await load({ "plan.yaml": plan, "fix.sh": "true\n" })), "1.0.0");
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    const other = await mkdtemp(join(parent, "t-"));
    for (const name of ["plan.yaml", "inventory.yaml", "fix.sh"]) {
      await copyFile(join(folder, name), join(other, name));
    }
    const again = ok(await loadPlan(join(other, "plan.yaml"), options));
    expect(digestOf(again, "1.0.0")).toBe(first);
    const changed = ok(await load({ "plan.yaml": plan, "fix.sh": "false\n" }));
    expect(digestOf(changed, "1.0.0")).not.toBe(first);
  });

  test("does not change with comments and spaces", async () => {
    const files = { "fix.sh": "true\n" };
    const first = digestOf(ok(await load({ "plan.yaml": plan, ...files })), "1.0.0");
    const spaced = `# a comment\n\n${plan.replace("name: p", "name:   p")}`;
    expect(digestOf(ok(await load({ "plan.yaml": spaced, ...files })), "1.0.0")).toBe(first);
  });
});

describe("the inventory", () => {
  const steps = 'steps: [{ name: s, run: "true" }]\n';

  test("of the command line wins over the plan's own", async () => {
    await writeFile(join(folder, "other.yaml"), inventory.replace("fleet", "other"));
    const loaded = ok(
      await load({ "plan.yaml": start + steps }, { inventory: join(folder, "other.yaml") }),
    );
    expect(loaded.inventory.name).toBe("other");
    expect(loaded.inventoryFile).toBe(join(folder, "other.yaml"));
  });

  test("may be printed by a command, as JSON, which starts in the plan's folder", async () => {
    const plan = `handrail: 1\nname: p\ninventory: { command: [cat, fleet.json] }\n${steps}`;
    const json = {
      handrail: 1,
      name: "printed",
      regions: [{ name: "n", instances: [{ name: "a" }] }],
    };
    const loaded = ok(await load({ "plan.yaml": plan, "fleet.json": JSON.stringify(json) }));
    expect(loaded.inventory.name).toBe("printed");
    expect(loaded.inventoryFile).toBeNull();
  });

  test("that a command prints is reviewed like any other", async () => {
    const plan = `handrail: 1\nname: p\ninventory: { command: [cat, fleet.json] }\n${steps}`;
    expect(
      said(await load({ "plan.yaml": plan, "fleet.json": '{"handrail":1,"nmae":"x"}' })),
    ).toEqual([
      'inventory command "cat fleet.json":1:1: "regions" is missing',
      'inventory command "cat fleet.json":1:15: "nmae" is not a key here; did you mean "name"?',
    ]);
  });

  test.each([
    ["a file", "listing.json", "listing"],
    ["a command", "{ command: [cat, listing.json] }", "cat"],
  ])(
    "of Ansible is read from what ansible-inventory --list printed: %s",
    async (_from, named, name) => {
      const listing = await readFile(join(root, "fixtures/ansible/listing.json"), "utf8");
      const plan = `handrail: 1\nname: p\ninventory: ${named}\n${steps}`;
      const loaded = ok(await load({ "plan.yaml": plan, "listing.json": listing }));
      expect(loaded.inventory.name).toBe(name);
      expect(loaded.inventory.regions.map((region) => region.name)).toEqual([
        "apac",
        "cn",
        "ungrouped",
      ]);
    },
  );

  test("of Ansible needs Ansible's own program, and says so where it is missing", async () => {
    const plan = `handrail: 1\nname: p\ninventory: { ansible: hosts.ini }\n${steps}`;
    const path = process.env["PATH"];
    process.env["PATH"] = folder;
    try {
      expect(said(await load({ "plan.yaml": plan }))).toEqual([
        'plan.yaml:3:12: the Ansible inventory "hosts.ini" is read by the program "ansible-inventory", which is not installed here; install ansible-core here, or name a listing that was made where it is: ansible-inventory -i hosts.ini --list >listing.json',
      ]);
    } finally {
      process.env["PATH"] = path;
    }
  });

  test.each([
    ["hosts.ini", "# the fleet\n\n[web]\na1 ansible_host=192.0.2.1\n"],
    ["hosts.ini", "[web:children]\neu\n"],
    ["hosts.yml", "all:\n  hosts:\n    a1: { ansible_host: 192.0.2.1 }\n"],
    ["hosts.yml", "all:\n  children:\n    web: { hosts: { a1: } }\n"],
  ])("of Ansible that is named as one of ours is told apart: %s %#", async (name, text) => {
    const plan = `handrail: 1\nname: p\ninventory: ${name}\n${steps}`;
    const [first, ...more] = said(await load({ "plan.yaml": plan, [name]: text }));
    expect(first).toMatch(
      new RegExp(
        `^plan.yaml:3:12: "[^"]*${name}" is an inventory as Ansible has it, .*\`inventory: \\{ ansible: ${name} \\}\`.* ansible-inventory -i ${name} --list >listing.json$`,
      ),
    );
    expect(more).toEqual([]);
  });

  test("of Ansible is read through whatever that program prints", async () => {
    const listing = await readFile(join(root, "fixtures/ansible/listing.json"), "utf8");
    const program = `#!/bin/sh\ntest "$1 $2 $3" = "-i ${join(folder, "hosts.ini")} --list" && cat "${join(folder, "listing.json")}"\n`;
    await writeFile(join(folder, "ansible-inventory"), program, { mode: 0o755 });
    const plan = `handrail: 1\nname: p\ninventory: { ansible: hosts.ini }\n${steps}`;
    const path = process.env["PATH"];
    process.env["PATH"] = `${folder}:${path}`;
    try {
      const loaded = ok(await load({ "plan.yaml": plan, "listing.json": listing }));
      expect(loaded.inventory.name).toBe("hosts");
      expect(loaded.inventory.regions.map(({ name }) => name)).toEqual(["apac", "cn", "ungrouped"]);
    } finally {
      process.env["PATH"] = path;
    }
  });
});

test("a plan that is not there is said in a sentence", async () => {
  expect(said(await loadPlan(join(folder, "none.yaml"), options))).toEqual([
    `none.yaml:1:1: the plan "none.yaml" is not there; \`handrail init FOLDER\` writes a plan to start from`,
  ]);
});

test("a plan that is a folder is said in a sentence", async () => {
  expect(said(await loadPlan(folder, options))[0]).toMatch(/is a folder, not a file$/);
});

test("a probe is asked only from where its kind can ask", async () => {
  const text = `${start}probes: [{ name: p, surface: ui, tcp: "x:1", on: host }]\nsteps: [{ name: s, run: "true" }]\n`;
  await writeFile(join(folder, "inventory.yaml"), inventory);
  await writeFile(join(folder, "plan.yaml"), text);
  const probes = options.kinds.probes.map((kind) => ({
    ...kind,
    places: kind.name === "tcp" ? (["controller"] as const) : kind.places,
  }));
  const loaded = await loadPlan(join(folder, "plan.yaml"), {
    ...options,
    kinds: { ...options.kinds, probes },
  });
  expect(said(loaded)).toEqual([
    'plan.yaml:4:50: "tcp" can\'t be asked from the host; it is asked from the controller',
  ]);
});
