import { spawnSync } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { execa } from "execa";
import { describe, expect, onTestFinished, test } from "vitest";
import { lockFile, takeLock } from "../../src/journals/controller-lock.ts";
import { openSqliteJournals } from "../../src/journals/sqlite.ts";
import { describeWith } from "../support/parts.ts";
import { opened, order, pause, session } from "./journal-events.ts";
import { endingsMin } from "./journal-full-disk.ts";

const clock = { wall: () => new Date().toISOString() };
const child = join(import.meta.dirname, "journal-child.ts");
const nobody = 65534;

async function temporary(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "handrail-journal-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A process of a controller, and what it says line by line. Killed when the test ends. */
function start(folder: string, ...args: readonly string[]) {
  const running = execa(process.execPath, [child, folder, ...args], {
    reject: false,
    stdin: "pipe",
    buffer: { stdout: false },
  });
  onTestFinished(async () => {
    running.kill("SIGKILL");
    await running;
  });
  const lines = createInterface({ input: running.stdout })[Symbol.asyncIterator]();
  return {
    tell: (text: string) => running.stdin.write(text),
    /** What it says next; null when it is gone. */
    hear: async (): Promise<unknown> => {
      const { done, value } = await lines.next();
      if (done !== true) return JSON.parse(value);
      const { stderr } = await running;
      if (stderr !== "") throw new Error(stderr);
      return null;
    },
    kill: async () => {
      running.kill("SIGKILL");
      await running;
    },
  };
}

/** What the child first says as a user who owns nothing here. */
async function asNobody(folder: string, ...args: readonly string[]): Promise<unknown> {
  const options = { uid: nobody, gid: nobody, env: { HOME: "/" } };
  const ran = await execa(process.execPath, [child, folder, ...args], options);
  return JSON.parse(ran.stdout.split("\n")[0] ?? "");
}

async function begun(folder: string): Promise<void> {
  await using journals = await openSqliteJournals({ folder, clock });
  await session(await journals.open(order("kb-1"))).append(opened);
}

test("every acknowledged record outlives kill -9 at any moment, without a gap", async () => {
  const folder = await temporary();
  let acknowledged = 0;
  for (let round = 1; round <= 20; round += 1) {
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

test("who only looks whether a lock is held does not keep a runner out", async () => {
  const folder = await temporary();
  await begun(folder);
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
  await begun(folder);
  const wishes = 300;
  const asking = start(folder, "ask", "kb-1", String(wishes));
  const asked = asking.hear();
  for (let round = 0; round < 8; round += 1) {
    const runner = start(folder, "obey");
    expect(await runner.hear()).toBe("obeying");
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 80));
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
  await begun(folder);
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

describeWith(["strace"], "on the disk", () => {
  test("each append is synced before it is acknowledged", async () => {
    const folder = await temporary();
    await begun(folder);
    const trace = join(folder, "trace");
    const appends = 20;
    const calls = ["-f", "-y", "-o", trace, "-e", "trace=fsync,fdatasync,write"];
    const program = [process.execPath, child, folder, "append-slowly", "kb-1", String(appends)];
    await execa("strace", [...calls, ...program]);
    // Between two acknowledgements (numbers on standard output) the WAL is synced.
    const seen = (await readFile(trace, "utf8"))
      .split("\n")
      .flatMap((line) =>
        /write\(1<.*"\d+\\n"/.test(line) ? ["said"] : /sync\(.*-wal>/.test(line) ? ["synced"] : [],
      );
    const before = seen.flatMap((call, at) => (call === "said" ? [seen[at - 1]] : []));
    expect(before).toEqual(Array.from({ length: appends }, () => "synced"));
  });
});

describeWith(["strace"], "when the disk fails", () => {
  test("nothing is acknowledged by a process that saw a sync fail", async () => {
    const folder = await temporary();
    await begun(folder);
    // One sync in the middle fails, and all after it would succeed: EIO is told only once, fsync(2).
    const fault = ["-f", "-o", "/dev/null", "-e", "inject=fsync,fdatasync:error=EIO:when=12"];
    const program = [process.execPath, child, folder, "append-anyway", "kb-1", "20"];
    const { stdout } = await execa("strace", [...fault, ...program]);
    const said = stdout.split("\n").map((line): unknown => JSON.parse(line));
    const acknowledged = said.filter((each) => typeof each === "number");
    expect(acknowledged.length).toBeGreaterThan(3);
    expect(said.slice(acknowledged.length)).toEqual(
      Array.from({ length: 20 - acknowledged.length }, () => "STATE_UNUSABLE"),
    );
    await using journals = await openSqliteJournals({ folder, clock });
    const records = await journals.read("kb-1", 0);
    expect(records.length).toBeGreaterThanOrEqual(acknowledged.length + 1);
    expect(records.length).toBeLessThanOrEqual(acknowledged.length + 2);
    expect(await journals.verify("kb-1")).toMatchObject({ kind: "sound" });
  });
});

const whyNoMount = process.getuid?.() === 0 ? mountTrouble() : "not root";
describe.skipIf(whyNoMount !== null)(
  `on a full disk${whyNoMount === null ? "" : `: skipped, because ${whyNoMount}`}`,
  () => {
    test("the halt is still recorded, and nothing leads on until there is room", async () => {
      const folder = await temporary();
      // A mount of its own, gone with the process.
      const script = 'mount -t tmpfs -o size=12m none "$1" && shift && exec "$@"';
      const mounting = ["--mount", "sh", "-c", script, "sh", folder];
      const program = [process.execPath, child, join(folder, "state"), "fill-disk"];
      const ran = await execa("unshare", [...mounting, ...program]);
      expect(JSON.parse(ran.stdout)).toEqual({
        forward: "STATE_FULL",
        ballastAtFirst: true,
        ballastAfter: false,
        endings: endingsMin,
        forwardAgain: "STATE_FULL",
        asked: true,
        sound: "sound",
        takenUp: "held",
        newRollout: "STATE_FULL",
        newRolloutWithRoom: "held",
        ballastWithRoom: true,
      });
    });
  },
);

function mountTrouble(): string | null {
  const tried = spawnSync("unshare", ["--mount", "mount", "-t", "tmpfs", "none", "/mnt"]);
  return tried.status === 0 ? null : "no file system can be mounted here";
}

const whyNoOther = process.getuid?.() === 0 ? null : "only root can be another user";
describe.skipIf(whyNoOther !== null)(
  `under another user${whyNoOther === null ? "" : `: skipped, because ${whyNoOther}`}`,
  () => {
    test("a folder that may only be read is read, while a runner writes and when none does", async () => {
      const folder = await temporary();
      await begun(folder);
      await chmod(folder, 0o755);
      await chmod(join(folder, "journal.db"), 0o644);
      const expected = { list: [{ rollout: "kb-1" }], records: [{ seq: 1 }] };
      expect(await asNobody(folder, "read")).toMatchObject(expected);
      expect(await asNobody(folder, "hold")).toMatchObject({ code: "STATE_UNUSABLE" });
      expect(await asNobody(folder, "ask", "kb-1", "1")).toMatchObject({ code: "STATE_UNUSABLE" });
      const runner = start(folder, "append");
      await runner.hear();
      const during = await asNobody(folder, "read");
      expect(during).toMatchObject({ list: [{ rollout: "kb-1" }] });
    });

    test("a lock that may not be written is not taken for granted", async () => {
      const folder = await temporary();
      await begun(folder);
      await chmod(folder, 0o755);
      await chmod(join(folder, "journal.db"), 0o644);
      await chmod(join(folder, "locks"), 0o755);
      await chmod(lockFile(folder, "alma"), 0o644);
      await expect(asNobody(folder, "take-lock")).rejects.toThrow("EACCES");
    });

    test("a folder that may not be read is said to be unusable, not empty", async () => {
      const folder = await temporary();
      await begun(folder);
      await expect(asNobody(folder, "read")).rejects.toThrow("STATE_UNUSABLE");
    });

    test("a place where no folder can be made is said to be unusable", async () => {
      const folder = await temporary();
      await chmod(folder, 0o755);
      const unmade = join(folder, "state");
      expect(await asNobody(unmade, "hold")).toMatchObject({
        code: "STATE_UNUSABLE",
        path: unmade,
        hint: expect.stringContaining("--state DIR"),
      });
    });
  },
);
