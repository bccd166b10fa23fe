import { existsSync, readFileSync, truncateSync } from "node:fs";
import { chmod, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { lockFile } from "../../src/journals/controller-lock.ts";
import { openSqliteJournals } from "../../src/journals/sqlite.ts";
import { networkFileSystem } from "../../src/journals/state-folder.ts";
import { codeOf, order, pause, runner, session } from "./journal-events.ts";
import { begun, clock, edit, journalsOf, temporary } from "./journal-folder.ts";

describe("the state folder", () => {
  test("is not made by reading, nor by asking for what is not there", async () => {
    const folder = join(await temporary(), "state");
    const journals = await journalsOf(folder);
    expect(await journals.list()).toEqual([]);
    expect(await journals.holders()).toEqual([]);
    await expect(journals.read("kb-1", 0)).rejects.toThrow(`"${folder}", where no journal is yet`);
    expect(await codeOf(journals.takeUp("kb-1", runner("x")))).toBe("ROLLOUT_UNKNOWN");
    expect(await codeOf(journals.ask("kb-1", pause))).toBe("ROLLOUT_UNKNOWN");
    expect(await codeOf(journals.recall("0".repeat(64)))).toBe("JOURNAL_DAMAGED");
    expect(existsSync(folder)).toBe(false);
  });

  test("may hold a journal whose making was cut short", async () => {
    const folder = await temporary();
    await writeFile(join(folder, "journal.db"), "");
    const journals = await journalsOf(folder);
    expect(await journals.list()).toEqual([]);
    expect(await codeOf(journals.read("kb-1", 0))).toBe("ROLLOUT_UNKNOWN");
    await begun(folder);
    expect((await journals.read("kb-1", 0)).length).toBe(5);
  });

  test("is refused when a newer Handrail wrote it", async () => {
    const folder = await temporary();
    await begun(folder);
    edit(folder, (db) => db.exec("PRAGMA user_version = 99"));
    expect(await codeOf(openSqliteJournals({ folder, clock }))).toBe("STATE_NEWER");
  });

  test.each([
    ["text", "this is no database, however long it may be\n".repeat(200), "JOURNAL_DAMAGED"],
    ["another program's database", null, "STATE_UNUSABLE"],
  ])("is refused when journal.db is %s, and left as it is", async (_, text, code) => {
    const folder = await temporary();
    if (text === null) edit(folder, (db) => db.exec("CREATE TABLE cookies (name TEXT)"));
    else await writeFile(join(folder, "journal.db"), text);
    const before = readFileSync(join(folder, "journal.db"));
    expect(await codeOf(openSqliteJournals({ folder, clock }))).toBe(code);
    expect(readFileSync(join(folder, "journal.db"))).toEqual(before);
    expect(await readdir(folder)).toEqual(["journal.db"]);
  });

  test("is refused when it is a file, or when everybody may write there", async () => {
    const folder = await temporary();
    const file = join(folder, "file");
    await writeFile(file, "");
    expect(await codeOf(openSqliteJournals({ folder: file, clock }))).toBe("STATE_UNUSABLE");
    const below = await journalsOf(join(file, "x"));
    expect(await codeOf(below.open(order("kb-1")))).toBe("STATE_UNUSABLE");
    const open = join(folder, "open");
    await mkdir(open);
    await chmod(open, 0o777);
    const journals = await journalsOf(open);
    await expect(journals.open(order("kb-1"))).rejects.toMatchObject({
      failure: { code: "STATE_UNUSABLE", hint: `\`chmod o-w ${open}\`` },
    });
    expect(await readdir(open)).toEqual([]);
  });

  test.each([
    [0x6969, "NFS"],
    [0xfe534d42, "SMB2"],
    [0xef53, null], // ext4
    [0x01021994, null], // tmpfs
    [0x9123683e, null], // btrfs
  ])("on a file system of type %i: %s", (type, name) => {
    expect(networkFileSystem(type)).toBe(name);
  });

  test("has a lock file of its own for every inventory, whatever it is called", () => {
    const names = ["alma", "Alma", "a/b", "a-b", "a.b", "../alma", "a".repeat(300), "äöü", ""];
    const files = names.map((name) => lockFile("/state", name));
    expect(new Set(files.map((file) => file.toLowerCase())).size).toBe(names.length);
    for (const file of files) expect(file).toMatch(/^\/state\/locks\/[A-Za-z0-9_.-]{1,120}\.lock$/);
    expect(files[0]).toBe("/state/locks/alma.lock");
  });
});

test("content that was torn is not recalled, and is mended by keeping it again", async () => {
  const journals = await journalsOf(await temporary());
  const folder = await temporary();
  const there = await journalsOf(folder);
  const content = new TextEncoder().encode("patch\n".repeat(1000));
  const name = await there.keep(content);
  truncateSync(join(folder, "content", name.slice(0, 2), name), 100);
  expect(await codeOf(there.recall(name))).toBe("JOURNAL_DAMAGED");
  expect(await there.keep(content)).toBe(name);
  expect(await there.recall(name)).toEqual(content);
  expect(await codeOf(journals.recall(name))).toBe("JOURNAL_DAMAGED");
});

test.each([
  ["no JSON", "pause", "JOURNAL_DAMAGED"],
  ["no reason", `{"wish":{"kind":"pause"},"by":"x"}`, "JOURNAL_DAMAGED"],
  [
    "half a decision",
    `{"wish":{"kind":"decide","instance":"eu1"},"by":"x","reason":""}`,
    "JOURNAL_DAMAGED",
  ],
  ["a wish not known", `{"wish":{"kind":"dance"},"by":"x","reason":""}`, "STATE_NEWER"],
])("an inbox edited by hand is refused: %s", async (_, text, code) => {
  const folder = await temporary();
  await begun(folder);
  const journals = await journalsOf(folder);
  await journals.ask("kb-1", pause);
  edit(folder, (db) => db.prepare("UPDATE wishes SET text = ?").run(text));
  const held = session(await journals.takeUp("kb-1", runner("x")));
  expect(await codeOf(held.wishes())).toBe(code);
});

test("no wish stays in the inbox in words once it is journaled", async () => {
  const folder = await temporary();
  await begun(folder);
  const journals = await journalsOf(folder);
  await journals.ask("kb-1", { ...pause, reason: "the password is hunter2" });
  const held = session(await journals.takeUp("kb-1", runner("x")));
  const [left] = await held.wishes();
  await held.append({ kind: "asked", ...pause, reason: "‹secret›" }, { wish: left!.id });
  edit(folder, (db) => {
    expect(db.prepare("SELECT text, record FROM wishes").all()).toEqual([{ text: "", record: 6 }]);
  });
});
