import { cpSync, existsSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, onTestFinished, test } from "vitest";
import { HandrailError } from "../../src/core/failure.ts";
import { lockFile } from "../../src/journals/controller-lock.ts";
import { chainHash } from "../../src/journals/encoding.ts";
import { openSqliteJournals } from "../../src/journals/sqlite.ts";
import { networkFileSystem } from "../../src/journals/state-folder.ts";
import type { Journals } from "../../src/ports/journal.ts";
import {
  applying,
  codeOf,
  opened,
  order,
  pause,
  remark,
  runner,
  session,
} from "./journal-events.ts";

const clock = { wall: () => new Date().toISOString() };

async function temporary(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "handrail-journal-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function journalsOf(folder: string): Promise<Journals> {
  const journals = await openSqliteJournals({ folder, clock });
  onTestFinished(() => journals[Symbol.asyncDispose]());
  return journals;
}

/** A rollout of five records. */
async function begun(folder: string): Promise<void> {
  await using journals = await openSqliteJournals({ folder, clock });
  const held = session(await journals.open(order("kb-1")));
  await held.append(opened);
  for (const text of ["two", "three", "four", "five"]) await held.append(remark(text));
}

function edit(folder: string, work: (db: DatabaseSync) => void): void {
  using db = new DatabaseSync(join(folder, "journal.db"));
  work(db);
}

/** Makes a record of this line whose hash fits what comes before it. */
function forge(db: DatabaseSync, seq: number, change: (line: string) => string): void {
  const hashOf = (at: number) =>
    String(db.prepare("SELECT hash FROM records WHERE seq = ?").get(at)?.["hash"]);
  const line = db.prepare("SELECT line FROM records WHERE seq = ?").get(seq)?.["line"];
  const forged = change(String(line));
  db.prepare("UPDATE records SET line = ?, hash = ? WHERE seq = ?").run(
    forged,
    chainHash(hashOf(seq - 1), forged),
    seq,
  );
}

describe("verify names the first record that is not what was appended", () => {
  const cases: readonly [string, string | ((db: DatabaseSync) => void), number, string][] = [
    [
      "edited",
      "UPDATE records SET line = replace(line, 'three', 'THREE') WHERE seq = 3",
      3,
      "hash",
    ],
    ["cut out", "DELETE FROM records WHERE seq = 3", 3, "missing"],
    ["cut off at the end", "DELETE FROM records WHERE seq >= 4", 4, "all after it are gone"],
    ["the first cut off", "DELETE FROM records WHERE seq = 1", 1, "missing"],
    [
      "two exchanged",
      "UPDATE records SET seq = 9 WHERE seq = 2; UPDATE records SET seq = 2 WHERE seq = 3; UPDATE records SET seq = 3 WHERE seq = 9",
      2,
      "hash",
    ],
    [
      "one repeated",
      "INSERT INTO records SELECT rollout, 6, key || 'x', line, hash FROM records WHERE seq = 5",
      6,
      "hash",
    ],
    ["another key", "UPDATE records SET key = 'x' WHERE seq = 2", 2, "in the place of"],
    ["a hash edited", "UPDATE records SET hash = upper(hash) WHERE seq = 2", 2, "hash"],
    [
      "forged with its hash: the next one does not fit",
      (db) => forge(db, 3, (line) => line.replace("three", "THREE")),
      4,
      "hash",
    ],
    [
      "the last forged with its hash",
      (db) => forge(db, 5, (line) => line.replace("five", "FIVE")),
      6,
      "not the one that the journal ended with",
    ],
    ["no JSON", (db) => forge(db, 5, () => "five"), 5, "not JSON"],
    ["no envelope", (db) => forge(db, 5, () => '{"v":1}'), 5, "rollout"],
    [
      "of another rollout",
      (db) => forge(db, 5, (line) => line.replace("kb-1", "kb-2")),
      5,
      `rollout "kb-2"`,
    ],
  ];
  test.each(cases)("%s", async (_, change, seq, because) => {
    const folder = await temporary();
    await begun(folder);
    edit(folder, (db) => (typeof change === "string" ? db.exec(change) : change(db)));
    const journals = await journalsOf(folder);
    expect(await journals.verify("kb-1")).toMatchObject({
      kind: "damaged",
      seq,
      failure: { code: "JOURNAL_DAMAGED", message: expect.stringContaining(because) },
    });
    expect(await codeOf(journals.takeUp("kb-1", runner("x")))).toBe("JOURNAL_DAMAGED");
    expect(await journals.holders()).toEqual([]);
  });

  test.each([
    ["a newer encoding", (line: string) => line.replace('"v":1', '"v":2'), "encoding 2"],
    ["a kind not known", (line: string) => line.replace('"noted"', '"dreamt"'), '"dreamt"'],
  ])("%s is said to be from a newer Handrail", async (_, change, because) => {
    const folder = await temporary();
    await begun(folder);
    edit(folder, (db) => forge(db, 5, change));
    const journals = await journalsOf(folder);
    expect(await codeOf(journals.read("kb-1", 0))).toBe("STATE_NEWER");
    expect(await codeOf(journals.takeUp("kb-1", runner("x")))).toBe("STATE_NEWER");
    expect(await journals.verify("kb-1")).toMatchObject({
      failure: { message: expect.stringContaining(because) },
    });
  });

  test.each(["= 3", "= 1", ">= 4"])("read refuses a gap too: seq %s", async (where) => {
    const folder = await temporary();
    await begun(folder);
    edit(folder, (db) => db.exec(`DELETE FROM records WHERE seq ${where}`));
    const journals = await journalsOf(folder);
    expect(await codeOf(journals.read("kb-1", 0))).toBe("JOURNAL_DAMAGED");
  });
});

test("a journal whose WAL was cut at any byte reads as a prefix, and goes on from there", async () => {
  const folder = await temporary();
  const journals = await journalsOf(folder);
  const held = session(await journals.open(order("kb-1")));
  await held.append(opened);
  for (let n = 0; n < 20; n += 1) await held.append(remark(`${n}`));
  const whole = await journals.read("kb-1", 0);
  const walBytes = readFileSync(join(folder, "journal.db-wal")).length;
  const lengths = new Set<number>();
  const cuts = 60;
  for (let cut = 0; cut <= cuts; cut += 1) {
    const torn = await temporary();
    for (const name of ["journal.db", "journal.db-wal"]) {
      cpSync(join(folder, name), join(torn, name));
    }
    truncateSync(join(torn, "journal.db-wal"), Math.floor((walBytes * cut) / cuts));
    await using after = await openSqliteJournals({ folder: torn, clock });
    const [head] = await after.list();
    const records = head === undefined ? [] : await after.read("kb-1", 0);
    expect(records).toEqual(whole.slice(0, records.length));
    lengths.add(records.length);
    if (head === undefined) continue;
    const next = session(await after.takeUp("kb-1", runner("next")));
    expect((await next.append(applying)).seq).toBe(records.length + 1);
  }
  expect(lengths.size).toBeGreaterThan(15);
  expect(lengths).toContain(whole.length);
});

test("a bit flipped anywhere in the file is never read as something else", async () => {
  const folder = await temporary();
  await begun(folder);
  const whole = await (await journalsOf(folder)).read("kb-1", 0);
  const bytes = readFileSync(join(folder, "journal.db"));
  const flipped = await temporary();
  let noticed = 0;
  const flips = 401;
  for (let flip = 0; flip < flips; flip += 1) {
    const at = Math.floor((bytes.length * flip) / flips);
    const damagedBytes = Buffer.from(bytes);
    damagedBytes[at] = damagedBytes[at]! ^ (1 << (flip % 8));
    writeFileSync(join(flipped, "journal.db"), damagedBytes);
    const said = await lookAt(flipped);
    if (said === "sound") continue;
    noticed += 1;
    expect(said, `byte ${at}`).toMatch(
      /^(JOURNAL_DAMAGED|STATE_NEWER|STATE_UNUSABLE|ROLLOUT_UNKNOWN)$/,
    );
  }
  expect(noticed).toBeGreaterThan(20);

  /** What the journal is taken for; "sound" only if all its records are as they were. */
  async function lookAt(state: string): Promise<string> {
    try {
      await using journals = await openSqliteJournals({ folder: state, clock });
      const check = await journals.verify("kb-1");
      if (check.kind === "damaged") return check.failure.code;
      expect(await journals.read("kb-1", 0)).toEqual(whole);
      return "sound";
    } catch (error) {
      if (error instanceof HandrailError) return error.failure.code;
      throw error;
    }
  }
});

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
