import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openCiFiles } from "../../src/cli/ci-files.ts";
import { schemaSays } from "../support/junit-schema.ts";
import { notPassed, readJunit } from "../support/junit-shape.ts";
import { describeWith } from "../support/parts.ts";
import { handrailHere } from "./run-in-process.ts";
import { handrail, type TempFolder, tempFolder } from "./run-handrail.ts";

let folder: TempFolder;

beforeAll(async () => {
  folder = await tempFolder();
  await handrailHere(["init", "."], { cwd: folder.path });
  await folder.write("wrong.yaml", "handrail: 1\nname: x\ninventory: inventory.yaml\nstep: []\n");
});

afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

const run = (line: string, env: Readonly<Record<string, string>> = {}) =>
  handrailHere(line.split(" "), { cwd: folder.path, env });
const read = (name: string) => readFile(join(folder.path, name), "utf8");

/** As GitHub Actions sets them for a step. */
const actions = async (name: string) => {
  const summary = join(folder.path, name);
  await writeFile(summary, "");
  return { GITHUB_ACTIONS: "true", GITHUB_WORKSPACE: folder.path, GITHUB_STEP_SUMMARY: summary };
};

describe("files for CI", () => {
  test("preview writes cases and Markdown with the digest, and appends it to the job's summary", async () => {
    const env = await actions("summary.md");
    await writeFile(env.GITHUB_STEP_SUMMARY, "before");
    const { code, stdout } = await run("preview plan.yaml --junit p.xml --markdown p.md", env);
    expect(code).toBe(0);
    const digest = /digest +([0-9a-f]{64})/.exec(stdout)?.[1];
    const page = await read("p.md");
    expect(page).toContain(`Digest: <code>${digest}</code>`);
    expect(page).toContain(`apply plan.yaml --approve ${digest}`);
    expect(await read("summary.md")).toBe(`before\n${page}`);
    const suites = readJunit(await read("p.xml"));
    expect(suites.map((it) => it["@name"])).toEqual(["steps", "preview"]);
    expect(notPassed(suites)).toEqual([]);
  });

  test("a plan that is wrong is told in each of them, and beside its lines", async () => {
    const env = await actions("wrong.md");
    const line = "apply wrong.yaml --junit w.xml --markdown w.md";
    // The program itself, for once: it must find out by itself where it is.
    const options = { cwd: folder.path, env };
    const { code, stdout, stderr } = await handrail(line.split(" "), options);
    expect(code).toBe(3);
    expect(stdout.split("\n")[0]).toBe(
      '::error file=wrong.yaml,line=4,col=1,title=Handrail%3A plan::"step" is not a key here; did you mean "steps"?',
    );
    expect(notPassed(readJunit(await read("w.xml")))).toEqual(["handrail outcome: failure exit 3"]);
    for (const said of stderr.trimEnd().split("\n")) expect(await read("w.md")).toContain(said);
    expect(await read("wrong.md")).toBe(await read("w.md"));
  });

  test("with --json there are no annotations among the lines of JSON", async () => {
    const { stdout } = await run("apply wrong.yaml --json", await actions("json.md"));
    for (const line of stdout.trimEnd().split("\n")) expect(line).toMatch(/^\{/);
    expect(await read("json.md")).toContain("exit 3");
  });

  test.each([
    ["--junit", "nowhere/x.xml", /--junit: "nowhere\/x.xml" is in a folder that is not there/],
    ["--markdown", ".", /--markdown: "." is a folder, not a file/],
  ])(
    "%s is refused before anything is read where it can't be written",
    async (option, file, why) => {
      const { code, stderr } = await run(`apply missing.yaml ${option} ${file}`);
      expect(code).toBe(3);
      expect(stderr).toMatch(why);
      expect(stderr).not.toContain("missing.yaml");
    },
  );

  test("until it is told how it ended, each file says that it was not finished", async () => {
    const errors: string[] = [];
    const io = {
      stdout: { write: () => true },
      stderr: { write: (text: string) => errors.push(text) },
      stdin: new PassThrough(),
      env: {},
      cwd: folder.path,
      called: "handrail",
      unread: new AbortController().signal,
    };
    // What kill -9 leaves behind: nothing more is written.
    using files = await openCiFiles({ junit: "k.xml", markdown: "k.md" }, io);
    expect(files).toHaveProperty("tell");
    expect(notPassed(readJunit(await read("k.xml")))).toEqual([
      "handrail outcome: failure unfinished",
    ]);
    expect(await read("k.md")).toContain("Handrail was ended before it could say what came of it");
    expect(errors).toEqual([]);
  });

  test("one file can't be both", async () => {
    const { code, stderr } = await run("apply plan.yaml --junit x --markdown x");
    expect([code, stderr]).toEqual([
      3,
      "handrail: --junit and --markdown name the same file\n  next: give each a file of its own\n",
    ]);
  });

  test("a summary that can't be written is told, and changes nothing else", async () => {
    await mkdir(join(folder.path, "taken"), { recursive: true });
    const env = { GITHUB_STEP_SUMMARY: join(folder.path, "taken") };
    const { code, stderr } = await run("validate plan.yaml", env);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^\$GITHUB_STEP_SUMMARY ".*taken" could not be written, .*EISDIR/);
  });

  test("a summary that is full is left as it is, which is told", async () => {
    const env = await actions("full.md");
    await writeFile(env.GITHUB_STEP_SUMMARY, "x".repeat(1_048_000));
    const { code, stderr } = await run("validate plan.yaml", env);
    expect(code).toBe(0);
    expect(stderr).toContain("there are 1048000 bytes in it, and it may hold 1 MiB");
    expect(await read("full.md")).toHaveLength(1_048_000);
  });

  test("validate has a case for the plan, and passes it where the plan is valid", async () => {
    expect((await run("validate plan.yaml --junit v.xml --json")).code).toBe(0);
    expect(notPassed(readJunit(await read("v.xml")))).toEqual([]);
    expect((await run("validate wrong.yaml --junit v.xml --json")).code).toBe(3);
    expect(notPassed(readJunit(await read("v.xml")))).toHaveLength(1);
  });
});

describeWith(["xmllint"], "files for CI, held against the schema of JUnit", () => {
  test("are valid for a preview, and for a plan that is valid, wrong, not there, or refused", async () => {
    const lines = [
      ["preview plan.yaml", 0],
      ["validate plan.yaml", 0],
      ["validate wrong.yaml", 3],
      ["validate not\u0008there]]>.yaml", 3],
      ["apply wrong.yaml", 3],
      ["rehearse wrong.yaml", 3],
    ] as const;
    const files: Record<string, string> = {};
    for (const [line, exit] of lines) {
      expect((await run(`${line} --junit s.xml`)).code).toBe(exit);
      files[line] = await read("s.xml");
    }
    const valid = Object.fromEntries(Object.keys(files).map((line) => [line, null]));
    expect(schemaSays(files)).toEqual(valid);
  });
});
