import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { spawnSync } from "../support/bounded-process.ts";
import { checkout, handrail, program, type TempFolder, tempFolder } from "./run-handrail.ts";

let folder: TempFolder;
let cwd: string;

beforeAll(async () => {
  folder = await tempFolder();
  cwd = folder.path;
});

afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

/** Whole transcripts of what goes to standard error; standard output stays empty, the exit is 3. */
const wrong: readonly [string, string][] = [
  ["", "no verb is given\n  next: handrail --help"],
  ["aply plan.yaml", 'there is no verb "aply"; did you mean "apply"?\n  next: handrail --help'],
  [
    "valdate plan.yaml",
    'there is no verb "valdate"; did you mean "validate"?\n  next: handrail --help',
  ],
  [
    "--state here stauts",
    'there is no verb "stauts"; did you mean "status"?\n  next: handrail --help',
  ],
  [
    "apply plan.yaml --dry-rnu",
    'there is no option --dry-rnu; did you mean "--dry-run"?\n  next: handrail apply --help',
  ],
  [
    "apply plan.yaml --no-colr",
    'there is no option --no-colr; did you mean "--no-color"?\n  next: handrail apply --help',
  ],
  ["apply plan.yaml -v", "there is no option -v\n  next: handrail apply --help"],
  [
    "apply plan.yaml --verbose --fast",
    "there is no option --verbose; there is no option --fast\n  next: handrail apply --help",
  ],
  [
    "apply plan.yaml --limit ap01",
    "there is no option --limit: which instances a plan goes to stands in its `targets`\n  next: handrail apply --help",
  ],
  [
    "apply plan.yaml --dry-run=yes",
    '--dry-run takes no value, and "yes" is given\n  next: write --dry-run alone',
  ],
  [
    "apply plan.yaml --hosts --out x",
    "--hosts and --out go with --dry-run: a rollout takes no such word\n  next: add --dry-run to see what would be done, or leave it out to do it",
  ],
  [
    "apply plan.yaml --json=1",
    '--json takes no value, and "1" is given\n  next: write --json alone',
  ],
  ["apply", "something is missing, it goes: handrail apply <plan>\n  next: handrail apply --help"],
  ["apply a.yaml b.yaml", "one word too many: b.yaml\n  next: handrail apply --help"],
  ["apply plan.yaml --approve", "--approve needs a value after it\n  next: handrail apply --help"],
  [
    "apply plan.yaml --state a --state b",
    "--state is given 2 times\n  next: handrail apply --help",
  ],
  [
    "approve rollout",
    "approve needs the name of a region, or --emergency\n  next: see what waits: handrail status rollout",
  ],
  [
    "override rollout",
    "something is missing, it goes: handrail override <rollout> <region>\n  next: handrail override --help",
  ],
  [
    "approve rollout eu --emergency --reason x",
    '--emergency is about the whole rollout, and region "eu" is named\n  next: approve one after the other: a region waits for its own approval',
  ],
  [
    "validate -",
    'nothing is read from standard input ("-"): what a plan names lies beside its file\n  next: give the name of the file',
  ],
  ["schema plam", '<what> can\'t be "plam"; did you mean "plan"?\n  next: handrail schema --help'],
  [
    "journal x prove",
    '<action> can\'t be "prove"; there is only "verify"\n  next: handrail journal --help',
  ],
  [
    "decide x acept ap01 --reason y",
    '<choice> can\'t be "acept"; did you mean "accept"?\n  next: handrail decide --help',
  ],
  ["decide x accept ap01", "something is missing: --reason\n  next: handrail decide --help"],
];

test.concurrent.each(wrong)("usage: handrail %s", async (line, said) => {
  const args = line.split(" ").filter((word) => word !== "");
  const { code, stdout, stderr } = await handrail(args, { cwd });
  expect({ code, stdout, stderr }).toEqual({ code: 3, stdout: "", stderr: `handrail: ${said}\n` });
});

test("an option that is given as an empty text is refused", async () => {
  const { code, stderr } = await handrail(["apply", "p", "--approve", ""], { cwd });
  expect([code, stderr]).toEqual([
    3,
    "handrail: --approve is empty\n  next: handrail apply --help\n",
  ]);
});

describe("--help", () => {
  test("lists every verb of the contract, and what each exit code means", async () => {
    const { code, stdout, stderr } = await handrail(["--help"], { cwd });
    expect([code, stderr]).toEqual([0, ""]);
    const verbs = [...stdout.matchAll(/^ {2}handrail (\w+)/gm)].map(([, verb]) => verb);
    expect(verbs).toEqual(
      "init validate preview rehearse apply status pause resume abort approve override decide watch undo reconcile serve report journal locks snapshots notices doctor schema completion".split(
        " ",
      ),
    );
    for (const line of [
      "Exit codes:",
      "2         preview or rehearsal: effects, within policy (--detailed-exitcode)",
      "3         refused before anything",
      "7         preview or rehearsal: a policy would be broken; nothing was touched",
      "130, 143  interrupted",
    ]) {
      expect(stdout).toContain(line);
    }
  });

  test("of a verb shows its options and the exit codes too, and runs nothing", async () => {
    const { code, stdout } = await handrail(["apply", "nowhere.yaml", "--help"], { cwd });
    expect(code).toBe(0);
    for (const word of [
      "--approve",
      "--json-into",
      "--dry-run",
      "--despite",
      "--state",
      "Exit codes:",
    ]) {
      expect(stdout).toContain(word);
    }
  });
});

test("--version is the version of the package", async () => {
  const manifest: unknown = JSON.parse(await readFile(join(checkout, "package.json"), "utf8"));
  const { code, stdout, stderr } = await handrail(["--version"], { cwd });
  expect([code, stderr]).toEqual([0, ""]);
  expect(manifest).toMatchObject({ version: stdout.trim() });
});

test("called in a folder that is gone, it says so", async () => {
  const script = 'mkdir gone && cd gone && rmdir ../gone && exec "$0" "$@"';
  const args = ["-c", script, process.execPath, program, "validate", "/plan.yaml"];
  const { status, stderr } = spawnSync("sh", args, { cwd, encoding: "utf8" });
  expect([status, stderr]).toEqual([
    3,
    "handrail: the folder in which this was called is not there any more\n  next: cd to one that is, and type the same again\n",
  ]);
});

const fullDisk = "/dev/full";
const noFull = existsSync(fullDisk) ? "" : ` (skipped, because there is no ${fullDisk} here)`;

test.skipIf(noFull !== "")(`output that a full disk cut short is told${noFull}`, () => {
  const script = `exec "$0" "$@" >${fullDisk}`;
  const args = ["-c", script, process.execPath, program, "schema", "plan"];
  const { stderr } = spawnSync("sh", args, { cwd, encoding: "utf8" });
  expect(stderr).toMatch(
    /^standard output could not be written, which changes nothing else: ENOSPC.*\n$/,
  );
});
