import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { copy } from "../../src/steps/copy.ts";
import { patch } from "../../src/steps/patch.ts";
import { remove } from "../../src/steps/remove.ts";
import { isLong, longOnly } from "../support/long-suite.ts";
import { planFiles, StepHost, stepShells } from "./step-shells.ts";

type Files = Readonly<Record<string, string>>;

const change = "--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n";
const create = "--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+hello\n";
const drop = "--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-only\n";
const endless = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n";
const latin = "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n caf\xe9\n-b\n+B\n";
const mode = "diff --git a/x b/x\nold mode 100644\nnew mode 100755\n";

/** A diff, the files that it meets, and whether it fits. */
const diffs: readonly (readonly [string, string, Files, boolean])[] = [
  ["fits", change, { x: "a\nb\nc\n" }, true],
  ["fits at other lines", change, { x: "0\n1\n2\n3\na\nb\nc\nd\n" }, true],
  ["meets other lines", change, { x: "a\nQ\nc\n" }, false],
  ["meets other lines around", change, { x: "a\nb\nC\n" }, false],
  ["is in already", change, { x: "a\nB\nc\n" }, false],
  ["meets no file", change, {}, false],
  ["meets an empty file", change, { x: "" }, false],
  ["meets Windows line ends", change, { x: "a\r\nb\r\nc\r\n" }, false],
  ["creates", create, {}, true],
  ["creates what is there", create, { n: "other\n" }, false],
  ["deletes", drop, { x: "only\n" }, true],
  ["deletes what has more in it", drop, { x: "only\nmore\n" }, false],
  ["changes a last line without an end", endless, { x: "a" }, true],
  ["meets a last line with an end", endless, { x: "a\n" }, false],
  ["is not UTF-8", latin, { x: "caf\xe9\nb\n" }, true],
  ["changes two files", change + create, { x: "a\nb\nc\n" }, true],
];

/** BusyBox empties a file of which it should take a part, and knows no last line without an end. */
const otherwise: Readonly<Record<string, readonly string[]>> = {
  dash: [],
  busybox: ["deletes what has more in it", "changes a last line without an end"],
};

const bytes = (text: string): Buffer => Buffer.from(text, "latin1");

for (const shell of stepShells) {
  const later = shell.name !== "dash" && !isLong;
  const skip = shell.missing === null ? "" : ` (skipped, because ${shell.missing})`;
  const when = `${skip}${later ? longOnly : ""}`;
  describe.skipIf(shell.missing !== null || later)(`a diff taken with ${shell.name}${when}`, () => {
    test.each(diffs)("%s", async (says, diff, files, fits) => {
      await using host = await StepHost.start(shell);
      for (const [name, text] of Object.entries(files))
        await writeFile(join(host.work, name), bytes(text));
      const content = bytes(diff);
      const referred = () => [{ path: "d", mode: "0644", content }];
      const context = { env: {}, files: referred };
      const args = patch.args.parse({ diff: "d", in: host.work });
      const expected = new Map<string, string | null>();
      const misfits: string[] = [];
      for (const it of patch.changes!(args, context)) {
        if (it.does !== "edit") continue;
        const name = it.path.slice(host.work.length + 1);
        const before = files[name] === undefined ? null : bytes(files[name]);
        const edited = it.edit(before);
        if (!edited.fits) misfits.push(edited.why);
        else
          expected.set(
            name,
            edited.content === null ? null : Buffer.from(edited.content).toString("latin1"),
          );
      }
      const ran = await host.run(patch.orders(args, context));
      const isSame = otherwise[shell.name]?.includes(says) !== true;
      expect([ran.code === 0, misfits.length === 0]).toEqual([isSame ? fits : !fits, fits]);
      for (const [name, text] of fits && isSame ? expected : []) {
        const now = await readFile(join(host.work, name), "latin1").catch(() => null);
        expect([name, now]).toEqual([name, text]);
      }
    });
  });
}

test("a patch that seems to be in already says so", () => {
  const args = patch.args.parse({ diff: "d", in: "/srv" });
  const [edit] = patch.changes!(args, {
    env: {},
    files: planFiles([{ path: "d", content: change }]),
  });
  expect(edit?.does === "edit" && edit.edit(bytes("a\nB\nc\n"))).toEqual({
    fits: false,
    why: "looks as if it were patched already",
  });
});

test("renames, new folders and modes are told in the order in which they are done", () => {
  const rename = "diff --git a/old b/new/at\nrename from old\nrename to new/at\n";
  const args = patch.args.parse({ diff: "d", in: "/srv" });
  const changes = patch.changes!(args, {
    env: {},
    files: planFiles([{ path: "d", content: rename + mode }]),
  });
  expect(changes).toMatchObject([
    { does: "folder", path: "/srv/new" },
    { does: "edit", path: "/srv/new/at", from: "/srv/old", mode: null },
    { does: "remove", path: "/srv/old" },
    { does: "edit", path: "/srv/x", from: null, mode: "0755" },
  ]);
});

test("copy and remove say every path that their orders write", async () => {
  const files = planFiles([
    { path: "a", in: "conf", content: "one" },
    { path: "sub/b", in: "conf", content: "two" },
  ]);
  const context = { env: {}, files };
  const args = copy.args.parse({ from: "conf", to: "/srv/etc", owner: "app" });
  const [orders, changes] = [copy.orders(args, context), copy.changes!(args, context)];
  const written = changes.filter(({ does }) => does === "put").map(({ path }) => path);
  expect(orders.do === "script" && orders.writes).toEqual(written);
  expect(changes.map(({ does, path }) => `${does} ${path}`)).toEqual([
    "folder /srv/etc",
    "folder /srv/etc/sub",
    "put /srv/etc/a",
    "put /srv/etc/sub/b",
  ]);
  const gone = remove.args.parse({ paths: ["/srv/a/", "/srv/b"] });
  expect(remove.changes!(gone, context)).toEqual([
    { does: "remove", path: "/srv/a" },
    { does: "remove", path: "/srv/b" },
  ]);
});
