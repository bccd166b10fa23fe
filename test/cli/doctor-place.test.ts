import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
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
