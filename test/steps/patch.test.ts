import { chmod, chown, mkdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { patch } from "../../src/steps/patch.ts";
import { namesBelow, planFiles, StepHost, stepShells } from "./step-shells.ts";

const asRoot = process.getuid?.() === 0;

const change = "--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n";
const create = "--- /dev/null\n+++ b/new/dir/file\n@@ -0,0 +1 @@\n+hello\n";
const drop = "--- a/sub/gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-only\n";
const rename = [
  "diff --git a/old b/moved",
  "similarity index 66%",
  "rename from old",
  "rename to moved",
  "--- a/old",
  "+++ b/moved",
  "@@ -1,3 +1,3 @@",
  " a",
  "-b",
  "+B",
  " c",
  "",
].join("\n");

const ordersFor = (host: StepHost, diff: string, more: object = {}) =>
  patch.orders(patch.args.parse({ diff: "d", in: host.work, ...more }), {
    env: {},
    files: planFiles([{ path: "d", content: diff }]),
  });
const write = async (host: StepHost, files: Record<string, string>) => {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(host.work, name)), { recursive: true });
    await writeFile(join(host.work, name), content);
  }
};

for (const shell of stepShells) {
  const skip = shell.missing === null ? "" : ` (skipped, because ${shell.missing})`;
  describe.skipIf(shell.missing !== null)(`patch under ${shell.name}${skip}`, () => {
    test("changes, creates and deletes, and leaves nothing else behind", async () => {
      await using host = await StepHost.start(shell);
      await write(host, { x: "a\nb\nc\n", "sub/gone": "only\n" });
      await chmod(join(host.work, "x"), 0o751);
      const ran = await host.run(ordersFor(host, change + create + drop));
      expect(ran).toMatchObject({ code: 0, stderr: "" });
      expect(await readFile(join(host.work, "x"), "utf8")).toBe("a\nB\nc\n");
      expect((await stat(join(host.work, "x"))).mode & 0o777).toBe(0o751);
      expect(await readFile(join(host.work, "new/dir/file"), "utf8")).toBe("hello\n");
      expect((await stat(join(host.work, "new/dir/file"))).mode & 0o777).toBe(0o644);
      // The folder that became empty stays: nobody asked for it to go.
      expect(await namesBelow(host.work)).toEqual(["new", "new/dir", "new/dir/file", "sub", "x"]);
    });

    test("one hunk that does not fit leaves everything as it was", async () => {
      await using host = await StepHost.start(shell);
      await write(host, { x: "a\nQ\nc\n", "sub/gone": "only\n" });
      const ran = await host.run(ordersFor(host, create + drop + change));
      expect(ran.code).toBe(1);
      expect(ran.stderr).toContain(`the patch does not fit "${host.work}"; nothing was changed`);
      expect(await namesBelow(host.work)).toEqual(["sub", "sub/gone", "x"]);
      expect(await readFile(join(host.work, "x"), "utf8")).toBe("a\nQ\nc\n");
      expect(await readFile(join(host.work, "sub/gone"), "utf8")).toBe("only\n");
    });

    test("a patch that is already in is refused", async () => {
      await using host = await StepHost.start(shell);
      await write(host, { x: "a\nB\nc\n" });
      const ran = await host.run(ordersFor(host, change));
      expect(ran.code).toBe(1);
      expect(await readFile(join(host.work, "x"), "utf8")).toBe("a\nB\nc\n");
    });

    test("a file that is not there is refused", async () => {
      await using host = await StepHost.start(shell);
      const ran = await host.run(ordersFor(host, change));
      expect(ran.code).toBe(1);
      expect(await namesBelow(host.work)).toEqual([]);
    });

    test("a new file that is there already is refused", async () => {
      await using host = await StepHost.start(shell);
      await write(host, { "new/dir/file": "mine\n" });
      const ran = await host.run(ordersFor(host, create));
      expect(ran.code).toBe(1);
      expect(await readFile(join(host.work, "new/dir/file"), "utf8")).toBe("mine\n");
    });

    test("a hunk that stands at other lines fits; different lines around it do not", async () => {
      await using host = await StepHost.start(shell);
      await write(host, { x: "1\n2\n3\n4\na\nb\nc\n" });
      expect(await host.run(ordersFor(host, change))).toMatchObject({ code: 0 });
      expect(await readFile(join(host.work, "x"), "utf8")).toBe("1\n2\n3\n4\na\nB\nc\n");
      expect(await namesBelow(host.work)).toEqual(["x"]);
      await write(host, { x: "a\nb\nother\n" });
      expect(await host.run(ordersFor(host, change))).toMatchObject({ code: 1 });
      expect(await readFile(join(host.work, "x"), "utf8")).toBe("a\nb\nother\n");
    });

    test("refuses a file that is a symbolic link, or behind one", async () => {
      await using host = await StepHost.start(shell);
      await write(host, { "real/x": "a\nb\nc\n" });
      await symlink("real/x", join(host.work, "x"));
      await symlink("real", join(host.work, "link"));
      for (const diff of [change, change.replaceAll("/x", "/link/x")]) {
        const ran = await host.run(ordersFor(host, diff));
        expect(ran.code).toBe(1);
        expect(ran.stderr).toContain("passes through a symbolic link");
      }
      expect(await readFile(join(host.work, "real/x"), "utf8")).toBe("a\nb\nc\n");
    });

    test.each(["two words", "-rf", "$(touch pwned)", "it's", "*"])(
      "takes the name %j literally",
      async (name) => {
        await using host = await StepHost.start(shell);
        await write(host, { [name]: "a\nb\nc\n" });
        const diff = change.replaceAll("/x", `/${name}\t2020-01-01 00:00:00.0 +0000`);
        const orders = ordersFor(host, diff);
        expect(orders).toMatchObject({ writes: [join(host.work, name)] });
        expect(await host.run(orders)).toMatchObject({ code: 0, stderr: "" });
        expect(await readFile(join(host.work, name), "utf8")).toBe("a\nB\nc\n");
        expect(await namesBelow(host.work)).toEqual([name]);
      },
    );

    const outcome =
      shell.name === "busybox"
        ? { code: 1, says: "is not GNU patch; nothing was changed", names: ["old"] }
        : { code: 0, says: "", names: ["moved"] };
    test(`a rename of git's ends with exit code ${outcome.code} and ${outcome.names[0]}`, async () => {
      await using host = await StepHost.start(shell);
      await write(host, { old: "a\nb\nc\n" });
      const orders = ordersFor(host, rename);
      expect(orders).toMatchObject({ writes: [join(host.work, "old"), join(host.work, "moved")] });
      const ran = await host.run(orders);
      expect(ran.code).toBe(outcome.code);
      expect(ran.stderr).toContain(outcome.says);
      expect(await namesBelow(host.work)).toEqual(outcome.names);
    });

    test("a mode that git's dialect names is given", async () => {
      await using host = await StepHost.start(shell);
      const diff =
        "diff --git a/tool b/tool\nnew file mode 100755\nindex 0000000..ce01362\n--- /dev/null\n+++ b/tool\n@@ -0,0 +1 @@\n+hello\n";
      expect(await host.run(ordersFor(host, diff))).toMatchObject({ code: 0 });
      expect((await stat(join(host.work, "tool"))).mode & 0o777).toBe(0o755);
    });

    test("a change that review did not see reaches no file", async () => {
      await using host = await StepHost.start(shell);
      await write(host, { x: "a\nb\nc\n", y: "a\nb\nc\n" });
      const orders = ordersFor(host, change);
      if (orders.do !== "script") throw new Error("patch gives a program");
      for (const more of [change.replaceAll("/x", "/y"), create]) {
        const files = [{ name: "diff", content: Buffer.from(change + more) }];
        expect((await host.run({ ...orders, files })).code).toBe(1);
      }
      expect(await namesBelow(host.work)).toEqual(["x", "y"]);
      expect(await readFile(join(host.work, "x"), "utf8")).toBe("a\nb\nc\n");
      expect(await readFile(join(host.work, "y"), "utf8")).toBe("a\nb\nc\n");
    });

    test.skipIf(!asRoot)(
      `keeps the owner of a file${asRoot ? "" : " (skipped, because only root can give files away)"}`,
      async () => {
        await using host = await StepHost.start(shell);
        await write(host, { x: "a\nb\nc\n" });
        await chown(join(host.work, "x"), 65534, 12);
        expect(await host.run(ordersFor(host, change))).toMatchObject({ code: 0 });
        expect(await stat(join(host.work, "x"))).toMatchObject({ uid: 65534, gid: 12 });
      },
    );
  });
}

const mail = `From abc\nSubject: x\n\n---\n x | 2 +-\n\ndiff --git a/x b/x\n${change}-- \n2.39.2\n\n`;
const epoch =
  "--- a/n\t1970-01-01 01:00:00.000000000 +0100\n+++ b/n\t2020-01-01 00:00:00.0 +0000\n@@ -0,0 +1 @@\n+b\n";

test.each([
  ["a mail of git format-patch", mail, 1, ["x"]],
  ["a file that diff -N makes", epoch, 1, ["n"]],
  ["no strip to do", change.replace("a/x", "x").replace("b/x", "x"), 0, ["x"]],
])("the files of %s are known beforehand", (_, diff, strip, names) => {
  const given = patch.args.parse({ diff: "d", in: "/srv", strip });
  const files = planFiles([{ path: "d", content: diff }]);
  expect(patch.review(given, files)).toEqual([]);
  const orders = patch.orders(given, { env: {}, files });
  expect(orders).toMatchObject({ writes: names.map((name) => `/srv/${name}`) });
});

test("a strip that leaves two names for one file is refused", () => {
  const given = patch.args.parse({ diff: "d", in: "/srv", strip: 0 });
  expect(patch.review(given, planFiles([{ path: "d", content: change }]))).toEqual([
    'patch "d" names "a/x" and "b/x" for one file; write the same name after --- and +++, or set strip (now 0)',
  ]);
});

test.each([
  ["", 'patch "d" is empty'],
  ["\n \n", 'patch "d" is empty'],
  ["hello\n", 'patch "d" holds no change in unified form (the output of `diff -u` or `git diff`)'],
  [
    "*** a/x\n--- b/x\n***************\n*** 1 ****\n! a\n--- 1 ----\n! b\n",
    'patch "d" holds an ed script or a diff that is not unified; write it with `diff -u`',
  ],
  [
    `${change}Index: b/y\n1,2d\n`,
    'patch "d" holds an ed script or a diff that is not unified; write it with `diff -u`',
  ],
  [
    "--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n-b\n",
    'patch "d" can\'t be read as a unified diff: Hunk at line 3 contained invalid line',
  ],
  [
    "diff --git a/i b/i\nindex 1..2 100644\nBinary files a/i and b/i differ\n",
    'patch "d" changes a binary file, which `patch` can\'t do; copy that file instead',
  ],
  [
    "diff --git a/i b/i\nindex 1..2 100644\nGIT binary patch\nliteral 3\nKcmZQz\n\n",
    'patch "d" changes a binary file, which `patch` can\'t do; copy that file instead',
  ],
  [change.replaceAll("\n", "\r\n"), 'patch "d" has Windows line ends; save it with Unix ones'],
  [change.replaceAll("/x", "/../x"), 'patch "d" names "a/../x", which holds ".."'],
  [change.replace("a/x", "/etc/x"), 'patch "d" names the absolute path "/etc/x"'],
  [change + change, 'patch "d" changes "x" in two places'],
  [
    change.replace("a/x", "a/x.orig"),
    'patch "d" names "x.orig" and "x" for one file; write the same name after --- and +++, or set strip (now 1)',
  ],
  [
    change.replace("a/x", "x").replace("b/x", "x"),
    'patch "d" names "x", of which strip: 1 leaves nothing',
  ],
  ["@@ -1 +1 @@\n-b\n+c\n", 'patch "d" has a change without the lines --- and +++'],
])("review of a patch that begins %j says why it is refused", (diff, sentence) => {
  const files = planFiles([{ path: "d", content: diff }]);
  const [first] = patch.review(patch.args.parse({ diff: "d", in: "/srv" }), files);
  expect(first).toBe(sentence);
});
