import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { placeFindings } from "../../src/cli/doctor-place.ts";
import { handrailHere } from "./run-in-process.ts";
import { tempFolder } from "./run-handrail.ts";

test.each<[string, Readonly<Record<string, string>>, RegExp]>([
  ["which SQLite", {}, /^ok {4}sqlite: 3\.\d+\.\d+$/m],
  ["that nobody can be asked", {}, /^ok {4}terminal: output is no terminal: .*--approve$/m],
  ["that this is no CI", {}, /^ok {4}ci: none, /m],
  ["that this is GitHub", { CI: "true", GITHUB_ACTIONS: "true" }, /^ok {4}ci: GitHub Actions: /m],
  ["that this is GitLab", { CI: "true", GITLAB_CI: "true" }, /^ok {4}ci: GitLab CI: /m],
  ["that CI is off", { CI: "false" }, /^ok {4}ci: none, /m],
  [
    "what to type for completion",
    { SHELL: "/bin/zsh" },
    /^note {2}completion: zsh does not .*\n +next: handrail completion zsh: /m,
  ],
  [
    "that there is none for a shell",
    { SHELL: "/bin/ksh" },
    /^ok {4}completion: there is none for ksh$/m,
  ],
])("doctor says %s", async (_what, env, said) => {
  await using folder = await tempFolder();
  const { code, stdout } = await handrailHere(["doctor"], { cwd: folder.path, env });
  expect(code).toBe(0);
  expect(stdout).toMatch(said);
});

test.each([
  [{ TERM: "xterm", LANG: "C.UTF-8" }, "xterm, 80 columns: rollouts are drawn as a tree; "],
  [
    { TERM: "xterm", LANG: "C" },
    "xterm, 80 columns: rollouts are drawn as a tree, in signs of ASCII (no UTF-8 in LC_ALL, LC_CTYPE, LANG); ",
  ],
  [
    { TERM: "linux", LANG: "C.UTF-8" },
    "linux, 80 columns: rollouts are drawn as a tree, in signs of ASCII (it has few letters); ",
  ],
])("doctor says of a terminal how it draws: %j", (env, said) => {
  const stdout = { write: () => true, isTTY: true, columns: 80 };
  const io = {
    stdout,
    stderr: stdout,
    stdin: new PassThrough(),
    env,
    cwd: "/",
    called: "handrail",
    unread: new AbortController().signal,
  };
  const terminal = placeFindings(io).find(({ what }) => what === "terminal");
  expect(terminal?.says.startsWith(said)).toBe(true);
});

test("doctor says where completion is loaded from", async () => {
  await using folder = await tempFolder();
  const run = async (shell: string) =>
    (await handrailHere(["doctor"], { cwd: folder.path, env: { SHELL: shell } })).stdout;
  const bash = join(folder.path, ".bashrc");
  await writeFile(bash, "source <(handrail completion bash)\n");
  expect(await run("/bin/bash")).toContain(`ok    completion: bash: ${bash}\n`);
  const fish = join(folder.path, ".config", "fish", "completions");
  await mkdir(fish, { recursive: true });
  await writeFile(join(fish, "handrail.fish"), "");
  expect(await run("/usr/bin/fish")).toContain(`fish: ${join(fish, "handrail.fish")}\n`);
});
