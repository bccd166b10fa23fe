import fc from "fast-check";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { expect, test } from "vitest";
import type { Guard } from "../../src/ports/guard.ts";
import { portraitBelow, spoolSize, unpacked, unpackedAll } from "./support/kept-content.ts";
import {
  attributesMissing,
  everything,
  fillNastily,
  fillWithAttributes,
  withBusybox,
} from "./support/nasty-tree.ts";
import { dash, describeWithShells, isRoot, ShellHost, valueOf } from "./support/shell-hosts.ts";

async function snapshot(guard: Guard, host: ShellHost, key: string) {
  const order = { key, paths: [{ path: host.tree, content: true }], reserveBytes: 0 };
  const result = valueOf(await guard.snapshot(order));
  if (result.kind === "refused") throw new Error(JSON.stringify(result.failure));
  return result;
}

/** Of a portrait: not who shares an inode, nor the lists of attributes of the whole. */
const isEntry = (name: string): boolean => name.startsWith("tree") && !name.endsWith(" is");

const names = ["a", "b", "c", "d", "e", "-rf", "two  words", "new\nline", "bad\xff\xfe"] as const;
const places = names.flatMap((name) => [name, `d/${name}`, `d/e/${name}`]);

/**
 * One thing that an application may do to its tree: shell text with $a and $b as paths in it. Opening a
 * fifo waits for somebody at its other end, and there is nobody. That two names are one fifo is known to
 * be lost (docs/fidelity.md).
 */
const deeds = [
  'rm -rf "./$a"; printf "%s" "$a$n" >"./$a"',
  '[ -p "./$a" ] || printf "%s" "$n" >>"./$a"',
  '[ -p "./$a" ] || printf "%s" "$n" | dd of="./$a" conv=notrunc',
  'rm -rf "./$a"',
  'mkdir -p "./$a"',
  'ln -s "$b" "./$a"',
  '[ -p "./$b" ] || ln "./$b" "./$a"',
  'mv "./$a" "./$b"',
  'chmod 0640 "./$a"',
  'chown -h 1234:5678 "./$a"',
  'touch -d "2001-02-03 04:05:06.123456789" "./$a"',
  'rm -rf "./$a"; mkfifo "./$a"',
  'rm -rf "./$a"; truncate -s 300000 "./$a"',
] as const;

const deed = fc.record({
  what: fc.integer({ min: 0, max: deeds.length - 1 }),
  a: fc.constantFrom(...places),
  b: fc.constantFrom(...places),
  n: fc.integer({ min: 0, max: 999 }),
});

/** A word for the shell that is this name and a full stop, which keeps a newline at its end. */
function escaped(name: string): string {
  return `$(printf '${[...Buffer.from(`${name}.`, "latin1")].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("")}')`;
}

/** Does it; what can't be done is left undone. */
function doDeeds(
  host: ShellHost,
  some: readonly (typeof deed extends fc.Arbitrary<infer T> ? T : never)[],
) {
  host.sh(
    some
      .map(({ what, a, b, n }) => {
        const words = `a=${escaped(a)}; a=\${a%.}; b=${escaped(b)}; b=\${b%.}; n=${n}`;
        return `( ${words}; case "$a/" in "$b/"*) exit 0;; esac; case "$b/" in "$a/"*) exit 0;; esac
          ${deeds[what]!} ) 2>/dev/null || :`;
      })
      .join("\n"),
  );
}

describeWithShells((userland) => {
  const fidelity = userland.name === "busybox" ? withBusybox : everything;

  test("every snapshot of a tree that goes on changing gives exactly the tree of its moment", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(deed, { minLength: 1, maxLength: 6 }), { minLength: 9, maxLength: 10 }),
        async (rounds) => {
          await using host = await ShellHost.start(userland);
          host.sh("mkdir -p d/e; seq 1 400 >d/b; echo 1 >a; ln a d/c; ln -s nowhere d/e/a");
          const guard = await host.open();
          const moments: Record<string, unknown>[] = [];
          for (const [at, some] of [[], ...rounds].entries()) {
            doDeeds(host, some);
            moments.push(portraitBelow(host.tree.slice(0, -"/tree".length), fidelity));
            await snapshot(guard, host, `k.${at}`);
          }
          // All at once, and a few by name with the folders on the way to them: each as it was.
          const some = moments.map((moment, at) =>
            Object.keys(moment).filter(
              (name, n) => name === "tree" || (n % 3 === at % 3 && isEntry(name)),
            ),
          );
          const wanted = moments.flatMap((_, at) => [
            { key: `k.${at}` },
            { key: `k.${at}`, names: some[at]!.map((name) => `./${name}`) },
          ]);
          const folders = unpackedAll(host, wanted);
          for (const [at, moment] of moments.entries()) {
            expect(portraitBelow(folders[at * 2]!, fidelity)).toEqual(moment);
            const picked = portraitBelow(folders[at * 2 + 1]!, fidelity);
            expect(Object.keys(picked)).toEqual(expect.arrayContaining(some[at]!));
            const entries = Object.entries(picked).filter(([name]) => isEntry(name));
            expect(entries).toEqual(entries.map(([name]) => [name, moment[name]]));
          }
        },
      ),
      { numRuns: 1, endOnFailure: true },
    );
  });

  test("a nasty tree comes out whole, at once and from a layer over an older one", async () => {
    await using host = await ShellHost.start(userland);
    const guard = await host.open();
    host.sh(
      "mkdir quiet; seq 1 300 | (cd quiet; xargs touch); head -c 30000000 /dev/zero >quiet/big",
    );
    await snapshot(guard, host, "before");
    fillNastily(host);
    if (userland.name !== "busybox" && attributesMissing === null) fillWithAttributes(host);
    const moment = portraitBelow(host.tree.slice(0, -"/tree".length), fidelity);
    const { added } = await snapshot(guard, host, "after");
    expect(added).toBeLessThan(userland.name === "busybox" ? 20_000_000 : 1_000_000);
    expect(portraitBelow(unpacked(host, "after"), fidelity)).toEqual(moment);
  });

  test("a file keeps its second name outside of a folder that was moved with its first", async () => {
    await using host = await ShellHost.start(userland);
    host.sh("mkdir -p d/e; echo 1 >d/e/x; ln d/e/x y; seq 1 300 | (cd d; xargs touch)");
    const guard = await host.open();
    await snapshot(guard, host, "before");
    // That changes nothing of the file itself, not even its ctime.
    host.sh("mv d/e f");
    const moment = portraitBelow(host.tree.slice(0, -"/tree".length), fidelity);
    await snapshot(guard, host, "after");
    expect(portraitBelow(unpacked(host, "after"), fidelity)).toEqual(moment);
    const picked = unpackedAll(host, [{ key: "after", names: ["./tree/y", "./tree/f/x"] }])[0]!;
    expect(statSync(`${picked}/tree/y`).ino).toBe(statSync(`${picked}/tree/f/x`).ino);
  });

  test("what layers speak of may be behind a link to itself by now, or gone with its odd names", async () => {
    await using host = await ShellHost.start(userland);
    host.sh("mkdir -p d/e g; seq 1 300 | (cd d; xargs touch)");
    const guard = await host.open();
    await snapshot(guard, host, "k.0");
    // So often that the layers are joined, and what is in them is looked at again.
    for (let at = 1; at <= 9; at++) {
      if (at < 7) host.sh(`for to in d/e g; do echo ${at} >"$to/new\nline"; done`);
      else host.sh(at === 7 ? "mv d/e f; ln -s e d/e; rm -r g" : `: >f/${at}`);
      await snapshot(guard, host, `k.${at}`);
    }
    const moment = portraitBelow(host.tree.slice(0, -"/tree".length), fidelity);
    expect(portraitBelow(unpacked(host, "k.9"), fidelity)).toEqual(moment);
  });

  test("a file whose other name lies in a folder that nobody asked for brings no half-made folder", async () => {
    await using host = await ShellHost.start(userland);
    host.sh("mkdir -p d/e; echo 1 >d/e/x; ln d/e/x y; touch -d '2001-02-03' d/e; chmod 0750 d/e");
    const guard = await host.open();
    const moment = portraitBelow(host.tree.slice(0, -"/tree".length), fidelity);
    await snapshot(guard, host, "k.0");
    const folder = unpackedAll(host, [{ key: "k.0", names: ["./tree/y"] }])[0]!;
    const picked = Object.entries(portraitBelow(folder, fidelity)).filter(([name]) =>
      isEntry(name),
    );
    expect(picked.map(([name]) => name)).toContain("tree/y");
    expect(picked).toEqual(picked.map(([name]) => [name, moment[name]]));
  });

  // Every other file: with plain names between them, which are passed over, and with odd ones, which
  // can't be, so that the archive is read in too many places.
  test.each([
    ["plain names", ""],
    ["odd names", "\\303\\251"],
  ])(
    "files of an older layer come out from between %s, though a newer one has their folder",
    async (_, odd) => {
      await using host = await ShellHost.start(userland);
      host.sh(
        `mkdir -p d/e; for n in $(seq 1 1200); do echo $n >d/e/wanted-$n; echo $n >"d/e/$(printf '${odd}')other-$n"; done; echo 1 >d/e/newer`,
      );
      const guard = await host.open();
      await snapshot(guard, host, "before");
      host.sh("echo other >d/e/newer; chmod 0750 d/e");
      await snapshot(guard, host, "after");
      const wanted = Array.from({ length: 1200 }, (unused, n) => `./tree/d/e/wanted-${n + 1}`);
      const asked = [...wanted, "./tree/d/e/newer"];
      const folder = unpackedAll(host, [{ key: "after", names: asked }])[0]!;
      const found = readdirSync(`${folder}/tree/d/e`);
      expect(found.filter((name) => name.startsWith("wanted-"))).toHaveLength(1200);
      for (const name of wanted)
        expect(readFileSync(`${folder}/${name}`, "utf8")).toBe(`${name.split("-")[1]}\n`);
      expect(readFileSync(`${folder}/tree/d/e/newer`, "utf8")).toBe("other\n");
      expect(statSync(`${folder}/tree/d/e`).mode & 0o7777).toBe(0o750);
      expect(found.filter((name) => name.startsWith("other-"))).toEqual([]);
    },
  );

  test("a tree that did not change costs no copy, however often it is snapshotted", async () => {
    await using host = await ShellHost.start(userland);
    host.sh("head -c 3000000 /dev/urandom >big; seq 1 50 | xargs touch");
    const guard = await host.open();
    const first = await snapshot(guard, host, "k.0");
    const size = spoolSize(host);
    for (let at = 1; at <= 10; at += 1) {
      const { added, entries, bytes, losses } = await snapshot(guard, host, `k.${at}`);
      expect({ entries, bytes, losses }).toEqual({
        entries: first.entries,
        bytes: first.bytes,
        losses: first.losses,
      });
      expect(added).toBeLessThan(64 * 1024);
    }
    expect(spoolSize(host) - size).toBeLessThan(10 * 64);
    expect(readFileSync(`${unpacked(host, "k.10")}/tree/big`)).toEqual(
      readFileSync(`${host.tree}/big`),
    );
  });

  test("what is written into a live file afterwards does not change the snapshot", async () => {
    await using host = await ShellHost.start(userland);
    host.sh("echo before >file; ln file other; head -c 200000 /dev/zero >large");
    const guard = await host.open();
    await snapshot(guard, host, "k.0");
    const moment = portraitBelow(host.tree.slice(0, -"/tree".length), fidelity);
    host.sh("echo AFTER. >file; chmod 0600 file; echo x | dd of=large conv=notrunc 2>/dev/null");
    await snapshot(guard, host, "k.1");
    host.sh("echo LATER. >file; : >large");
    expect(portraitBelow(unpacked(host, "k.0"), fidelity)).toEqual(moment);
    expect(readFileSync(`${unpacked(host, "k.1")}/tree/other`, "utf8")).toBe("AFTER.\n");
  });

  test("a snapshot whose archive was damaged is not built upon", async () => {
    await using host = await ShellHost.start(userland);
    host.sh("seq 1 1000 >file");
    const guard = await host.open();
    await snapshot(guard, host, "k.0");
    host.sh(
      'cd "$SPOOL/fix-1/snapshots/k.0"; truncate -s 512 0.0.tar 2>/dev/null; rm -rf 0.0.tree',
    );
    await snapshot(guard, host, "k.1");
    expect(readFileSync(`${unpacked(host, "k.1")}/tree/file`)).toEqual(
      readFileSync(`${host.tree}/file`),
    );
  });
});

describeWithShells((userland) => {
  test("a file beyond 4 GiB that is mostly holes is kept and comes back", async () => {
    await using host = await ShellHost.start(userland);
    // BusyBox writes the holes: a smaller one must do there, as for a user's patience.
    const size = userland.name === "busybox" ? "40M" : "5G";
    host.sh(`truncate -s ${size} holes; printf end >>holes`);
    const { added, bytes } = await snapshot(await host.open(), host, "k.0");
    expect(bytes).toBe((userland.name === "busybox" ? 40 * 1024 ** 2 : 5 * 1024 ** 3) + 3);
    const holes = userland.name !== "busybox";
    expect(added).toBeLessThan(holes ? 1_000_000 : 2 * bytes);
    const copy = unpacked(host, "k.0");
    expect(host.sh(`stat -c %s ${copy}/tree/holes; tail -c 4 ${copy}/tree/holes`)).toBe(
      `${bytes}\n\0end`,
    );
    const taken = Number(host.sh(`du -k ${copy}/tree/holes | cut -f1`));
    expect(taken).toBeLessThan(holes ? 1000 : bytes);
  });
});

test.skipIf(!isRoot)("the number of links of a device is no reason to open it", async () => {
  await using host = await ShellHost.start(dash);
  host.sh("mknod tty c 5 0; mknod zero c 1 5; ln zero zero2; mkfifo pipe; echo x >a");
  const { entries } = await snapshot(await host.open(), host, "k.0");
  expect(entries).toBe(6);
  expect(host.sh(`ls ${unpacked(host, "k.0")}/tree`)).toBe("a\npipe\ntty\nzero\nzero2\n");
});
