import { chmod, readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { lockFile } from "../../src/journals/controller-lock.ts";
import { openSqliteJournals } from "../../src/journals/sqlite.ts";
import { spawnSync } from "../support/bounded-process.ts";
import { describeWith } from "../support/parts.ts";
import { begun, clock, temporary } from "./journal-folder.ts";
import { endingsMin } from "./journal-full-disk.ts";
import { child, start } from "./journal-process.ts";

const nobody = 65534;

/** What the child first says as a user who owns nothing here. */
async function asNobody(folder: string, ...args: readonly string[]): Promise<unknown> {
  const options = { uid: nobody, gid: nobody, env: { HOME: "/" } };
  const ran = await execa(process.execPath, [child, folder, ...args], options);
  return JSON.parse(ran.stdout.split("\n")[0] ?? "");
}

describeWith(["strace"], "on the disk", () => {
  test("each append is synced before it is acknowledged", async () => {
    const folder = await temporary();
    await begun(folder, 1);
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
    await begun(folder, 1);
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
      await begun(folder, 1);
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
      await begun(folder, 1);
      await chmod(folder, 0o755);
      await chmod(join(folder, "journal.db"), 0o644);
      await chmod(join(folder, "locks"), 0o755);
      await chmod(lockFile(folder, "alma"), 0o644);
      await expect(asNobody(folder, "take-lock")).rejects.toThrow("EACCES");
    });

    test("a folder that may not be read is said to be unusable, not empty", async () => {
      const folder = await temporary();
      await begun(folder, 1);
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
