import { expect, test } from "vitest";
import { annotationLine, withoutCommands } from "../../src/cli/workflow-commands.ts";

const here = { env: { GITHUB_WORKSPACE: "/work/repo" }, cwd: "/work/repo/fixes" };

test.each<[string, string]>([
  ["::error::x", "\\u003a:error::x"],
  ["  ::set-output name=a::b", "  \\u003a:set-output name=a::b"],
  ["fine\n\t::add-mask::x\nfine :: fine", "fine\n\t\\u003a:add-mask::x\nfine :: fine"],
  ["12:00Z cn01 said ##[add-mask]x", "12:00Z cn01 said ##\\u005badd-mask]x"],
  ['{"output":"##[error]"}', '{"output":"##\\u005berror]"}'],
])("what a host prints is no command of a workflow: %j", (text, said) => {
  let written = "";
  withoutCommands({ write: (more) => (written += more) }).write(text);
  expect(written).toBe(said);
});

test("JSON stays the same text", () => {
  let written = "";
  const output = withoutCommands({ write: (more) => (written += more) });
  output.write(`${JSON.stringify({ output: "##[add-mask]x\n::error::y" }, null, 2)}\n`);
  expect(JSON.parse(written)).toEqual({ output: "##[add-mask]x\n::error::y" });
});

test("an annotation is one line, and can't be ended or extended by its words", () => {
  const line = annotationLine(
    {
      level: "error",
      title: "cn01, cn: 100% bad\n::warning::x",
      message: "50% of\r\n::error::it",
      file: "plan.yaml",
      line: 3,
      column: 7,
    },
    here,
  );
  expect(line).toBe(
    "::error file=fixes/plan.yaml,line=3,col=7,title=cn01%2C cn%3A 100%25 bad %3A%3Awarning%3A%3Ax::50%25 of\\x0d ::error::it\n",
  );
});

test("an annotation names the file as it was typed where the workspace is not known", () => {
  const it = { level: "warning", title: "t", message: "m", file: "plan.yaml", line: 1 } as const;
  expect(annotationLine(it, { env: {}, cwd: "/elsewhere" })).toBe(
    "::warning file=plan.yaml,line=1,title=t::m\n",
  );
});
