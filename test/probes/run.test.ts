import { describe, expect, test } from "vitest";
import { run } from "../../src/probes/run.ts";
import { answeringContext, probeShells, realContext, withoutTime } from "./probe-contexts.ts";

for (const shell of probeShells) {
  const skip = shell.missing === null ? "" : ` (skipped, because ${shell.missing})`;
  describe.skipIf(shell.missing !== null)(`run under ${shell.name}${skip}`, () => {
    test.each([
      ["true", "pass", "exit code 0"],
      ["exit 3", "fail", "exit code 3"],
      ["echo 'lag 42' >&2; exit 1", "fail", 'exit code 1: "lag 42"'],
      ["echo seen; exit 255", "fail", 'exit code 255: "seen"'],
      ["exit 125", "error", "exit code 125, the command could not do its work"],
      ["exit 126", "error", "exit code 126, the command can't be run"],
      ["sh -c 'kill -9 $$'", "error", 'ended by signal 9: "Killed"'],
      ['test "${value}" = "$(printf \'a  b\')"', "pass", "exit code 0"],
    ])("%s: %s, %s", async (command, is, because) => {
      const context = realContext(shell, { env: { value: "a  b" } });
      expect(withoutTime(await run.ask(run.args.parse(command), context))).toEqual({ is, because });
    });

    test("a command that is not there is no verdict", async () => {
      const answer = await run.ask(run.args.parse("no-such-command-4711"), realContext(shell));
      expect(answer.is).toBe("error");
      expect(answer.because).toContain("exit code 127, there is no such command");
    });

    test("a command that does not end in time is no verdict", async () => {
      const given = run.args.parse({ command: "sleep 20", timeout: "200ms" });
      expect(withoutTime(await run.ask(given, realContext(shell)))).toEqual({
        is: "error",
        because: "did not end within 200 ms",
      });
    });

    test("what it prints is quoted without its control characters", async () => {
      const given = run.args.parse("printf 'a\\033[2Jb\\n' >&2; exit 1");
      expect((await run.ask(given, realContext(shell))).because).toBe('exit code 1: "a\\x1b[2Jb"');
    });
  });
}

const failure = { code: "CONNECT_LOST", message: "the connection broke", hint: "" } as const;

test.each(["not-sent", "unknown"] as const)(
  "a look that ends as %s is no verdict",
  async (kind) => {
    const context = answeringContext({ kind, failure });
    expect(withoutTime(await run.ask(run.args.parse("true"), context))).toEqual({
      is: "error",
      because: "the connection broke",
    });
  },
);
