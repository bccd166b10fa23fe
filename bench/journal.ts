import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memoryJournals } from "../src/journals/memory.ts";
import { openSqliteJournals } from "../src/journals/sqlite.ts";
import type { RolloutEvent } from "../src/core/event.ts";
import type { JournalSession, Journals } from "../src/ports/journal.ts";

/**
 * How fast a journal takes records, beside the floor: the same bytes, each appended to a plain file
 * and synced. `node bench/journal.ts [APPENDS] [FOLDER]`; the ratio is what to compare, since the
 * disk differs from machine to machine and from minute to minute.
 */
const appends = Number(process.argv[2] ?? 10_000);
const folder = mkdtempSync(join(process.argv[3] ?? tmpdir(), "handrail-bench-"));
const clock = { wall: () => new Date().toISOString() };
const rounds = 5;
const together = 20;

const event: RolloutEvent = {
  kind: "outcome",
  action: { kind: "apply", instance: "ap01", step: 2, attempt: 1 },
  outcome: { is: "done" },
};
const line = Buffer.from(
  `${JSON.stringify({ v: 1, rollout: "bench", at: clock.wall(), event })}\n`,
);

try {
  await bench();
} finally {
  rmSync(folder, { recursive: true });
}

async function bench(): Promise<void> {
  await using journals = await openSqliteJournals({ folder, clock });
  await using memory = memoryJournals({ clock });
  const onDisk = await begin(journals);
  const inMemory = await begin(memory);
  const file = openSync(join(folder, "floor"), "a");
  const each = Math.ceil(appends / rounds);
  const took = { floor: 0, oneByOne: 0, together: 0, memory: 0 };
  // In turns, so that what else the machine does falls on all alike.
  for (let round = 0; round < rounds; round += 1) {
    took.floor += await timed(async () => {
      for (let n = 0; n < each; n += 1) {
        writeSync(file, line);
        fdatasyncSync(file);
      }
    });
    took.oneByOne += await timed(() => oneByOne(onDisk, each));
    took.together += await timed(async () => {
      for (let n = 0; n < each; n += together) {
        await Promise.all(Array.from({ length: together }, () => onDisk.append(event)));
      }
    });
    took.memory += await timed(() => oneByOne(inMemory, each));
  }
  closeSync(file);
  say("floor: write and fdatasync", took.floor, took.floor);
  say("SQLite, one by one", took.oneByOne, took.floor);
  say(`SQLite, ${together} under way`, took.together, took.floor);
  say("memory", took.memory, took.floor);
  const records = (await journals.list())[0]?.records ?? 0;
  const readMs = await timed(() => journals.read("bench", 0));
  const verifyMs = await timed(() => journals.verify("bench"));
  process.stdout.write(
    `${records} records read in ${readMs.toFixed(0)} ms, verified in ${verifyMs.toFixed(0)} ms\n`,
  );
}

async function begin(journals: Journals): Promise<JournalSession> {
  const runner = { runner: "bench", holder: "bench" };
  const held = await journals.open({ rollout: "bench", inventory: "bench", digest: "", runner });
  if (held.kind === "refused") throw new Error("held by another");
  await held.session.append(event);
  return held.session;
}

async function oneByOne(session: JournalSession, many: number): Promise<void> {
  for (let n = 0; n < many; n += 1) await session.append(event);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function say(what: string, ms: number, floorMs: number): void {
  const rate = Math.round((appends / ms) * 1000);
  const each = (ms / appends).toFixed(3);
  process.stdout.write(
    `${what.padEnd(28)} ${each} ms each, ${rate} a second, ${(ms / floorMs).toFixed(2)} × floor\n`,
  );
}
