import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { FileSeen, FileToSee } from "../../src/core/file-seen.ts";
import type { Guard } from "../../src/ports/guard.ts";
import { isLong, longOnly } from "../support/long-suite.ts";
import { describeWithShells, isRoot, rootOnly, ShellHost, valueOf } from "./support/shell-hosts.ts";

const nobody = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] as const;

/** For half a minute: f is a file, then a link to another, then a file again. */
const swap = `end=$(($(date +%s) + 30))
while [ "$(date +%s)" -lt "$end" ]; do
  for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    ln -s away/f link; mv -fT link f; printf open >plain; mv -fT plain f
  done
done`;

async function seen(guard: Guard, ...files: readonly FileToSee[]): Promise<readonly FileSeen[]> {
  const look = valueOf(await guard.look({ paths: [], files }));
  return look.files ?? [];
}

function file(path: string, more: Partial<FileToSee> = {}): FileToSee {
  return { path, bytesMax: 1000, wanted: null, ...more };
}

function wanted(text: string): FileToSee["wanted"] {
  return { size: text.length, sha256: createHash("sha256").update(text).digest("hex") };
}

const text = (it: FileSeen | undefined): string | null =>
  it?.is === "file" && it.content !== null ? new TextDecoder("latin1").decode(it.content) : null;

describeWithShells({ soon: ["dash", "busybox"] }, (userland) => {
  test("a look tells what stands at a path and what is in it, and writes nothing", async () => {
    await using host = await ShellHost.start(userland);
    host.sh(
      String.raw`printf 'one\ntwo\n\n' >f; chmod 640 f; printf 'a\000\377\n' >bin; : >empty
      ln -s f link; mkfifo fifo; mkdir -p "d/-in" d/empty; printf 12345 >'d/-in/new
line'; ln -s /etc d/away`,
    );
    const before = host.listing();
    const at = (name: string): string => `${host.tree}/${name}`;
    const [f, bin, empty, link, fifo, none, far, d, large] = await seen(
      await host.open(),
      file(at("f")),
      file(at("bin")),
      file(at("empty")),
      file(at("link")),
      file(at("fifo")),
      file(at("none")),
      file(at("no/where")),
      file(at("d")),
      file(at("f"), { bytesMax: 8 }),
    );
    expect(f).toMatchObject({ is: "file", mode: "0640", size: 9, same: null });
    expect(text(f)).toBe("one\ntwo\n\n");
    expect(text(bin)).toBe("a\0\xff\n".replace("\xff", "ÿ"));
    expect(text(empty)).toBe("");
    expect(link).toEqual({ is: "link", to: "f" });
    expect(fifo).toEqual({ is: "other", what: "fifo" });
    expect(none).toEqual({ is: "absent", missing: at("none") });
    expect(far).toEqual({ is: "absent", missing: at("no") });
    expect(d).toMatchObject({
      is: "folder",
      entries: 5,
      bytes: 5,
      unfinished: false,
      mounts: 0,
      names: ["-in", "-in/new\\x0aline", "away", "empty"],
    });
    expect(large).toMatchObject({ content: null, why: "it is too large" });
    expect(host.listing()).toBe(before);
  });

  test("what a file has already is not sent, and no link on the way is followed", async () => {
    await using host = await ShellHost.start(userland);
    host.sh("mkdir real; printf same >real/f; printf othr >real/o; ln -s real led");
    const [same, other, longer, led] = await seen(
      await host.open(),
      file(`${host.tree}/real/f`, { wanted: wanted("same") }),
      file(`${host.tree}/real/o`, { wanted: wanted("same") }),
      file(`${host.tree}/real/o`, { wanted: wanted("longer"), bytesMax: 0 }),
      file(`${host.tree}/led/f`),
    );
    expect(same).toMatchObject({ same: true, content: null });
    expect([text(other), other]).toEqual(["othr", expect.objectContaining({ same: false })]);
    expect(longer).toMatchObject({ same: false, content: null, why: "" });
    expect(led).toEqual({ is: "led", at: `${host.tree}/led` });
  });

  test("no more than a bound is read of one host, and what is not is told", async () => {
    await using host = await ShellHost.start(userland);
    host.sh("head -c 600000 /dev/zero >a; cp a b; printf small >c");
    const [a, b, c] = await seen(
      await host.open(),
      ...["a", "b", "c"].map((name) => file(`${host.tree}/${name}`, { bytesMax: 700_000 })),
    );
    expect([text(a)?.length, text(c)]).toEqual([600_000, "small"]);
    expect(b).toMatchObject({ content: null, why: "enough was read of this host already" });
  });

  test.skipIf(!isLong)(
    `a link that is laid in a file's place meanwhile is not read${longOnly}`,
    async () => {
      await using host = await ShellHost.start(userland);
      host.sh("mkdir away; printf hidden >away/f; printf open >f");
      const swapping = spawn("/bin/sh", ["-c", swap, "sh"], { cwd: host.tree, stdio: "ignore" });
      try {
        const guard = await host.open();
        const all = Array.from({ length: 50 }, () => file(`${host.tree}/f`));
        const texts = new Set<string | null>();
        for (let round = 0; round < 12; round += 1)
          for (const it of await seen(guard, ...all)) texts.add(text(it));
        expect([...texts].filter((it) => it !== null && it !== "open")).toEqual([]);
        expect(texts).toContain("open");
      } finally {
        swapping.kill("SIGKILL");
      }
    },
  );

  test.skipIf(!isRoot)(
    `what may not be looked at is told as such, not as absent${rootOnly}`,
    async () => {
      await using host = await ShellHost.start(userland);
      host.sh("mkdir -p shut/in open; echo x >shut/in/f; echo x >open/f; chmod 0 open/f shut");
      host.sh("chmod 755 .. ../.. .");
      const guard = await host.open({ login: [...nobody, `${host.folder}/bin/sh`] });
      const [inside, closed] = await seen(
        guard,
        file(`${host.tree}/shut/in/f`),
        file(`${host.tree}/open/f`),
      );
      expect(inside).toEqual({
        is: "unknown",
        why: `"${host.tree}/shut" can't be looked into`,
      });
      expect(closed).toMatchObject({ is: "file", content: null, why: "it could not be read" });
    },
  );
});
