import { expect, test } from "vitest";
import { deletionsIn } from "../../../src/core/rehearsal/traced.ts";

const rm = '12 execve("/usr/bin/rm", ["rm", "-f", "a b"], 0x7ff /* 3 vars */) = 0';

const lines: readonly [string, string, string][] = [
  ["unlink by a whole path", 'unlink("/t/a") = 0', "/t/a"],
  ["unlinkat below an open folder", 'unlinkat(5</t/d>, "a", 0) = 0', "/t/d/a"],
  ["unlinkat where it stands", 'unlinkat(AT_FDCWD</t>, "./d/a", 0) = 0', "/t/d/a"],
  ["rmdir", 'rmdir("/t/d") = 0', "/t/d"],
  ["rename to elsewhere", 'rename("/t/a", "/u/a") = 0', "/t/a"],
  ["renameat2", 'renameat2(AT_FDCWD</t>, "a", AT_FDCWD</t>, "b", RENAME_NOREPLACE) = 0', "/t/a"],
  [
    "a name with a newline and a byte",
    String.raw`unlink("/t/a\nb\377") = 0`,
    String.raw`/t/a\x0ab\xff`,
  ],
  ["a name with a quote", String.raw`unlink("/t/a\"b") = 0`, '/t/a"b'],
  ["what was in a folder that was moved", 'rename("/t", "/u") = 0', "/t/d/deep"],
];

test.each(lines)("%s names its command", (_, line, path) => {
  expect(deletionsIn(`${rm}\n12 ${line}`, new Set([path]))).toEqual({ [path]: "rm -f a b" });
});

test.each([
  ["a call that failed", '12 unlink("/t/a") = -1 ENOENT (No such file or directory)'],
  ["another process", '13 unlink("/t/a") = 0'],
  ["another path", '12 unlink("/t/ab") = 0'],
  ["half a line", '12 unlink("/t/a'],
  ["bytes that mean nothing", '12 unlinkat(AT_FDCWD, "a", 0) = 0\n= 0\n12 ((((("'],
])("%s names nothing", (_, line) => {
  expect(deletionsIn(`${rm}\n${line}`, new Set(["/t/a"]))).toEqual({});
});

test("a program that is followed by another in the same process is the one that counts", () => {
  const trace = [
    rm,
    '12 execve("/usr/bin/mv", ["mv", "x"], 0x7 /* 1 var */) = 0',
    '12 unlink("/t/a") = 0',
  ];
  expect(deletionsIn(trace.join("\n"), new Set(["/t/a"]))).toEqual({ "/t/a": "mv x" });
});
