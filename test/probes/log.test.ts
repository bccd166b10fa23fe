import { appendFile, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { log } from "../../src/probes/log.ts";
import {
  type ProbeShell,
  probeShells,
  realContext,
  temporaryFolder,
  withoutTime,
} from "./probe-contexts.ts";

const bad = "2026-11-23 ERROR it broke\n";
const good = "2026-11-23 INFO fine\n";

/** Takes the mark of a log that holds `before`, does something to it, and asks. */
const markThenAsk = async (
  shell: ProbeShell,
  before: string | null,
  happens: (path: string) => Promise<void>,
  more: object = {},
  not?: string,
) => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "app.log");
  if (before !== null) await writeFile(path, before);
  const parsed = log.args.parse({ path, not: "ERROR|FATAL", ...more });
  const given = not === undefined ? parsed : { ...parsed, not };
  const mark = (await log.mark?.(given, realContext(shell))) ?? null;
  await happens(path);
  const answer = withoutTime(await log.ask(given, realContext(shell, { mark })));
  return { ...answer, because: answer.because.replaceAll(folder.path, "") };
};

/** As log rotation does: the log is moved away, and a new one begins. */
const rotate = async (path: string, content: string) => {
  await rename(path, `${path}.1`);
  await writeFile(path, content);
};

const missing = async () => undefined;

for (const shell of probeShells) {
  const skip = shell.missing === null ? "" : ` (skipped, because ${shell.missing})`;
  describe.skipIf(shell.missing !== null)(`log under ${shell.name}${skip}`, () => {
    const after = markThenAsk.bind(null, shell);

    test("old lines that match are no trouble", async () => {
      expect(await after(bad, (path) => appendFile(path, good))).toEqual({
        is: "pass",
        because: `no line like /ERROR|FATAL/ in ${good.length} new bytes of "/app.log"`,
        value: 0,
      });
    });

    test.each<[number, string, "pass" | "fail", number, string]>([
      [
        3,
        good + bad.repeat(3),
        "pass",
        3,
        '3 lines like /ERROR|FATAL/ in 99 new bytes of "/app.log"',
      ],
      [
        3,
        bad.repeat(4) + good,
        "fail",
        4,
        '"/app.log" has 4 new lines like /ERROR|FATAL/, at most 3 allowed: "2026-11-23 ERROR it broke"',
      ],
      [1, bad, "pass", 1, '1 line like /ERROR|FATAL/ in 26 new bytes of "/app.log"'],
      [
        0,
        bad.repeat(10_050),
        "fail",
        10_000,
        '"/app.log" has 10000 or more new lines like /ERROR|FATAL/: "2026-11-23 ERROR it broke"',
      ],
    ])(
      "of at most %d that may match, so many are counted",
      async (max, text, is, value, because) => {
        expect(await after(bad, (path) => appendFile(path, text), { max })).toEqual({
          is,
          because,
          value,
        });
      },
    );

    test("lines of a log that was rotated count with those of the new one", async () => {
      const rotated = async (path: string) => {
        await appendFile(path, bad + good);
        await rotate(path, bad);
      };
      expect(await after(bad, rotated, { max: 2 })).toMatchObject({ is: "pass", value: 2 });
    });

    test("a pattern that grep refuses, once its variables are known, is no verdict and no 0", async () => {
      const answer = await after(good, (path) => appendFile(path, bad), { not: "${open}" }, "(");
      expect([answer.is, answer.value]).toEqual(["error", undefined]);
    });

    test("a log that did not grow passes", async () => {
      expect(await after(bad, async () => undefined)).toMatchObject({ is: "pass" });
    });

    test("a new line that matches fails and is quoted", async () => {
      expect(await after(bad, (path) => appendFile(path, good + bad + bad))).toEqual({
        is: "fail",
        because: '"/app.log" has 2 new lines like /ERROR|FATAL/: "2026-11-23 ERROR it broke"',
        value: 2,
      });
    });

    test("a line without its end matches already", async () => {
      expect(await after("", (path) => appendFile(path, bad.trim()))).toMatchObject({ is: "fail" });
    });

    test("a quoted line shows no control characters and is not endless", async () => {
      const line = `ERROR \u001b[2J${"x".repeat(5000)}\n`;
      const answer = await after("", (path) => appendFile(path, line));
      expect(answer.because).toContain('"ERROR \\x1b[2Jxxx');
      expect(answer.because.length).toBeLessThan(400);
    });

    test("bytes that are no text do not hide a match", async () => {
      const bytes = Buffer.concat([Buffer.from([0, 255, 254, 10, 0]), Buffer.from(bad)]);
      expect(await after(good, (path) => appendFile(path, bytes))).toMatchObject({ is: "fail" });
    });

    test("a log that was rotated: the new one is read from its start", async () => {
      expect(await after(good, (path) => rotate(path, bad))).toMatchObject({ is: "fail" });
    });

    test("a log that was rotated: the rest of the old one is read too", async () => {
      const lastWords = async (path: string) => {
        await appendFile(path, bad);
        await rotate(path, good);
      };
      expect(await after(good, lastWords)).toMatchObject({ is: "fail" });
    });

    test("a log that was rotated: old lines in the old one stay old", async () => {
      expect(await after(bad, (path) => rotate(path, good))).toEqual({
        is: "pass",
        because: `no line like /ERROR|FATAL/ in ${good.length} new bytes of "/app.log" since it was replaced`,
        value: 0,
      });
    });

    test.each([
      ["shorter than before", bad],
      ["longer than before", bad + good.repeat(20)],
    ])(
      "a log that was emptied and filled again, %s, is read from its start",
      async (_, content) => {
        const empty = async (path: string) => {
          await truncate(path);
          await appendFile(path, content);
        };
        expect(await after(good.repeat(3), empty)).toMatchObject({ is: "fail" });
      },
    );

    test("a log that begins after the mark is new from its first line", async () => {
      expect(await after(null, (path) => writeFile(path, bad))).toMatchObject({ is: "fail" });
      expect(await after(null, (path) => writeFile(path, good))).toMatchObject({ is: "pass" });
    });

    test("a log that is not there is no verdict, unless the plan says that it may be missing", async () => {
      expect(await after(null, missing)).toEqual({
        is: "error",
        because: '"/app.log" is not there',
      });
      expect(await after(null, missing, { optional: true })).toMatchObject({ is: "pass" });
      expect(await after(good, (path) => rm(path))).toEqual({
        is: "error",
        because: '"/app.log" is not there any more',
      });
    });

    test("a link is not followed", async () => {
      const answer = await after(null, (path) => symlink("/etc/hostname", path));
      expect(answer.is).toBe("error");
      expect(answer.because).toContain("is a symbolic link; name the log itself");
    });

    test("without a mark nobody can tell what is new", async () => {
      const given = log.args.parse({ path: "/etc/hostname", not: "x" });
      const answer = await log.ask(given, realContext(shell, { mark: null }));
      expect(answer.is).toBe("error");
    });

    test("a mark that could not be taken says why at every look", async () => {
      const given = log.args.parse({ path: "/etc", not: "x" });
      const mark = (await log.mark?.(given, realContext(shell))) ?? null;
      const answer = await log.ask(given, realContext(shell, { mark }));
      expect(answer.is).toBe("error");
      expect(answer.because).toContain('"/etc" is not a plain file');
    });

    test("the path and the expression are words, never syntax", async () => {
      await using folder = await temporaryFolder();
      const path = join(folder.path, "-n $(touch pwned) 'x'.log");
      await writeFile(path, "");
      const given = log.args.parse({ path, not: "-e [$][(]touch pwned[)]" });
      const mark = (await log.mark?.(given, realContext(shell))) ?? null;
      await appendFile(path, "say -e $(touch pwned)\n");
      expect(await log.ask(given, realContext(shell, { mark }))).toMatchObject({ is: "fail" });
    });
  });
}
