import { existsSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { createApp } from "../../src/app.ts";
import type { Io } from "../../src/cli/io.ts";
import { pageWishes } from "../../src/cli/page-wishes.ts";
import { openSqliteJournals } from "../../src/journals/sqlite.ts";
import type { AskedWish, JournalRecord, JournalSession } from "../../src/ports/journal.ts";
import { type LiveServer, openServer } from "../../src/serve/open-server.ts";
import type { PageWishes } from "../../src/serve/wishes.ts";
import { removeFolder } from "./remove-folder.ts";

/** A journal on disk that a test writes record by record, and the live page over it. */
export interface LiveWorld extends AsyncDisposable {
  readonly folder: string;
  readonly rollout: string;
  readonly server: LiveServer;
  readonly wishes: PageWishes;
  /** Writes the next records, up to and with the first that fits; false: there is none any more. */
  goOn(until?: (record: JournalRecord) => boolean): Promise<boolean>;
  /** The process that runs it is gone; what it had not written is not written. */
  leave(): Promise<void>;
  /** What was asked and not heard yet. */
  waiting(): Promise<readonly AskedWish[]>;
  /** What must not have happened. */
  readonly bugs: readonly unknown[];
}

export interface LiveWorldOptions {
  readonly allowActions?: boolean;
  readonly beatMs?: number;
  /** false: there is no journal before the first record is written; default true. */
  readonly begun?: boolean;
}

export async function liveWorld(
  records: readonly JournalRecord[],
  { allowActions = true, beatMs, begun = true }: LiveWorldOptions = {},
): Promise<LiveWorld> {
  // In memory where that can be: each record waits for its disk, and this is no test of that.
  const base = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
  const folder = await mkdtemp(join(base, "handrail-live-"));
  let next = 0;
  const clock = { wall: () => records[Math.min(next, records.length - 1)]!.at };
  // The page's own are others, as those of another process.
  const runners = await openSqliteJournals({ folder, clock });
  const app = createApp({ state: folder, env: {} });
  const journals = await app.journals();
  const first = records[0]?.event;
  if (first?.kind !== "opened") throw new Error("a rollout begins with its opening");
  const { itinerary } = first;
  const { rollout, digest } = itinerary;
  const inventory = itinerary.inventory.name;
  const runner = { runner: "r", holder: "deploy@laptop, pid 4711" };
  const begin = async (): Promise<JournalSession> => {
    const held = await runners.open({ rollout, inventory, digest, runner });
    if (held.kind !== "held") throw new Error("the journal is held");
    return held.session;
  };
  let session = begun ? await begin() : null;
  const wishes = pageWishes({ app, io: quietIo(folder), program: "handrail" });
  const bugs: unknown[] = [];
  const server = await openServer({
    journals,
    host: "127.0.0.1",
    port: 0,
    secrets: () => ({}),
    words: () => ({ program: "handrail" }),
    wishes: allowActions ? wishes : null,
    onTrouble: (error) => bugs.push(error),
    // In the time of the records, whenever they are from.
    nowMs: () => Date.parse(clock.wall()),
    pollMs: 20,
    ...(beatMs === undefined ? {} : { beatMs }),
  });
  return {
    folder,
    rollout,
    server,
    wishes,
    bugs,
    async goOn(until = () => false) {
      while (next < records.length) {
        const record = records[next]!;
        if (!begun && next === 0) session = await begin();
        await session?.append(record.event);
        next += 1;
        if (until(record)) return true;
      }
      return false;
    },
    async leave() {
      await session?.[Symbol.asyncDispose]();
      session = null;
    },
    waiting: () => journals.waiting(rollout),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await session?.[Symbol.asyncDispose]();
      await runners[Symbol.asyncDispose]();
      await app[Symbol.asyncDispose]();
      await removeFolder(folder);
    },
  };
}

function quietIo(cwd: string): Io {
  const nowhere = { write: () => true };
  return {
    stdout: nowhere,
    stderr: nowhere,
    stdin: Readable.from([]),
    env: { SUDO_USER: "deploy" },
    cwd,
    called: "handrail",
    unread: new AbortController().signal,
  };
}
