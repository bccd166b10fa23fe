import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { comparer } from "../../src/cli/compare-content.ts";
import { filesToSee, foresee, type WrittenChange } from "../../src/cli/foresee.ts";
import { foreseeSteps } from "../../src/cli/foresee-steps.ts";
import { lineDiff, textOf } from "../../src/cli/line-diff.ts";
import { treeNow } from "../../src/cli/tree-now.ts";
import type { FileSeen } from "../../src/core/file-seen.ts";
import { redactor } from "../../src/core/redact.ts";

const path = "/srv/a/f";
const rights = { mode: "0644", ids: "5:6", owner: "app:www" };

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");

function file(text: string, more: Partial<Extract<FileSeen, { is: "file" }>> = {}): FileSeen {
  const content = bytes(text);
  return { is: "file", ...rights, size: content.length, same: null, content, why: "", ...more };
}

const folder: FileSeen = {
  is: "folder",
  ...rights,
  entries: 4,
  bytes: 70,
  unfinished: false,
  mounts: 0,
  names: ["x"],
};
const absent: FileSeen = { is: "absent", missing: path };
const unread = { content: null, why: "it is too large" };

const put = (text: string, more: object = {}): WrittenChange => ({
  does: "put",
  path,
  written: "f",
  content: bytes(text),
  mode: "0644",
  owner: null,
  ...more,
});
const edit = (to: string | null, more: object = {}): WrittenChange => ({
  does: "edit",
  path,
  written: "f",
  from: null,
  mode: null,
  edit: () => ({ fits: true, content: to === null ? null : bytes(to) }),
  ...more,
});
const misfit: Partial<WrittenChange> = { edit: () => ({ fits: false, why: "is odd" }) };
const remove: WrittenChange = { does: "remove", path, written: "f" };
const made: WrittenChange = { does: "folder", path, written: "f" };

describe("what a change comes to", () => {
  test.each<[WrittenChange, FileSeen, string, string]>([
    [put("a\n"), absent, "create", "would be created (text, 1 line, 2 B, mode 0644)"],
    [put("a\0"), absent, "create", "would be created (binary, 2 B, mode 0644)"],
    [put("", { owner: "app" }), absent, "create", "(text, 0 lines, 0 B, mode 0644, owner app)"],
    [put("a"), { is: "absent", missing: "/srv/a" }, "fails", "there is no folder for it"],
    [put("a\n"), file("a\n"), "nothing", "already there, unchanged"],
    [put("a\n"), file("", { same: true, content: null, size: 2 }), "nothing", "unchanged"],
    [put("a\n", { mode: "600" }), file("a\n"), "change", "same content; mode 0644 → 0600"],
    [put("a\n", { owner: "app:www" }), file("a\n"), "nothing", "unchanged"],
    [put("a\n", { owner: "5:6" }), file("a\n"), "nothing", "unchanged"],
    [put("a\n", { owner: "root" }), file("a\n"), "change", "owner app:www → root"],
    [put("b\n"), file("a\n"), "change", "+1 −1 lines"],
    [put("b\0"), file("a\0"), "change", "binary, 2 B, other content"],
    [put("b\n"), file("a\0bc"), "change", "binary, 4 B → 2 B"],
    [put("b"), file("", { size: 9e6, ...unread }), "change", "9.0 MB → 1 B; not shown: it is too"],
    [put("b"), file("", { size: 1, ...unread }), "unknown", "nobody compared it: it is too large"],
    [put("b"), file("", { size: 1, ...unread, same: false }), "change", "1 B, other content"],
    [put("a"), folder, "fails", "is there and is not a plain file"],
    [put("a"), { is: "other", what: "fifo" }, "fails", "is there and is not a plain file"],
    [put("a"), { is: "link", to: "x" }, "fails", "a file is not written through it or over it"],
    [put("a"), { is: "led", at: "/srv" }, "fails", "passes through a symbolic link, /srv"],
    [put("a"), { is: "unknown", why: "it is shut" }, "unknown", "can't be looked at: it is shut"],
    [edit("b\n"), file("a\n"), "change", "+1 −1 lines"],
    [edit("a\n", { mode: "0755" }), file("a\n"), "change", "same content; mode 0644 → 0755"],
    [edit("a\n"), file("a\n"), "nothing", "already there, unchanged"],
    [edit("b\n"), absent, "create", "would be created (text, 1 line, 2 B, mode 0644)"],
    [edit(null), file("a\n"), "delete", "would be deleted"],
    [edit("b\n", misfit), file("a\n"), "fails", "the patch does not fit: it is odd"],
    [edit("b\n"), file("", unread), "unknown", "nobody compared it: it is too large"],
    [remove, absent, "nothing", "not there: nothing to remove"],
    [remove, file("abc"), "delete", "would be deleted (3 B)"],
    [remove, folder, "delete", "would be deleted: a folder with 3 entries and 70 B"],
    [remove, { ...folder, unfinished: true }, "delete", "with at least 3 entries"],
    [remove, { ...folder, mounts: 1 }, "fails", "1 file system is mounted in it"],
    [remove, { is: "link", to: "/x" }, "delete", "a link; what it points to, /x, stays"],
    [remove, { is: "led", at: "/srv" }, "fails", "passes through a symbolic link"],
    [made, absent, "create", "folder that would be made"],
    [made, file("a"), "fails", "is there and is not a folder"],
    [made, { is: "link", to: "x" }, "fails", "is a symbolic link, and a folder is meant"],
  ])("%j on %j: %s, %s", (change, seen, effect, says) => {
    const tree = treeNow(new Map([[path, seen]]));
    const told = foresee(change, { tree, compare: comparer(redactor({})) });
    expect(told).toMatchObject({ effect, says: expect.stringContaining(says) });
  });

  test("a folder that is there already is not worth a word, and nobody guesses what was not seen", () => {
    const compare = comparer(redactor({}));
    expect(foresee(made, { tree: treeNow(new Map([[path, folder]])), compare })).toBeNull();
    expect(foresee(remove, { tree: treeNow(new Map()), compare })).toMatchObject({
      effect: "unknown",
    });
  });
});

describe("steps one after the other", () => {
  const inside = "/srv/a/f/in";
  const seen = new Map<string, FileSeen>([
    [path, folder],
    [inside, file("x")],
  ]);
  const about = { compare: comparer(redactor({})), redactor: redactor({}), host: "h" };
  const steps = (...all: readonly (readonly WrittenChange[] | null)[]) =>
    foreseeSteps(
      [{ instance: "i", steps: all.map((changes, step) => ({ step, name: `s${step}`, changes })) }],
      seen,
      about,
    ).map(({ changes, after }) => [after, ...changes.map(({ effect }) => effect)]);
  const inIt = { path: inside };

  test("find what those before them left", () => {
    expect(steps([remove], [put("x", inIt)])).toEqual([
      [null, "delete"],
      [null, "fails"],
    ]);
    expect(steps([remove], [made, put("x", inIt)])).toEqual([
      [null, "delete"],
      [null, "create", "create"],
    ]);
    expect(steps([put("y", inIt)], [put("y", inIt)])).toEqual([
      [null, "change"],
      [null, "nothing"],
    ]);
  });

  test("are not certain to fail after one of which nobody knows what it does", () => {
    expect(steps([put("x")], null, [put("x")])).toEqual([
      [null, "fails"],
      ["s1", "unknown"],
    ]);
  });
});

test("a file that two steps write is asked for once, with its content where one needs it", () => {
  const sum = expect.stringMatching(/^[0-9a-f]{64}$/);
  expect(filesToSee([put("a\0"), made])).toEqual([{ path, bytesMax: 0, wanted: null }]);
  expect(filesToSee([put("a\0"), put("a\0")])).toEqual([
    { path, bytesMax: 0, wanted: { size: 2, sha256: sum } },
  ]);
  expect(filesToSee([put("a"), edit("b")])).toEqual([{ path, bytesMax: 131_072, wanted: null }]);
});

function lines(sign: string, count: number): string {
  return Array.from({ length: count }, (_, at) => `${sign}${at}\n`).join("");
}

test("lines are bounded, and a file that is quite another one is not searched for long", () => {
  const diff = lineDiff(lines("a", 300), lines("b", 300));
  expect(diff).toMatchObject({ added: 300, removed: 300, more: 201 });
  expect(diff?.lines).toHaveLength(400);
  expect(lineDiff(lines("a", 5000), lines("b", 5000))).toBeNull();
  expect(lineDiff("", `${"x".repeat(1000)}\n`)?.lines.at(-1)).toHaveLength(300);
});

test("text that is no UTF-8 is told byte by byte, and a zero byte makes it binary", () => {
  expect(textOf(bytes("caf\xe9\n"))).toBe("caf\\xe9\n");
  expect(textOf(Buffer.from("café\n"))).toBe("café\n");
  expect(textOf(bytes("a\0b"))).toBeNull();
});

test("a file that differs in a secret only says that, and not the secret", () => {
  const compare = comparer(redactor({ old: "first secret", new: "second secret" }));
  const before = file("pw first secret\n");
  if (before.is !== "file") throw new Error("no file");
  const told = compare.files(before, bytes("pw second secret\n"));
  expect(told.diff?.lines).toContain("-pw [secret old]");
  expect(told.diff?.lines).toContain("+pw [secret new]");
  const same = comparer(redactor({ pw: "aaaabbbb" }));
  const wrapped = file("aaaabbbb\n");
  if (wrapped.is !== "file") throw new Error("no file");
  // The same secret in another form.
  const other = same.files(wrapped, bytes(`${Buffer.from("aaaabbbb").toString("hex")}\n`));
  expect(other).toMatchObject({ is: "other", says: "only a secret in it would be another one" });
});
