import { existsSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TempFolder, tempFolder } from "./run-handrail.ts";
import { handrailHere as handrail } from "./run-in-process.ts";
import { rolloutIds, smallJournal } from "./small-journal.ts";
import { isLong } from "../support/long-suite.ts";

let folder: TempFolder;
const run = (...args: string[]) => handrail(args, { cwd: folder.path });

beforeAll(async () => {
  folder = await tempFolder();
  await smallJournal(folder.path);
});

afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

describe("status", () => {
  test("lists the rollouts, newest first, and shows the newest", async () => {
    const { code, stdout, stderr } = await run("status");
    expect([code, stderr]).toEqual([0, ""]);
    const ids = [...stdout.matchAll(/^fix-\S+/gm)].map(([id]) => id);
    expect(ids).toEqual(rolloutIds.toReversed());
    expect(stdout.split(rolloutIds.at(-1)!).length).toBeGreaterThan(2);
  });

  test("of a rollout that waits says what to type", async () => {
    const { stdout } = await run("status", "fix-20261123-0302-cccc");
    expect(stdout).toContain("handrail approve fix-20261123-0302-cccc us");
  });

  test("of a rollout whose process is gone says so, and how to go on", async () => {
    const { code, stdout } = await run("status", "eeee");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^‖ STOPPED after .*: nobody runs it: its process is gone/m);
    expect(stdout).not.toContain("RUNNING");
    expect(stdout).toContain("\n  handrail resume fix-20261123-0304-eeee\n");
    expect(stdout).toContain("\n  handrail abort --rollback fix-20261123-0304-eeee\n");
    const watched = await run("status", "eeee", "--watch");
    expect([watched.code, watched.stdout]).toEqual([
      0,
      expect.stringContaining("its process is gone"),
    ]);
    expect((await run("status", "cccc")).stdout).not.toContain("nobody runs it");
    const json = await run("status", "eeee", "--json");
    expect(JSON.parse(json.stdout)).toMatchObject({ outcome: "interrupted", exit: 3 });
  });

  test("takes the end of an id", async () => {
    const { code, stdout } = await run("status", "bbbb");
    expect([code, stdout]).toEqual([0, expect.stringContaining("fix-20261123-0301-bbbb")]);
  });

  test("as JSON is the summary", async () => {
    const { stdout } = await run("status", "bbbb", "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      type: "summary",
      outcome: "halted",
      exit: 4,
      instances: { rolledBack: ["eu1"] },
    });
  });

  test("names the journal in what it tells to type, where it would not be found", async () => {
    const state = join(folder.path, ".handrail");
    await using elsewhere = await tempFolder();
    const { stdout } = await handrail(["status", "cccc", "--state", state], {
      cwd: elsewhere.path,
    });
    const [, line] = /^ *(handrail .* approve .*)$/m.exec(stdout) ?? [];
    expect(line).toContain(`--state ${state}`);
    const words = line!.trim().split(" ").slice(1);
    const again = await handrail([...words.slice(0, 2), "status", "cccc"], { cwd: elsewhere.path });
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining("us")]);
  });

  test("--watch of one that goes no further tells it all and ends", async () => {
    const { code, stdout } = await run("status", "bbbb", "--watch");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d\d:\d\d:\d\dZ +eu1/m);
  });

  test("of an unknown one suggests", async () => {
    const { code, stderr } = await run("status", "fix-20261123-0301-bbbc");
    expect(code).toBe(3);
    expect(stderr).toMatch(/there is no rollout "fix-20261123-0301-bbbc".*did you mean/);
  });
});

describe("the journal", () => {
  test("is a line per record", async () => {
    const { code, stdout } = await run("journal", "aaaa");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ *1 .* opened /m);
    const json = await run("journal", "aaaa", "--json");
    const lines = json.stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(stdout.trimEnd().split("\n").length);
    expect(JSON.parse(lines[0]!)).toMatchObject({ seq: 1, event: { kind: "opened" } });
  });

  test("is verified", async () => {
    const { code, stdout } = await run("journal", "aaaa", "verify");
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/\d+ records, sound; .*[0-9a-f]{64}\n$/),
    ]);
  });

  test("is told by report", async () => {
    const { code, stdout } = await run("report", "bbbb");
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining("# Rollout fix-20261123-0301-bbbb"),
    ]);
  });

  test("becomes an incident pack in a new folder, for its owner alone", async () => {
    const { code, stdout, stderr } = await run("report", "bbbb", "--incident", "out/pack");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(
      /^Written to out\/pack: timeline\.md, .*index\.json\n\d+ statements from \d+ records of the journal; \d+ places to fill\n {2}next: grep -rn "to fill" out\/pack\n$/,
    );
    const pack = join(folder.path, "out/pack");
    const names = await readdir(pack);
    const modes = await Promise.all(
      [".", ...names].map(async (name) =>
        ((await stat(join(pack, name))).mode & 0o777).toString(8),
      ),
    );
    expect(modes).toEqual(["700", ...names.map(() => "600")]);
    expect(await readFile(join(pack, "root-cause-report.md"), "utf8")).toContain(
      "to fill: the cause on eu1: the journal does not prove one",
    );
  });

  test.each([
    [
      ["bbbb", "--incident", "."],
      '"." is not empty, and drafts of two states would be mixed in it',
    ],
    [
      ["aaaa", "--incident", "new"],
      "there is no incident in fix-20261123-0300-aaaa to write about",
    ],
    [["bbbb", "--incident", ".handrail/journal.db"], "the drafts can't be written:"],
  ])("becomes no incident pack: report %j", async (args, sentence) => {
    const { code, stdout, stderr } = await run("report", ...args);
    expect([code, stdout]).toEqual([3, ""]);
    expect(stderr).toContain(`handrail: ${sentence}`);
    expect(stderr).toContain("  next: ");
    expect(existsSync(join(folder.path, "new"))).toBe(false);
  });

  test("is read to the end although nobody listens any more", async () => {
    const { code, stderr } = await handrail(["journal", "aaaa", "--json"], {
      cwd: folder.path,
      deaf: true,
    });
    expect([code, stderr]).toEqual([0, ""]);
  });
});

const meaningless: readonly [string[], string][] = [
  [
    ["pause", "cccc"],
    "pause changes nothing for fix-20261123-0302-cccc now: it stands still already",
  ],
  [
    ["pause", "eeee"],
    "pause changes nothing for fix-20261123-0304-eeee now: nobody runs it, so nothing new begins",
  ],
  [
    ["resume", "aaaa"],
    "resume changes nothing for fix-20261123-0300-aaaa now: it is over: it is sealed",
  ],
  [
    ["resume", "cccc"],
    "resume changes nothing for fix-20261123-0302-cccc now: it waits for a person to approve region us",
  ],
  [
    ["resume", "dddd"],
    "resume changes nothing for fix-20261123-0303-dddd now: it waits for a person to decide about eu1",
  ],
  [
    ["abort", "bbbb"],
    "abort changes nothing for fix-20261123-0301-bbbb now: it is over: it is halted",
  ],
  [
    ["reconcile", "aaaa"],
    "reconcile changes nothing for fix-20261123-0300-aaaa now: nothing of it is unknown or unfinished",
  ],
  [
    ["undo", "bbbb"],
    "undo changes nothing for fix-20261123-0301-bbbb now: nothing of it stands on any instance",
  ],
  [
    ["approve", "cccc", "uss"],
    'no region "uss" of fix-20261123-0302-cccc waits for approval; did you mean "us"?',
  ],
  [
    ["approve", "aaaa", "us"],
    "approve changes nothing for fix-20261123-0300-aaaa now: it is over: it is sealed",
  ],
  [
    ["decide", "dddd", "accept", "eu2", "--reason", "x"],
    'fix-20261123-0303-dddd has no instance "eu2"; did you mean "eu1"?',
  ],
  [
    ["decide", "dddd", "exclude", "eu1", "--reason", "x"],
    "exclude means nothing for eu1 as it stands; there are accept, retry, rollback, leave",
  ],
  [["decide", "dddd", "accept", "us1", "--reason", "x"], "there is nothing to decide for us1"],
  [
    ["decide", "bbbb", "accept", "eu1", "--reason", "x"],
    "decide changes nothing for fix-20261123-0301-bbbb now: it is over: it is halted",
  ],
];

// The verb table has all of them; the long suite asks each of the program itself, too.
const asked = isLong ? meaningless : meaningless.filter((_, at) => at % 4 === 0);

test.each(asked)("what would change nothing is refused: %j", async (args, message) => {
  const { code, stdout, stderr } = await run(...args);
  expect([code, stdout]).toEqual([3, ""]);
  expect(stderr).toMatch(/\n {2}next: .+\n$/);
  expect(stderr.split("\n")[0]).toBe(`handrail: ${message}`);
});

test("an approval and a decision are recorded for whoever goes on", async () => {
  const approved = await run("approve", "cccc", "us", "--reason", "seen the first region");
  expect(approved).toEqual({
    code: 0,
    stderr: "",
    stdout:
      "fix-20261123-0302-cccc: your approval of us is recorded: region us may begin\nNobody runs it now. Next: handrail resume fix-20261123-0302-cccc\n",
  });
  const decided = await run("decide", "dddd", "accept", "eu1", "--reason", "looked myself");
  expect([decided.code, decided.stdout]).toEqual([
    0,
    expect.stringContaining("decided for eu1: accept"),
  ]);
  // What is left for the next runner counts, although nobody has heard it yet.
  const again = await run("approve", "cccc", "us");
  expect([again.code, again.stderr]).toEqual([
    3,
    expect.stringContaining("approve changes nothing for fix-20261123-0302-cccc now: region us is"),
  ]);
  const opposite = await run("decide", "dddd", "rollback", "eu1", "--reason", "no");
  expect([opposite.code, opposite.stderr]).toEqual([
    3,
    expect.stringContaining("there is nothing to decide for eu1"),
  ]);
});

test("locks names the instances that keep theirs, and how to clear them", async () => {
  const { code, stdout } = await run("locks");
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^inventory small: kept by fix-20261123-0302-cccc \(deploy@laptop\) since 2\S+ \S+Z, last heard 2\S+ \S+Z; it is not over: region us waits for approval\n {2}to clear it: handrail approve fix-20261123-0302-cccc us, or handrail abort fix-20261123-0302-cccc\n/m,
  );
  expect(stdout).toMatch(
    /^instance eu1: held by fix-20261123-0303-dddd since 2\S+ \S+Z; kept because whether eu1 is well is not known, and a person has to decide: no answer\n {2}to clear it: handrail decide fix-20261123-0303-dddd rollback eu1 \(or accept, retry, leave instead of rollback\)\n/m,
  );
  expect(stdout).toContain("  to clear it: handrail resume fix-20261123-0304-eeee");
  expect(stdout).not.toContain("bbbb");
});
