import { cpSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { HandrailError } from "../../src/core/failure.ts";
import { chainHash } from "../../src/journals/encoding.ts";
import { openSqliteJournals } from "../../src/journals/sqlite.ts";
import { applying, codeOf, opened, order, remark, runner, session } from "./journal-events.ts";
import { begun, clock, edit, journalsOf, temporary } from "./journal-folder.ts";

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

  test.each([
    ["a record gone", "DELETE FROM records WHERE seq = 3"],
    ["the first gone", "DELETE FROM records WHERE seq = 1"],
    ["the last gone", "DELETE FROM records WHERE seq >= 4"],
    [
      "one gone and one added",
      `DELETE FROM records WHERE seq = 3;
       INSERT INTO records SELECT rollout, 6, '1.6',
         replace(replace(line, '"seq":5', '"seq":6'), '"key":"1.5"', '"key":"1.6"'), hash
       FROM records WHERE seq = 5`,
    ],
  ])("read refuses a gap too: %s", async (_, sql) => {
    const folder = await temporary();
    await begun(folder);
    edit(folder, (db) => db.exec(sql));
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
