import { stat } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { lockFile, takeLock } from "../../src/journals/controller-lock.ts";
import { withReader } from "../../src/journals/database.ts";
import { rolloutRow } from "../../src/journals/rollout-rows.ts";
import { openSqliteJournals } from "../../src/journals/sqlite.ts";
import { order, pause, session } from "./journal-events.ts";
import { begun, clock, edit, journalsOf, temporary } from "./journal-folder.ts";
import { start } from "./journal-process.ts";
import { isLong } from "../support/long-suite.ts";

test("every acknowledged record outlives kill -9 at any moment, without a gap", async () => {
  const folder = await temporary();
  let acknowledged = 0;
  for (let round = 1; round <= (isLong ? 20 : 8); round += 1) {
    const runner = start(folder, "append");
    const first = await runner.hear();
    expect(typeof first).toBe("number");
    setTimeout(() => void runner.kill(), Math.random() * 60);
    for (let seq = first; seq !== null; seq = await runner.hear()) acknowledged = Number(seq);

    await using journals = await openSqliteJournals({ folder, clock });
    const records = await journals.read("kb-1", 0);
    expect(records.length).toBeGreaterThanOrEqual(acknowledged);
    expect(records.map(({ seq }) => seq)).toEqual(records.map((_, at) => at + 1));
    expect(await journals.verify("kb-1")).toMatchObject({ kind: "sound", records: records.length });
  }
  expect(acknowledged).toBeGreaterThan(100);
}, 60_000);

test("of two processes one is refused in the holder's words, until the holder is killed", async () => {
  const folder = await temporary();
  const holder = start(folder, "hold");
  expect(await holder.hear()).toBe("held");
  const refused = start(folder, "hold");
  const words = /^child \d+$/;
  expect(await refused.hear()).toMatchObject({
    kind: "refused",
    holder: { rollout: "kb-1", inventory: "alma", holder: expect.stringMatching(words) },
  });
  await using journals = await openSqliteJournals({ folder, clock });
  expect(await journals.holders()).toMatchObject([{ holder: expect.stringMatching(words) }]);
  await holder.kill();
  expect(await journals.holders()).toEqual([]);
  const next = start(folder, "hold");
  expect(await next.hear()).toBe("held");
  expect(await journals.holders()).toMatchObject([{ holder: expect.stringMatching(words) }]);
});

test("the words of a dead holder are not taken for those of a living one", async () => {
  const folder = await temporary();
  const dead = start(folder, "hold");
  expect(await dead.hear()).toBe("held");
  await dead.kill();
  await using journals = await openSqliteJournals({ folder, clock });
  // Somebody who has the lock and has not come to write its words.
  using lock = takeLock(folder, "alma");
  expect(lock).not.toBe(null);
  expect(await journals.takeUp("kb-1", order("kb-1").runner)).toMatchObject({
    kind: "refused",
    holder: { holder: "a process that left no name" },
  });
});

test("of four processes that begin at once in an empty folder exactly one holds", async () => {
  const folder = join(await temporary(), "made", "by", "them");
  const racers = ["kb-1", "kb-2", "kb-3", "kb-4"].map((rollout) =>
    start(folder, "hold-when-told", rollout),
  );
  expect(await Promise.all(racers.map((racer) => racer.hear()))).toEqual(racers.map(() => "ready"));
  for (const racer of racers) racer.tell("go\n");
  const heard = await Promise.all(racers.map((racer) => racer.hear()));
  expect(heard.filter((said) => said === "held").length).toBe(1);
  const refused = heard.filter((said) => said !== "held");
  expect(refused).toMatchObject(
    refused.map(() => ({ kind: "refused", holder: { holder: expect.stringMatching(/^child /) } })),
  );
  // Not even a look at who holds what lets a second one in.
  await using journals = await openSqliteJournals({ folder, clock });
  expect((await journals.holders()).length).toBe(1);
});

test("who makes the journal waits for a neighbour that is at the same", async () => {
  const folder = await temporary();
  const runner = start(folder, "hold-when-told");
  await runner.hear();
  // Where another process has come to in the middle of its change to WAL, drawn out.
  const neighbour = new DatabaseSync(join(folder, "journal.db"));
  onTestFinished(() => neighbour.close());
  neighbour.exec("BEGIN IMMEDIATE");
  runner.tell("go\n");
  setTimeout(() => neighbour.exec("ROLLBACK"), 1_000);
  expect(await runner.hear()).toBe("held");
});

test("who only looks whether a lock is held does not keep a runner out", async () => {
  const folder = await temporary();
  await begun(folder, 1);
  // The look of another process, caught in the middle and drawn out.
  const look = new DatabaseSync(lockFile(folder, "alma"), { readOnly: true });
  look.exec("BEGIN; SELECT 1 FROM sqlite_schema");
  onTestFinished(() => look.close());
  const runner = start(folder, "hold-when-told");
  await runner.hear();
  runner.tell("go\n");
  setTimeout(() => look.exec("ROLLBACK"), 120);
  expect(await runner.hear()).toBe("held");
});

test("no wish is lost and none is journaled twice, whenever the runner is killed", async () => {
  const folder = await temporary();
  await begun(folder, 1);
  const wishes = 300;
  const asking = start(folder, "ask", "kb-1", String(wishes));
  const asked = asking.hear();
  for (let round = 0; round < 8; round += 1) {
    const runner = start(folder, "obey");
    expect(await runner.hear()).toBe("obeying");
    // Later runners live longer, so that on a busy machine some of them get to work too.
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 80 + 60 * round));
    await runner.kill();
  }
  expect(await asked).toBe(null);
  await using journals = await openSqliteJournals({ folder, clock });
  const held = session(await journals.takeUp("kb-1", order("kb-1").runner));
  const rest = await held.wishes();
  const journaled = (await journals.read("kb-1", 0)).flatMap(({ event }) =>
    event.kind === "asked" ? [event.reason] : [],
  );
  expect(journaled.length).toBeGreaterThan(0);
  expect([...journaled, ...rest.map(({ reason }) => reason)]).toEqual(
    Array.from({ length: wishes }, (_, n) => `${n}`),
  );
}, 60_000);

test("another process reads and asks while a runner writes", async () => {
  const folder = await temporary();
  await begun(folder, 1);
  const runner = start(folder, "append");
  await runner.hear();
  await using journals = await openSqliteJournals({ folder, clock });
  for (let n = 0; n < 50; n += 1) {
    await journals.ask("kb-1", pause);
    const records = await journals.read("kb-1", 0);
    expect(records.map(({ seq }) => seq)).toEqual(records.map((_, at) => at + 1));
    expect((await journals.list()).length).toBe(1);
  }
  expect(await runner.hear()).not.toBe(null);
});

test("whatever a runner writes meanwhile, a look sees the journal of one moment", async () => {
  const folder = await temporary();
  await begun(folder);
  const seen = withReader(folder, (db) => {
    const before = rolloutRow(db, "kb-1");
    // Between the row and the records: what is said of a journal at work must not be "damaged".
    edit(folder, (other) => other.exec("UPDATE rollouts SET records = 6, head = 'another'"));
    return [before, rolloutRow(db, "kb-1")];
  });
  expect(seen?.[1]).toEqual(seen?.[0]);
  expect(withReader(folder, (db) => rolloutRow(db, "kb-1"))).toMatchObject({ records: 6 });
});

test("who may only read looks again where a writer has just come or gone", async () => {
  const folder = await temporary();
  await begun(folder);
  const journals = await journalsOf(folder);
  await journals.ask("kb-1", pause);
  let looks = 0;
  const look = () => {
    looks += 1;
    // SQLITE_READONLY_RECOVERY: a killed writer's WAL, which the next writer takes up at this moment.
    if (looks < 3)
      throw Object.assign(new Error("attempt to write a readonly database"), { errcode: 264 });
    return "seen";
  };
  expect(withReader(folder, look)).toBe("seen");
});

test("the folder is its owner's alone", async () => {
  const folder = join(await temporary(), "state");
  const runner = start(folder, "hold");
  await runner.hear();
  await using journals = await openSqliteJournals({ folder, clock });
  const name = await journals.keep(new TextEncoder().encode("x"));
  const modes = async (...names: readonly string[]) =>
    Promise.all(names.map(async (each) => (await stat(join(folder, each))).mode & 0o777));
  const files = ["journal.db", "journal.db-wal", "journal.db-shm", "locks/alma.lock", "ballast"];
  expect(await modes(...files, `content/${name.slice(0, 2)}/${name}`)).toEqual(
    Array.from({ length: 6 }, () => 0o600),
  );
  expect(await modes(".", "locks", "content")).toEqual([0o700, 0o700, 0o700]);
});
