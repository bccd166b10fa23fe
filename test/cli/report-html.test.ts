import { mkdir, readdir, readFile, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSqliteJournals } from "../../src/journals/sqlite.ts";
import { drive } from "../support/drive.ts";
import { isLong, longOnly } from "../support/long-suite.ts";
import { smallItinerary } from "../support/small-itinerary.ts";
import { type TempFolder, tempFolder } from "./run-handrail.ts";
import { handrailHere as handrail } from "./run-in-process.ts";

let folder: TempFolder;
const rollout = "fix-20261123-0301-bbbb";
/** As it must stand in no report, though it came into the journal. */
const token = "kept-from-everybody";
const report = (...args: string[]) =>
  handrail(["report", ...args], { cwd: folder.path, env: { REPORT_TOKEN: token } });

beforeAll(async () => {
  folder = await tempFolder();
  const small = smallItinerary({ regions: { eu: [["eu1"]] } });
  const secrets = { token: { env: "REPORT_TOKEN" } };
  const plan = { ...small.plan, secrets, summary: `Sends ${token} home.` };
  const itinerary = { ...small, rollout, plan };
  const clock = { wall: () => "2026-11-23T03:01:00.000Z" };
  const state = join(folder.path, ".handrail");
  await using journals = await openSqliteJournals({ folder: state, clock });
  const held = await journals.open({
    rollout,
    inventory: "small",
    digest: itinerary.digest,
    runner: { runner: "r", holder: "deploy@laptop" },
  });
  if (held.kind !== "held") throw new Error("the journal is held");
  await using session = held.session;
  const by = "deploy@laptop";
  await session.append({ kind: "opened", itinerary, by, tool: "0.1.0", planFolder: "/" });
  for (const event of drive(itinerary, () => null).events) await session.append(event);
});

afterAll(() => folder[Symbol.asyncDispose]());

/** Refusals that are looked at in the long suite only. */
const seldom: readonly Refusal[] = [
  {
    file: "a folder",
    prepare: () => mkdir(join(folder.path, "a folder")),
    why: "is a folder, not a file",
    next: "name another file with --html",
  },
  {
    file: "circle.html",
    prepare: () => symlink("circle.html", join(folder.path, "circle.html")),
    why: "is a symbolic link that leads in a circle",
    next: "name another file with --html",
  },
];

describe("handrail report --html", () => {
  test("writes one file for its owner alone, says so, and takes the place of an older report", async () => {
    for (const time of ["first", "second"]) {
      const ran = await report(rollout, "--html", "report.html");
      expect({ time, ...ran }).toMatchObject({ time, code: 0, stderr: "" });
      expect(ran.stdout.replace(/\(\d+ kB\)/, "(N kB)")).toBe(
        `Written to report.html (N kB): the report of ${rollout}. Any browser opens it.\n`,
      );
    }
    const path = join(folder.path, "report.html");
    const text = await readFile(path, "utf8");
    expect(text).toMatch(/^<!doctype html><!-- handrail report -->\n<html lang="en">/);
    expect(text.trimEnd()).toMatch(/<\/html>$/);
    expect(text).toContain("Sends [secret token] home.");
    expect(text).not.toContain(token);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await readdir(folder.path)).filter((name) => name.includes(".report"))).toEqual([]);
  });

  test.skipIf(!isLong)(
    `takes an empty file's place: nothing is lost by that${longOnly}`,
    async () => {
      await folder.write("empty.html", "");
      expect(await report(rollout, "--html", "empty.html")).toMatchObject({ code: 0 });
    },
  );

  const other = "name another file with --html";
  const refusals: readonly Refusal[] = [
    {
      file: "notes.html",
      prepare: () => folder.write("notes.html", "<!doctype html>\nmine"),
      why: "is there already, and is no report of Handrail",
      next: other,
    },
    {
      file: "no such/it's.html",
      prepare: async () => null,
      why: "is in a folder that is not there",
      next: `mkdir -p 'no such'; or ${other}`,
    },
    ...(isLong ? seldom : []),
  ];

  test.each(refusals)(
    "refuses $file, and changes nothing",
    async ({ file, prepare, why, next }) => {
      await prepare();
      const before = await readdir(folder.path);
      expect(await report(rollout, "--html", file)).toEqual({
        code: 3,
        stdout: "",
        stderr: `handrail: --html: "${file}" ${why}\n  next: ${next}\n`,
      });
      expect(await readdir(folder.path)).toEqual(before);
    },
  );

  test("knows no report of a rollout that is not in the journal", async () => {
    const ran = await report("fix-20261123-0301-bbbc", "--html", "none.html");
    expect(ran.code).toBe(3);
    expect(ran.stderr).toContain('there is no rollout "fix-20261123-0301-bbbc" in this journal');
    expect(await readdir(folder.path)).not.toContain("none.html");
  });
});

interface Refusal {
  readonly file: string;
  readonly prepare: () => Promise<unknown>;
  readonly why: string;
  readonly next: string;
}
