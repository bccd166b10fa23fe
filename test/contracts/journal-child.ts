import { writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { HandrailError } from "../../src/core/failure.ts";
import { takeLock } from "../../src/journals/controller-lock.ts";
import { openSqliteJournals } from "../../src/journals/sqlite.ts";
import type { Held, JournalSession } from "../../src/ports/journal.ts";
import { fillDisk } from "./journal-full-disk.ts";
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

/** One process of a controller, for tests that kill it: `node journal-child.ts FOLDER VERB ARG…`. */
const [folder = "", verb = "", rollout = "kb-1", count = "0"] = process.argv.slice(2);
const clock = { wall: () => new Date().toISOString() };
const journals = await openSqliteJournals({ folder, clock });

try {
  await act();
} catch (error) {
  if (!(error instanceof HandrailError)) throw error;
  say(error.failure);
}

async function act(): Promise<void> {
  switch (verb) {
    case "append":
      return append(session(await hold()));
    case "append-slowly":
      return appendSlowly(session(await hold()), Number(count));
    case "append-anyway":
      return appendAnyway(session(await hold()), Number(count));
    case "hold":
      return stay(await hold());
    case "hold-when-told":
      process.stdin.once("data", () => void hold().then(stay));
      return say("ready");
    case "obey":
      return obey(session(await hold()));
    case "ask":
      for (let n = 0; n < Number(count); n += 1) {
        await journals.ask(rollout, { ...pause, reason: `${n}` });
      }
      return;
    case "read":
      return say({ list: await journals.list(), records: await journals.read(rollout, 0) });
    case "take-lock":
      return say(takeLock(folder, "alma") !== null);
    case "fill-disk":
      return say(await fillDisk(folder, journals));
    default:
      throw new Error(`what is "${verb}"?`);
  }
}

/** Opens the rollout, or takes it up where a child before this one opened it. */
async function hold(): Promise<Held> {
  const me = runner(`child ${process.pid}`);
  if ((await journals.list()).some((head) => head.rollout === rollout)) {
    return journals.takeUp(rollout, me);
  }
  const held = await journals.open({ ...order(rollout), runner: me });
  if (held.kind === "held") await held.session.append(opened);
  return held;
}

/** Says each number once it is acknowledged, several appends under way at a time, for ever. */
async function append(held: JournalSession): Promise<void> {
  for (;;) {
    const some = [remark("a"), applying, remark("b"), remark("c")];
    await Promise.all(some.map((event) => held.append(event).then(({ seq }) => say(seq))));
  }
}

async function appendSlowly(held: JournalSession, many: number): Promise<void> {
  for (let n = 0; n < many; n += 1) say((await held.append(remark(`${n}`))).seq);
  await held[Symbol.asyncDispose]();
}

/** Goes on after a failure, as no runner should: says each number or the code. */
async function appendAnyway(held: JournalSession, many: number): Promise<void> {
  for (let n = 0; n < many; n += 1) {
    const appended = held.append(remark(`${n}`));
    say(
      await appended.then(
        ({ seq }) => seq,
        () => codeOf(appended),
      ),
    );
  }
}

async function stay(held: Held): Promise<void> {
  say(held.kind === "held" ? "held" : held);
  process.stdin.resume();
}

/** Journals every wish as it comes, for ever. */
async function obey(held: JournalSession): Promise<void> {
  say("obeying");
  for (;;) {
    for (const { id, wish, by, reason } of await held.wishes()) {
      await held.append({ kind: "asked", wish, by, reason }, { wish: id });
    }
    await sleep(1);
  }
}

function say(what: unknown): void {
  writeSync(1, `${JSON.stringify(what)}\n`);
}
