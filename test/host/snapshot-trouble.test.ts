import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Guard } from "../../src/ports/guard.ts";
import { execFileSync } from "../support/bounded-process.ts";
import { programPath } from "../support/parts.ts";
import { askInShell, portraitBelow, unpacked, wrapTool } from "./support/kept-content.ts";
import { everything, withBusybox } from "./support/nasty-tree.ts";
import {
  dash,
  describeWithShells,
  isRoot,
  rootOnly,
  ShellHost,
  smallSpool,
  until,
  valueOf,
} from "./support/shell-hosts.ts";

async function asked(guard: Guard, host: ShellHost, key = "k.1") {
  const paths = [{ path: host.tree, content: true }];
  return valueOf(await guard.snapshot({ key, paths, reserveBytes: 0 }));
}

async function complete(guard: Guard, host: ShellHost, key = "k.1") {
  const result = await asked(guard, host, key);
  if (result.kind === "refused") throw new Error(JSON.stringify(result.failure));
  return result;
}

/** Complete snapshots, and what is left of others. */
function snapshots(host: ShellHost): readonly string[] {
  const folder = `${host.spool}/fix-1/snapshots`;
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** The processes that this one has started and that still run. */
function children(): readonly number[] {
  const told = execFileSync("ps", ["-o", "pid=,stat=", "--ppid", String(process.pid)]).toString();
  return told
    .split("\n")
    .filter((line) => line.trim() !== "" && !/ Z/.test(line))
    .map((line) => Number.parseInt(line, 10));
}

describeWithShells((userland) => {
  const fidelity = userland.name === "busybox" ? withBusybox : everything;

  test.each(["0.manifest", "0.0.*", "work/0.seen", "work/trial", "0.is", "result"])(
    "a guard that is killed when %s comes into being leaves no snapshot, and the next one takes it",
    async (name) => {
      await using host = await ShellHost.start(userland);
      host.sh("mkdir d; seq 1 400 | (cd d; xargs touch); seq 1 9999 >d/1; ln d/1 l");
      const before = new Set(children());
      const guard = await host.open();
      const guards = children().filter((pid) => !before.has(pid));
      const killer = spawn("/bin/sh", [
        "-c",
        `tries=0
        while [ $tries -lt 2000000 ]; do tries=$((tries + 1))
          for it in "$0"/fix-1/snapshots/.partial.*/${name}; do
            [ -e "$it" ] && { kill -9 ${guards.map((pid) => `-${pid} ${pid}`).join(" ")} 2>/dev/null; exit; }
          done
        done`,
        host.spool,
      ]);
      const answer = await guard.snapshot({
        key: "k.1",
        paths: [{ path: host.tree, content: true }],
        reserveBytes: 0,
      });
      killer.kill("SIGKILL");
      // The last names may have gone again before they were seen: then it is whole.
      expect(snapshots(host).includes("k.1")).toBe(answer.kind === "result");
      const next = await host.open();
      await complete(next, host);
      expect(snapshots(host)).toEqual(["k.1"]);
      expect(portraitBelow(unpacked(host, "k.1"), fidelity)).toEqual(
        portraitBelow(host.tree.slice(0, -"/tree".length), fidelity),
      );
    },
  );

  test("files that come and go meanwhile do no harm, and every name in the manifest is kept", async () => {
    await using host = await ShellHost.start(userland);
    host.sh("mkdir d; seq 1 300 | (cd d; xargs touch)");
    const guard = await host.open();
    const churn = spawn("/bin/sh", [
      "-c",
      'cd "$0"; n=0; while [ -d d ]; do n=$((n + 1)); mkdir "d/c$n" && echo $n >"d/c$n/x"; rm -rf "d/c$((n - 3))"; done',
      host.tree,
    ]);
    try {
      for (const key of ["k.1", "k.2", "k.3"]) {
        await complete(guard, host, key);
        const manifest = readdirSync(`${host.spool}/fix-1/snapshots/${key}`);
        expect(manifest).toContain("0.manifest");
        const names = readFileSync(`${host.spool}/fix-1/snapshots/${key}/0.manifest`, "latin1")
          .trim()
          .split("\n")
          .map((line) => line.replace(/^([^ ]* ){9}/, ""));
        expect(
          Object.keys(portraitBelow(unpacked(host, key), fidelity))
            .map((name) => `./${name}`)
            .filter((name) => name.startsWith("./tree"))
            .toSorted(),
        ).toEqual(names.toSorted());
      }
    } finally {
      churn.kill("SIGKILL");
    }
  });

  test("a file that changes each time it is read is told, and read again the next time", async () => {
    await using host = await ShellHost.start(userland);
    host.sh("echo quiet >quiet; : >log");
    const guard = await host.open();
    const writer = spawn("/bin/sh", [
      "-c",
      'cd "$0"; while [ -f quiet ]; do echo more >>log; done',
      host.tree,
    ]);
    const { losses } = await complete(guard, host);
    writer.kill("SIGKILL");
    expect(losses).toContain("1 entries that changed each time they were read");
    const { drilled, losses: later } = await complete(guard, host, "k.2");
    expect(drilled).toBeGreaterThan(0);
    expect(later.filter((loss) => loss.includes("changed"))).toEqual([]);
    expect(readFileSync(`${unpacked(host, "k.2")}/tree/log`)).toEqual(
      readFileSync(`${host.tree}/log`),
    );
  });

  test.skipIf(!isRoot)(
    `what is mounted below is not gone into, by a mount of the same file system either${rootOnly}`,
    async () => {
      await using host = await ShellHost.start(userland);
      host.sh(
        'mkdir -p "in [x]" own; echo no >own/secret; mkdir "$FOLDER/out"; echo no >"$FOLDER/out/no"',
      );
      host.sh('mount --bind "$FOLDER/out" "in [x]"; mount -t tmpfs tmpfs own; echo no >own/no');
      try {
        const { entries, losses } = await complete(await host.open(), host);
        expect(entries).toBe(3);
        expect(losses).toContain("2 file systems mounted below");
        expect(
          Object.keys(portraitBelow(unpacked(host, "k.1"), fidelity))
            .filter((name) => name.startsWith("tree"))
            .toSorted(),
        ).toEqual(["tree", "tree/in [x]", "tree/own"]);
      } finally {
        host.sh('umount "in [x]" own');
      }
    },
  );

  test.skipIf(!isRoot)(
    `too few inodes refuse the snapshot before a byte is written${rootOnly}`,
    async () => {
      await using host = await ShellHost.start(userland);
      await using small = smallSpool(host, "size=30m,nr_inodes=30");
      host.sh("seq 1 50 | xargs touch");
      const result = await asked(await host.open({ host: { spool: small.path } }), host);
      if (result.kind !== "refused") throw new Error("not refused");
      expect(result.failure.code).toBe("SNAPSHOT_NO_SPACE");
      expect(result.failure.message).toContain("inodes");
      expect(host.sh('find "$SPOOL" -type f')).toBe("");
    },
  );

  test("more entries than a tree may have are refused", async () => {
    await using host = await ShellHost.start(userland);
    host.sh("touch 1 2 3");
    const said = askInShell(host, `entries_max=3; snapshot k.1 '' 0 '${host.tree}' kept`);
    expect(said).toContain(`REFUSED`);
    expect(said).toContain(`too-many\0${host.tree}\x003\0`);
    expect(snapshots(host)).toEqual([]);
  });
});

describe("with GNU tar", () => {
  test.each([
    [
      "another byte in each file",
      // Headers begin at multiples of 512; content is what has an "x" at the beginning here.
      String.raw`LC_ALL=C sed -i 's/xcontent/xcontEnt/g' "$file"`,
    ],
    ["its end missing", 'truncate -s -300000 "$file"'],
    ["nothing but zeros", 'size=$(stat -c %s "$file"); : >"$file"; truncate -s "$size" "$file"'],
  ])("an archive with %s is found out before the answer", async (_what, harm) => {
    await using host = await ShellHost.start(dash);
    host.sh(`for n in $(seq 1 300); do echo "xcontent of $n, and more: $(seq 1 300)" >$n; done`);
    wrapTool(
      host,
      "tar",
      `"$real" "$@"; status=$?
      case "$*" in *-cv*Rf*) file=$(printf '%s\\n' "$@" | grep '\\.tar$'); ${harm} ;; esac
      exit $status`,
    );
    const result = await asked(await host.open(), host);
    expect(result).toMatchObject({ kind: "refused", failure: { code: "SNAPSHOT_UNPROVEN" } });
    expect(snapshots(host)).toEqual([]);
  });

  test("what tar complains of must be seen to have changed", async () => {
    await using host = await ShellHost.start(dash);
    host.sh("echo x >a");
    wrapTool(
      host,
      "tar",
      `"$real" "$@" || exit
      case "$*" in *-cv*Rf*) echo "tar: ./tree/a: file changed as we read it" >&2; exit 1 ;; esac`,
    );
    const result = await asked(await host.open(), host);
    expect(result).toMatchObject({ kind: "refused", failure: { code: "SNAPSHOT_UNREADABLE" } });
  });

  test("what changes right after it was read, at the same size, is read again", async () => {
    await using host = await ShellHost.start(dash);
    host.sh("echo before >a; seq 1 50 | xargs touch");
    wrapTool(
      host,
      "tar",
      `"$real" "$@"; status=$?
      case "$*" in *-cv*Rf*) [ -e '${host.folder}/done' ] || { : >'${host.folder}/done'; printf 'AFTER.\\n' >'${host.tree}/a'; } ;; esac
      exit $status`,
    );
    await complete(await host.open(), host);
    expect(readFileSync(`${unpacked(host, "k.1")}/tree/a`, "utf8")).toBe("AFTER.\n");
  });

  test.skipIf(!isRoot)(
    `a folder that is swapped for a link while it is read leads nowhere${rootOnly}`,
    async () => {
      await using host = await ShellHost.start(dash);
      host.sh(`mkdir "$FOLDER/outside"; echo secret >"$FOLDER/outside/f"; chmod 0600 "$FOLDER/outside/f"
        mkdir d; echo mine >d/f; chown -R 1234 d; seq 1 3000 >big`);
      const guard = await host.open();
      await complete(guard, host);
      host.sh("echo other >d/f; chown 1234 d/f");
      wrapTool(
        host,
        "tar",
        `case "$*" in *-cv*Rf*)
          mv '${host.tree}/d' '${host.folder}/aside'; ln -s '${host.folder}/outside' '${host.tree}/d'
          "$real" "$@"; status=$?
          rm '${host.tree}/d'; mv '${host.folder}/aside' '${host.tree}/d'; exit $status ;;
        esac
        exec "$real" "$@"`,
      );
      const result = await asked(await host.open(), host, "k.2");
      expect(result).toMatchObject({ kind: "refused", failure: { code: "SNAPSHOT_UNPROVEN" } });
      expect(snapshots(host)).toEqual(["k.1"]);
    },
  );

  const noLsattr = programPath("lsattr") === null || programPath("chattr") === null;
  test.skipIf(!isRoot || noLsattr)(
    `the flag of files that can't be changed is told as lost${noLsattr ? " (skipped, because chattr is not installed)" : rootOnly}`,
    async () => {
      await using host = await ShellHost.start(dash);
      host.sh("echo x >fixed; echo y >free; chattr +i fixed");
      try {
        const { losses } = await complete(await host.open(), host);
        expect(losses).toEqual(["the immutable or append-only flag of 1 entries"]);
      } finally {
        host.sh("chattr -i fixed");
      }
    },
  );
});

/** A file system whose times are whole seconds: ext2 with small inodes. */
const noCoarse =
  isRoot && programPath("mkfs.ext2") !== null && existsSync("/dev/loop-control")
    ? null
    : "skipped, because this needs root, mkfs.ext2 and loop devices";

test.skipIf(noCoarse !== null)(
  `a rewrite of the same size within one tick of a coarse clock is not missed${noCoarse === null ? "" : ` (${noCoarse})`}`,
  async () => {
    await using host = await ShellHost.start(dash);
    host.sh(
      `truncate -s 8M "$FOLDER/image"; mkfs.ext2 -q -I 128 "$FOLDER/image"; mount -o loop "$FOLDER/image" .`,
    );
    try {
      wrapTool(
        host,
        "tar",
        `"$real" "$@"; status=$?
        case "$*" in *-cv*Rf*) [ -e '${host.folder}/done' ] || { : >'${host.folder}/done'; printf 'AFTER.\\n' >'${host.tree}/a'; } ;; esac
        exit $status`,
      );
      const guard = await host.open();
      // Begin at the beginning of a second, so that all falls into one.
      await until("a new second", () => Date.now() % 1000 < 60);
      execFileSync("/bin/sh", ["-c", "rmdir lost+found; echo before >a"], { cwd: host.tree });
      await complete(guard, host);
      expect(readFileSync(`${unpacked(host, "k.1")}/tree/a`, "utf8")).toBe("AFTER.\n");
    } finally {
      execFileSync("umount", [host.tree]);
    }
  },
);
