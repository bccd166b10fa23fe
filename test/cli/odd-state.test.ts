import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { chmod, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Io } from "../../src/cli/io.ts";
import { main } from "../../src/cli/main.ts";
import { execFileSync, spawnSync } from "../support/bounded-process.ts";
import { planText, smallFleet, type SmallFleet } from "../support/small-fleet.ts";
import { handrail } from "./run-handrail.ts";
import { isLong } from "../support/long-suite.ts";

/**
 * State folders that no journal can be kept in or read from. Every verb says which folder, what is
 * wrong with it and what to do, and ends with 3: nothing was touched.
 */
interface Odd {
  readonly make: (path: string) => void;
  readonly code: "STATE_UNUSABLE" | "JOURNAL_DAMAGED";
  readonly says: string;
}

const odd: Readonly<Record<string, Odd>> = {
  "a plain file": {
    make: (path) => writeFileSync(path, "not a folder\n"),
    code: "STATE_UNUSABLE",
    says: "is not a folder",
  },
  "a link to a device": {
    make: (path) => symlinkSync("/dev/null", path),
    code: "STATE_UNUSABLE",
    says: "is not a folder",
  },
  "a folder with junk for a journal": {
    make: (path) => withFile(path, "journal.db", "junk\n".repeat(2_000)),
    code: "JOURNAL_DAMAGED",
    says: "holds a damaged journal.db",
  },
  "a folder with a folder for a journal": {
    make: (path) => mkdirSync(join(path, "journal.db"), { recursive: true }),
    code: "STATE_UNUSABLE",
    says: "has a journal.db that is no file",
  },
  "a folder whose journal was emptied": {
    make: (path) => {
      withFile(path, "journal.db", "");
      withFile(path, "ballast", "x");
    },
    code: "JOURNAL_DAMAGED",
    says: "has an empty journal.db, although rollouts were recorded there",
  },
  "a folder whose journal is gone": {
    make: (path) => {
      mkdirSync(join(path, "locks"), { recursive: true });
      withFile(join(path, "locks"), "small.lock", "");
    },
    code: "JOURNAL_DAMAGED",
    says: "has no journal.db, although rollouts were recorded there",
  },
};

const verbs = [
  "status",
  "status x --json",
  "status x --watch",
  "report x",
  "journal x",
  "journal x verify",
  "snapshots",
  "locks",
  "pause x",
  "resume x",
  "abort x",
  "approve x one",
  "decide x accept a1 --reason y",
  "undo x",
  "reconcile x",
  "apply plan.yaml",
] as const;

let fleet: SmallFleet;

beforeAll(async () => {
  fleet = await smallFleet();
  await fleet.writePlan(planText('steps: [{ name: fix, run: "true" }]'));
});

afterAll(async () => {
  await fleet[Symbol.asyncDispose]();
});

/** The program in this process: a table of a hundred command lines must not take minutes. */
async function run(line: string, state: string) {
  const said = { stdout: "", stderr: "" };
  const io: Io = {
    stdout: { write: (text: string) => (said.stdout += text) },
    stderr: { write: (text: string) => (said.stderr += text) },
    stdin: new PassThrough(),
    env: { PATH: process.env["PATH"], HOME: fleet.folder },
    cwd: fleet.folder,
    called: "handrail",
    unread: new AbortController().signal,
  };
  const words = line.split(" ").map((word) => word.replace("plan.yaml", join(fleet.folder, word)));
  const exit = await main([...words, "--state", state], io);
  return { exit, ...said };
}

describe.each(Object.entries(odd))("%s", (_name, { make, code, says }) => {
  let parent: string;
  let state: string;

  beforeAll(() => {
    parent = mkdtempSync(join(tmpdir(), "handrail-odd-"));
    state = join(parent, "state");
    make(state);
  });

  afterAll(() => rmSync(parent, { recursive: true, force: true }));

  // Every verb opens the folder by the same words; the long suite asks each.
  test.each(isLong ? verbs : verbs.slice(0, 4))("%s", async (line) => {
    const { exit, stderr } = await run(line, state);
    expect(stderr).toMatch(
      new RegExp(`^handrail: the state folder "${state}" .*\\(${code}\\)$`, "m"),
    );
    expect(stderr).toContain(says);
    expect(stderr).toMatch(/^ {2}next: .+/m);
    expect(stderr).not.toMatch(/bug|while closing/);
    expect(exit).toBe(3);
  });
});

test("the program itself says it too, once, and programs that read --json are told", async () => {
  const state = join(fleet.folder, "inventory.yaml");
  const status = await handrail(["status", "--state", state], { cwd: fleet.folder });
  expect(status).toEqual({
    code: 3,
    stdout: "",
    stderr: `handrail: the state folder "${state}" is not a folder (STATE_UNUSABLE)\n  next: use another folder with --state DIR\n`,
  });
  const undo = await handrail(["undo", "x", "--json", "--state", state], { cwd: fleet.folder });
  expect(undo.code).toBe(3);
  expect(undo.stdout.trimEnd().split("\n").at(-1)).toContain('"code":"STATE_UNUSABLE"');
});

test("a journal whose making was cut short has no rollouts, and is no trouble", async () => {
  const state = join(fleet.folder, "begun");
  await mkdir(state);
  withFile(state, "journal.db", "");
  expect(await run("status", state)).toMatchObject({ exit: 0, stdout: "No rollout yet.\n" });
  expect((await run("apply plan.yaml", state)).exit).toBe(0);
});

const nobody = 65_534;
const isRoot = process.getuid?.() === 0;
const why = isRoot ? "" : " (skipped, because becoming another user needs root)";

test.skipIf(!isRoot)(
  `a folder of somebody else is refused, or read where it may be${why}`,
  async () => {
    const state = join(fleet.folder, "theirs");
    expect((await run("apply plan.yaml", state)).exit).toBe(0);
    await chmod(fleet.folder, 0o755);
    const asNobody = (line: string): { exit: number | null; stdout: string; stderr: string } => {
      const words = [...line.split(" "), "--state", state];
      const script = `process.setgroups([]);process.setgid(${nobody});process.setuid(${nobody});
      process.env.HOME = "/nonexistent"; delete process.env.NODE_COMPILE_CACHE;
      const { start } = await import(${JSON.stringify(mainFile)}); await start();`;
      const args = ["--input-type=module", "-e", script, "--", "handrail", ...words];
      const { status, stdout, stderr } = spawnSync(process.execPath, args, {
        cwd: fleet.folder,
        encoding: "utf8",
        env: { ...process.env, NODE_NO_WARNINGS: "1" },
      });
      return { exit: status, stdout, stderr };
    };
    const closed = asNobody("status");
    expect(closed).toMatchObject({ exit: 3, stdout: "" });
    expect(closed.stderr).toMatch(
      /^handrail: the state folder ".*" can't be used: EACCES.*\(STATE_UNUSABLE\)\n {2}next: look at its owner/,
    );
    execFileSync("chmod", ["-R", "a+rX", state]);
    expect(asNobody("status")).toMatchObject({ exit: 0, stderr: "" });
    // As in a copy of the folder that was made while nobody had it open.
    withFile(state, "journal.db-wal", "");
    execFileSync("chmod", ["a+r", join(state, "journal.db-wal")]);
    expect(asNobody("status")).toMatchObject({ exit: 0, stderr: "" });
  },
);

const mainFile = new URL("../../src/cli/main.ts", import.meta.url).href;

function withFile(folder: string, name: string, text: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), text);
}
