import { access } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TempFolder, tempFolder } from "./run-handrail.ts";
import { handrailHere as handrail } from "./run-in-process.ts";
import { isLong, longOnly } from "../support/long-suite.ts";

let folder: TempFolder;
const run = (...args: string[]) => handrail(args, { cwd: folder.path });

const inventory = `handrail: 1
name: fleet
production: false
regions:
  - name: cn
    instances:
      - { name: "cn[01:02]", address: "10.1.0.\${index}", vars: { home: "/srv/\${name}" } }
`;

const head = `handrail: 1
name: sessions
inventory: inventory.yaml
protect:
  - { path: "\${home}/tmp", policy: keep }
  - { path: "\${home}/cache", policy: { regenerates: { within: 5s, recover: [restore] } } }
steps:
`;

const harm = `${head}  - name: clear stale sessions
    run: |
      echo clearing
      rm -rf "\${home}/tmp/work"
`;

const accepted = `${harm}    accept: [{ finding: deletes, reason: the folder is made anew by the next login }]\n`;

const likely = `${head}  - { name: clear pages, run: 'rm -rf "\${home}/cache/pages"; clear-pages' }\n`;

const quiet = `${head}  - { name: look, run: 'ls "\${home}/tmp"' }\n`;

beforeAll(async () => {
  folder = await tempFolder();
  await folder.write("inventory.yaml", inventory);
  for (const [name, text] of Object.entries({ harm, accepted, likely, quiet })) {
    await folder.write(`${name}.yaml`, text);
  }
});

afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

const found = `! breaks: deletes, harm.yaml:11
        rm -rf "\${home}/tmp/work"
        would take away /srv/cn01/tmp/work, inside of the protected /srv/cn01/tmp: policy keep lets nothing go
`;

describe("validate", () => {
  test("tells what would surely break a policy, how to go on, and exits 3", async () => {
    const { code, stdout, stderr } = await run("validate", "harm.yaml");
    expect(code).toBe(3);
    expect(stdout).toBe(`Static review: 1 breaks; a rollout would be refused
  step "clear stale sessions"
    ${found}  It reads the commands and raises questions. It clears no step: what it does not see may still do harm.
`);
    expect(stderr).toMatch(
      /^handrail: harm\.yaml:11: the step "clear stale sessions" would take away .*: policy keep lets nothing go \(REVIEW_BREAKS\)\nrm -rf "\$\{home\}\/tmp\/work"\n {2}next: change the step, or declare it with `allow` or `writes`, or .* accept: \[\{ finding: deletes, reason: "…" \}\]; .*\n$/,
    );
  });

  test("tells likely harm and what can't be told, and exits 0", async () => {
    const { code, stdout, stderr } = await run("validate", "likely.yaml");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^likely\.yaml is valid: 1 step on 2 instances in cn\n/);
    expect(stdout).toContain("Static review: 1 warns, 1 unknown\n");
    expect(stdout).toContain("policy regenerates wants back within 5s what goes\n");
    expect(stdout).toContain("would run clear-pages, a program of which nothing is known here\n");
  });

  test("shows what the plan accepts, and why, and exits 0", async () => {
    const { code, stdout, stderr } = await run("validate", "accepted.yaml");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("Static review: 1 accepted\n");
    expect(stdout).toContain("? accepted (breaks): deletes, accepted.yaml:11\n");
    expect(stdout).toContain("accepted: the folder is made anew by the next login\n");
  });

  test.skipIf(!isLong)(
    `of a plan in which nothing is found does not say that nothing is there${longOnly}`,
    async () => {
      const { code, stdout } = await run("validate", "quiet.yaml");
      expect([code, stdout]).toEqual([0, "quiet.yaml is valid: 1 step on 2 instances in cn\n"]);
    },
  );

  test("as JSON has the findings as data", async () => {
    const { code, stdout, stderr } = await run("validate", "harm.yaml", "--json");
    expect([code, stderr]).toEqual([3, ""]);
    expect(JSON.parse(stdout)).toEqual({
      valid: false,
      problems: [],
      findings: [
        {
          id: "deletes",
          severity: "breaks",
          step: "clear stale sessions",
          of: "step",
          action: null,
          file: "harm.yaml",
          line: 11,
          command: 'rm -rf "${home}/tmp/work"',
          path: "/srv/cn01/tmp/work",
          protects: { path: "/srv/cn01/tmp", written: "${home}/tmp", policy: "keep" },
          message:
            "would take away /srv/cn01/tmp/work, inside of the protected /srv/cn01/tmp: policy keep lets nothing go",
          instances: ["cn01", "cn02"],
          accepted: null,
        },
      ],
    });
    const likelier: unknown = JSON.parse((await run("validate", "likely.yaml", "--json")).stdout);
    expect(likelier).toMatchObject({ valid: true, findings: [{ severity: "warns" }, {}] });
  });
});

describe("preview", () => {
  test("shows it with the step, and exits 7, as apply --dry-run does", async () => {
    const preview = await run("preview", "harm.yaml");
    expect([preview.code, preview.stderr]).toEqual([7, ""]);
    expect(preview.stdout).toContain(`    ${found}`);
    expect(preview.stdout).toContain("Static review: 1 breaks; a rollout would be refused\n");
    expect(await run("apply", "harm.yaml", "--dry-run")).toEqual(preview);
  });

  test.skipIf(!isLong)(`of likely harm, and of what is accepted, exits 0${longOnly}`, async () => {
    for (const plan of ["likely.yaml", "accepted.yaml", "quiet.yaml"]) {
      expect([plan, (await run("preview", plan)).code]).toEqual([plan, 0]);
    }
  });

  test("says nothing of a review that found nothing", async () => {
    expect((await run("preview", "quiet.yaml")).stdout).not.toContain("Static review");
  });

  test("writes no file that a rollout could be bound to", async () => {
    const { code, stderr } = await run("preview", "harm.yaml", "--out", "preview.json");
    expect([code, stderr]).toEqual([
      7,
      "No preview was written to preview.json: a rollout would be refused.\n",
    ]);
    await expect(access(join(folder.path, "preview.json"))).rejects.toThrow("ENOENT");
  });

  test.skipIf(!isLong)(`as JSON has the findings with their step${longOnly}`, async () => {
    const { code, stdout } = await run("preview", "harm.yaml", "--json");
    expect(code).toBe(7);
    expect(JSON.parse(stdout)).toMatchObject({
      steps: [{ review: [{ id: "deletes", severity: "breaks", line: 11 }] }],
      recoveries: [],
    });
  });
});

test("apply refuses it before a journal is opened or anybody is asked", async () => {
  const { code, stdout, stderr } = await run("apply", "harm.yaml", "--json");
  expect(code).toBe(3);
  const lines = stdout
    .trimEnd()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
  expect(lines.at(-1)).toMatchObject({
    type: "summary",
    outcome: "refused",
    exit: 3,
    failures: [{ failure: { code: "REVIEW_BREAKS" } }],
  });
  expect(stderr).toContain("harm.yaml:11: the step");
  await expect(access(join(folder.path, ".handrail/journal.db"))).rejects.toThrow("ENOENT");
});

test("what stands in a script never reaches a terminal raw", async () => {
  await folder.write("odd.sh", 'rm -rf "$home/tmp/\u001b]0;owned\u0007"\n');
  await folder.write("odd.yaml", `${head}  - { name: odd, script: { file: odd.sh } }\n`);
  for (const verb of ["validate", "preview"]) {
    const { stdout, stderr } = await run(verb, "odd.yaml");
    expect(stdout).toContain("deletes, odd.sh:1");
    for (const raw of ["\u001b", "\u0007"]) expect(stdout + stderr).not.toContain(raw);
  }
});
