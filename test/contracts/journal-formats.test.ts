import { cpSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openSqliteJournals } from "../../src/journals/sqlite.ts";
import { runner, session } from "./journal-events.ts";

const clock = { wall: () => new Date().toISOString() };
const fixtures = join(import.meta.dirname, "../../fixtures/journals");
const versions = readdirSync(fixtures).filter((name) => /^v\d+$/.test(name));

test("there is a journal of every encoding that was ever released", () => {
  expect(versions).toEqual(["v1"]);
});

test.each(versions)(
  "a journal of encoding %s is read, verified and gone on with",
  async (version) => {
    const folder = await mkdtemp(join(tmpdir(), "handrail-journal-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    cpSync(join(fixtures, version, "journal.db"), join(folder, "journal.db"));
    await using journals = await openSqliteJournals({ folder, clock });

    const [head] = await journals.list();
    expect(head).toMatchObject({ inventory: "alma", digest: "4711".repeat(16), outcome: "halted" });
    const rollout = head!.rollout;
    const lines = readFileSync(join(fixtures, version, "records.jsonl"), "utf8")
      .trimEnd()
      .split("\n");
    expect((await journals.read(rollout, 0)).map((record) => JSON.stringify(record))).toEqual(
      lines,
    );
    const check: unknown = JSON.parse(readFileSync(join(fixtures, version, "check.json"), "utf8"));
    expect(await journals.verify(rollout)).toEqual(check);

    const held = session(await journals.takeUp(rollout, runner("second")));
    expect(await held.wishes()).toMatchObject([
      { wish: { kind: "undo" }, reason: "not this week" },
    ]);
    expect((await held.append({ kind: "taken-up", runner: "x", epoch: held.epoch })).seq).toBe(
      lines.length + 1,
    );
  },
);
