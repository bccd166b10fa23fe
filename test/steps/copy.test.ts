import {
  chmod,
  chown,
  mkdir,
  readFile,
  readlink,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { copy } from "../../src/steps/copy.ts";
import {
  mountsMissing,
  mountSmall,
  namesBelow,
  planFiles,
  StepHost,
  stepShells,
} from "./step-shells.ts";

const asRoot = process.getuid?.() === 0;

const one = (content: string | Uint8Array, mode = "0644") =>
  planFiles([{ path: "files/app.jar", content, mode }]);
const ordersTo = (to: string, files = one("new"), more: object = {}) =>
  copy.orders(copy.args.parse({ from: "files/app.jar", to, ...more }), { env: {}, files });

for (const shell of stepShells) {
  const skip = shell.missing === null ? "" : ` (skipped, because ${shell.missing})`;
  describe.skipIf(shell.missing !== null)(`copy under ${shell.name}${skip}`, () => {
    test("puts every byte there, with the mode of the file in the plan", async () => {
      await using host = await StepHost.start(shell);
      const bytes = Uint8Array.from({ length: 1024 }, (_, index) => index % 256);
      const ran = await host.run(ordersTo(join(host.work, "app.jar"), one(bytes, "4750")));
      expect(ran).toEqual({ code: 0, stdout: "files copied: 1\n", stderr: "" });
      expect(new Uint8Array(await readFile(join(host.work, "app.jar")))).toEqual(bytes);
      expect((await stat(join(host.work, "app.jar"))).mode & 0o7777).toBe(0o4750);
      expect(await namesBelow(host.work)).toEqual(["app.jar"]);
    });

    test.each(["-rf", "two  words", "$(touch pwned)", "it's", 'a"b', "line\nbreak", "tail\n", "*"])(
      "takes the name %j literally",
      async (name) => {
        await using host = await StepHost.start(shell);
        const ran = await host.run(ordersTo(join(host.work, name, name), one("x")));
        expect(ran.code).toBe(1);
        await mkdir(join(host.work, name));
        expect(await host.run(ordersTo(join(host.work, name, name), one("x")))).toMatchObject({
          code: 0,
          stderr: "",
        });
        expect(await readFile(join(host.work, name, name), "utf8")).toBe("x");
        expect(await namesBelow(host.work)).toEqual([name, join(name, name)]);
      },
    );

    test("takes the place of a file in one rename: whoever has the old one open keeps it", async () => {
      await using host = await StepHost.start(shell);
      const target = join(host.work, "app.jar");
      await writeFile(target, "old");
      const before = await stat(target);
      expect((await host.run(ordersTo(target))).code).toBe(0);
      expect(await readFile(target, "utf8")).toBe("new");
      expect((await stat(target)).ino).not.toBe(before.ino);
    });

    test.skipIf(!asRoot)(
      `a file that is there keeps its owner${asRoot ? "" : " (skipped, because only root can give files away)"}`,
      async () => {
        await using host = await StepHost.start(shell);
        const target = join(host.work, "app.jar");
        await writeFile(target, "old");
        await chown(target, 65534, 12);
        expect((await host.run(ordersTo(target, one("new", "2755")))).code).toBe(0);
        expect(await stat(target)).toMatchObject({ uid: 65534, gid: 12 });
        expect((await stat(target)).mode & 0o7777).toBe(0o2755);
      },
    );

    test.skipIf(!asRoot)(
      `the plan's owner and mode win${asRoot ? "" : " (skipped, because only root can give files away)"}`,
      async () => {
        await using host = await StepHost.start(shell);
        const target = join(host.work, "app.jar");
        const more = { owner: "65534:65534", mode: "0640" };
        expect((await host.run(ordersTo(target, one("new"), more))).code).toBe(0);
        expect(await stat(target)).toMatchObject({ uid: 65534, gid: 65534 });
        expect((await stat(target)).mode & 0o7777).toBe(0o640);
      },
    );

    test("refuses a target that is a symbolic link, and touches neither it nor what it names", async () => {
      await using host = await StepHost.start(shell);
      await writeFile(join(host.work, "elsewhere"), "precious");
      await symlink("elsewhere", join(host.work, "app.jar"));
      const ran = await host.run(ordersTo(join(host.work, "app.jar")));
      expect(ran.code).toBe(1);
      expect(ran.stderr).toContain(`app.jar" is a symbolic link`);
      expect(await readFile(join(host.work, "elsewhere"), "utf8")).toBe("precious");
      expect(await readlink(join(host.work, "app.jar"))).toBe("elsewhere");
    });

    test("refuses a path through a symbolic link and names the real one", async () => {
      await using host = await StepHost.start(shell);
      await mkdir(join(host.work, "releases-42"));
      await symlink("releases-42", join(host.work, "current"));
      const ran = await host.run(ordersTo(join(host.work, "current", "app.jar")));
      expect(ran.code).toBe(1);
      expect(ran.stderr).toContain("passes through a symbolic link");
      expect(ran.stderr).toContain(`name the real path "${join(host.work, "releases-42")}"`);
      expect(await namesBelow(host.work)).toEqual(["current", "releases-42"]);
    });

    test("a link laid under the name of the unfinished file is not written through", async () => {
      await using host = await StepHost.start(shell);
      await writeFile(join(host.work, "precious"), "precious");
      const orders = ordersTo(join(host.work, "app.jar"));
      if (orders.do !== "script") throw new Error("copy gives a program");
      // exec keeps the process id, which is part of that name.
      const lay = `ln -s precious ".handrail-$$"; exec sh -eu "$@"`;
      const ran = await host.run({ ...orders, interpreter: ["sh", "-c", lay, "sh"] });
      expect(ran.code).not.toBe(0);
      expect(await readFile(join(host.work, "precious"), "utf8")).toBe("precious");
      expect((await namesBelow(host.work)).includes("app.jar")).toBe(false);
    });

    test("refuses a folder where the file is to be", async () => {
      await using host = await StepHost.start(shell);
      await mkdir(join(host.work, "app.jar"));
      const ran = await host.run(ordersTo(join(host.work, "app.jar")));
      expect(ran).toMatchObject({ code: 1 });
      expect(ran.stderr).toContain("is not a plain file");
      expect(await namesBelow(host.work)).toEqual(["app.jar"]);
    });

    test("a missing parent folder is named, and not made", async () => {
      await using host = await StepHost.start(shell);
      const ran = await host.run(ordersTo(join(host.work, "lib", "app.jar")));
      expect(ran.code).toBe(1);
      expect(ran.stderr).toBe(`there is no folder "${join(host.work, "lib")}"\n`);
      expect(await namesBelow(host.work)).toEqual([]);
    });

    test("a slash at the end means into that folder", async () => {
      await using host = await StepHost.start(shell);
      const orders = ordersTo(`${host.work}/`);
      expect(orders).toMatchObject({ writes: [join(host.work, "app.jar")] });
      expect((await host.run(orders)).code).toBe(0);
      expect(await namesBelow(host.work)).toEqual(["app.jar"]);
    });

    test("a folder: makes what is missing, keeps what else is there", async () => {
      await using host = await StepHost.start(shell);
      const files = planFiles([
        { in: "site", path: "index.html", content: "i" },
        { in: "site", path: "css/a b.css", content: "c", mode: "0600" },
        { in: "site", path: "css/deep/x", content: "x" },
      ]);
      const to = join(host.work, "site");
      await mkdir(to);
      await chmod(to, 0o711);
      await writeFile(join(to, "uploaded"), "theirs");
      const orders = copy.orders(copy.args.parse({ from: "site", to }), { env: {}, files });
      expect(await host.run(orders)).toEqual({ code: 0, stdout: "files copied: 3\n", stderr: "" });
      expect(await namesBelow(to)).toEqual([
        "css",
        "css/a b.css",
        "css/deep",
        "css/deep/x",
        "index.html",
        "uploaded",
      ]);
      expect((await stat(to)).mode & 0o777).toBe(0o711);
      expect((await stat(join(to, "css"))).mode & 0o777).toBe(0o755);
      expect((await stat(join(to, "css/a b.css"))).mode & 0o777).toBe(0o600);
    });

    test("a folder: one bad place is found before the first file is written", async () => {
      await using host = await StepHost.start(shell);
      const files = planFiles([
        { in: "site", path: "a", content: "a" },
        { in: "site", path: "b", content: "b" },
      ]);
      await symlink("/etc/passwd", join(host.work, "b"));
      const given = copy.args.parse({ from: "site", to: host.work });
      const ran = await host.run(copy.orders(given, { env: {}, files }));
      expect(ran.code).toBe(1);
      expect(await namesBelow(host.work)).toEqual(["b"]);
    });

    test.skipIf(mountsMissing !== null)(
      `a full disk leaves the old file and no half of the new one${mountsMissing === null ? "" : ` (skipped, because ${mountsMissing})`}`,
      async () => {
        await using host = await StepHost.start(shell);
        const folder = join(host.work, "small");
        await mkdir(folder);
        using disk = mountSmall(folder, "32k");
        const target = join(disk.folder, "app.jar");
        await writeFile(target, "old");
        const ran = await host.run(ordersTo(target, one(Buffer.alloc(100_000, "x"))));
        expect(ran.code).not.toBe(0);
        expect(ran.stderr).toContain("No space left on device");
        expect(await readFile(target, "utf8")).toBe("old");
        expect(await namesBelow(folder)).toEqual(["app.jar"]);
      },
    );
  });
}

test.each([
  [{ from: "files/app.jar", to: "lib/app.jar" }, 'copy to "lib/app.jar": the path is not absolute'],
  [{ from: "files/app.jar", to: "/srv/../etc/x" }, 'copy to "/srv/../etc/x": the path holds ".."'],
  [{ from: "files/app.jar", to: "/" }, 'copy to "/": a file needs a name'],
  [{ from: "nothing", to: "/srv/x" }, 'copy from "nothing": there is no file in it'],
])("review of %j says: %s", (given, sentence) => {
  const files = planFiles([{ path: "files/app.jar", content: "x" }]);
  expect(copy.review(copy.args.parse(given), files)).toEqual([sentence]);
});

test("a path that begins with a variable is reviewed once its value is known", () => {
  const files = planFiles([{ path: "files/app.jar", content: "x" }]);
  const given = copy.args.parse({ from: "files/app.jar", to: "${home}/lib/app.jar" });
  expect(copy.review(given, files)).toEqual([]);
});
