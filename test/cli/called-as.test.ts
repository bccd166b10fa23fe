import { chmod, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { calledAs } from "../../src/cli/called-as.ts";
import { asCalled } from "../../src/views/as-called.ts";
import { tempFolder } from "./run-handrail.ts";

/** A program at bin/handrail.js, a link to it at links/handrail, another program at other/handrail. */
async function programs(): Promise<{ readonly path: (name: string) => string }> {
  const folder = await tempFolder();
  onTestFinished(() => folder[Symbol.asyncDispose]());
  const path = (name: string): string => join(folder.path, name);
  for (const name of ["bin", "links", "other", "a b"]) await mkdir(path(name));
  for (const name of ["bin/handrail.js", "other/handrail", "a b/handrail.js"]) {
    await folder.write(name, "#!/bin/sh\n");
    await chmod(path(name), 0o755);
  }
  await folder.write("plain.js", "");
  await symlink("../bin/handrail.js", path("links/handrail"));
  return { path };
}

type Row = readonly [
  title: string,
  env: Readonly<Record<string, string>>,
  cwd: string,
  script: string,
  called: string,
];

const npx = { npm_command: "exec", npm_lifecycle_script: "'handrail'" };
const run = { npm_command: "run-script", npm_lifecycle_event: "go" };

const rows: readonly Row[] = [
  ["by npx", npx, ".", "bin/handrail.js", "npx handrail"],
  [
    "by an npm script",
    { ...run, npm_lifecycle_script: "node bin/handrail.js" },
    ".",
    "bin/handrail.js",
    "npm run go --",
  ],
  [
    "by an npm script with words of its own",
    { ...run, npm_lifecycle_script: "handrail apply p" },
    ".",
    "bin/handrail.js",
    "./bin/handrail.js",
  ],
  [
    "by a program that npx runs",
    { ...npx, npm_lifecycle_script: "'tool'" },
    ".",
    "bin/handrail.js",
    "./bin/handrail.js",
  ],
  ["by its path, below the working folder", {}, ".", "bin/handrail.js", "./bin/handrail.js"],
  ["by its path, elsewhere", {}, "other", "bin/handrail.js", "HERE/bin/handrail.js"],
  ["by a path with a space", {}, ".", "a b/handrail.js", "'./a b/handrail.js'"],
  ["as a file that is no program", {}, ".", "plain.js", "node ./plain.js"],
  ["as PATH finds it", { PATH: "HERE/links" }, "other", "bin/handrail.js", "handrail"],
  [
    "while PATH finds another",
    { PATH: "HERE/other:HERE/links" },
    ".",
    "bin/handrail.js",
    "./bin/handrail.js",
  ],
];

test.each(rows)("called %s", async (_title, env, cwd, script, called) => {
  const { path } = await programs();
  const here = (text: string): string => text.replaceAll("HERE", path("."));
  const known = Object.fromEntries(Object.entries(env).map(([name, text]) => [name, here(text)]));
  expect(calledAs({ env: known, cwd: path(cwd), script: path(script) })).toBe(
    here(called).replace("/./", "/"),
  );
});

test.each([
  ["handrail resume x", "npx handrail resume x"],
  ["wait, or look: handrail status x --watch", "wait, or look: npx handrail status x --watch"],
  ["`handrail journal ROLLOUT verify`", "`npx handrail journal ROLLOUT verify`"],
  ["handrail --help", "npx handrail --help"],
  ["this is handrail 0.1.0", "this is handrail 0.1.0"],
  ["/srv/handrail apply", "/srv/handrail apply"],
  ["my-handrail apply", "my-handrail apply"],
])("a hint %j is told as %j", (hint, told) => {
  expect(asCalled(hint, "npx handrail")).toBe(told);
});
