import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { run } from "../../src/steps/run.ts";
import { script } from "../../src/steps/script.ts";
import { namesBelow, planFiles, StepHost, stepShells } from "./step-shells.ts";

const hostile: readonly (readonly [string, string])[] = [
  ["spaces", "two  words and a tail "],
  ["single quotes", "it's 'quoted'"],
  ["double quotes", 'say "hi"'],
  ["a command", "$(touch pwned)"],
  ["backquotes", "`touch pwned`"],
  ["a separator", "; touch pwned #"],
  ["newlines", "one\ntwo\n"],
  ["a leading dash", "-rf"],
  ["a pattern", "* [a-z]?"],
  ["backslashes", "\\n \\\\ \\0"],
  ["another variable", "${home} $home"],
  ["nothing", ""],
];

for (const shell of stepShells) {
  const skip = shell.missing === null ? "" : ` (skipped, because ${shell.missing})`;
  describe.skipIf(shell.missing !== null)(`under ${shell.name}${skip}`, () => {
    test.each(hostile)("run: a value with %s arrives as that value", async (_, value) => {
      await using host = await StepHost.start(shell);
      const orders = run.orders('printf %s "${token}" > arrived', {
        env: { token: value },
        files: planFiles([]),
      });
      const ran = await host.run(orders);
      expect(ran).toEqual({ code: 0, stdout: "", stderr: "" });
      expect(await readFile(join(host.work, "arrived"), "utf8")).toBe(value);
      expect(await namesBelow(host.work)).toEqual(["arrived"]);
    });

    test.each(hostile)("script: an argument with %s arrives as that value", async (_, value) => {
      await using host = await StepHost.start(shell);
      const orders = script.orders(script.args.parse({ file: "s", args: [value, "next"] }), {
        env: {},
        files: planFiles([{ path: "s", content: 'printf "%s|" "$#" "$@" > arrived\n' }]),
      });
      const ran = await host.run(orders);
      expect(ran).toEqual({ code: 0, stdout: "", stderr: "" });
      expect(await readFile(join(host.work, "arrived"), "utf8")).toBe(`2|${value}|next|`);
    });

    test("run: a command that fails ends it with that exit code", async () => {
      await using host = await StepHost.start(shell);
      const orders = run.orders("sh -c 'exit 7'\ntouch after", { env: {}, files: planFiles([]) });
      expect((await host.run(orders)).code).toBe(7);
      expect(await namesBelow(host.work)).toEqual([]);
    });

    test("run: a variable that is not set ends it before the command", async () => {
      await using host = await StepHost.start(shell);
      const orders = run.orders('touch "$nobody/after"', { env: {}, files: planFiles([]) });
      const ran = await host.run(orders);
      expect(ran.code).not.toBe(0);
      expect(ran.stderr).toContain("nobody");
    });
  });
}

test.each([
  ["no first line of its own", "echo hi\n", ["sh", "-eu"], []],
  ["#!/bin/sh", "#!/bin/sh\n", ["sh", "-eu"], []],
  ["#!/bin/bash -e", "#!/bin/bash -e\n", ["/bin/bash", "-e"], ["/bin/bash"]],
  ["#!/usr/bin/env python3", "#!/usr/bin/env python3\n", ["/usr/bin/env", "python3"], ["python3"]],
])("script: %s decides what runs it", (_, content, interpreter, needs) => {
  const args = script.args.parse({ file: "s" });
  const orders = script.orders(args, { env: {}, files: planFiles([{ path: "s", content }]) });
  expect(orders).toMatchObject({ interpreter, needs });
});

test.each([
  ["python3", ["python3"]],
  ["bash -eu", ["bash", "-eu"]],
  [
    ["ruby", "-w"],
    ["ruby", "-w"],
  ],
])("script: the plan's interpreter %j stands over the first line", (interpreter, expected) => {
  const args = script.args.parse({ file: "s", interpreter });
  const files = planFiles([{ path: "s", content: "#!/bin/bash\n" }]);
  expect(script.orders(args, { env: {}, files })).toMatchObject({ interpreter: expected });
});
