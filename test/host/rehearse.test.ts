import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { isLong, longOnly } from "../support/long-suite.ts";
import { programPath } from "../support/parts.ts";
import { deeds, inCopy, limits, refusedInCopy } from "./support/rehearsing.ts";
import {
  dash,
  describeWithShells,
  present,
  rootOnly,
  isRoot,
  ShellHost,
  text,
  until,
} from "./support/shell-hosts.ts";

const busybox = present.find(({ name }) => name === "busybox");
const noBusybox = busybox === undefined ? " (skipped, because busybox is not installed)" : "";
const noStrace =
  programPath("strace") === null ? " (skipped, because strace is not installed)" : "";

describeWithShells({ asRoot: true, without: ["busybox"] }, (userland) => {
  test("every kind of effect is told once, and the real tree is as it was", async () => {
    await using host = await ShellHost.start(userland);
    host.sh(`printf 1 >gone; printf 22 >grown; printf aa >same-size; printf m >mode; printf t >touched
      mkdir -p folder/deep swapped; printf 4444 >folder/deep/f; printf s >swapped/s; ln -s a link
      printf k >kept; mkfifo pipe; printf d >type; mkdir other; printf o >other/o`);
    const before = host.listing();
    const [step] = await inCopy(host, [
      `rm gone; printf 333 >grown; touch -r same-size "$home/stamp"; printf bb >same-size
       touch -r "$home/stamp" same-size; rm "$home/stamp"; chmod 600 mode; touch touched; rm -rf folder
       rm -rf swapped; mkdir swapped; ln -sfn b link; printf n >new; rm pipe; rm type; mkdir type
       mv other moved`,
    ]);
    expect(step).toMatchObject({ exitCode: 0, timedOut: false, full: false, calls: [] });
    expect(deeds(step!.inside.changes, host.tree)).toEqual([
      "deleted folder",
      "deleted folder/deep",
      "deleted folder/deep/f",
      "deleted gone",
      "content grown",
      "content link",
      "metadata mode",
      "created moved",
      "created moved/o",
      "created new",
      "deleted other",
      "deleted other/o",
      "deleted pipe",
      "content same-size",
      "deleted swapped/s",
      "touched touched",
      "type-changed type",
    ]);
    expect(step!.inside.total).toBe(step!.inside.changes.length);
    expect(host.listing()).toBe(before);
  });

  test.runIf(isLong)(`names of any bytes are told as they are${longOnly}`, async () => {
    await using host = await ShellHost.start(userland);
    host.sh(String.raw`mkdir -- "$(printf 'a\nb')"; : >"$(printf 'a\nb/-c\377')"; : >"  two  "`);
    const [step] = await inCopy(host, [
      `rm -rf -- "$(printf 'a\\nb')" "  two  "; : >"$(printf 'n\\t')"`,
    ]);
    expect(deeds(step!.inside.changes, host.tree)).toEqual([
      "deleted   two  ",
      String.raw`deleted a\x0ab`,
      String.raw`deleted a\x0ab/-c\xff`,
      String.raw`created n\x09`,
    ]);
  });

  test("a step meets what the steps before it did, and only its own effects are its", async () => {
    await using host = await ShellHost.start(userland);
    host.sh("mkdir a; printf 1 >a/one; printf 2 >a/two");
    const steps = await inCopy(host, [
      "rm a/one; printf new >a/new",
      "test ! -e a/one; cat a/new; rm -r a/two; rm a/new; printf z >a/one",
      "rm -r a; echo done",
    ]);
    expect(steps.map(({ inside }) => deeds(inside.changes, host.tree))).toEqual([
      ["created a/new", "deleted a/one"],
      ["deleted a/new", "created a/one", "deleted a/two"],
      ["deleted a", "deleted a/one"],
    ]);
    expect(steps.map(({ stdout }) => text(stdout))).toEqual(["", "new", "done\n"]);
  });

  test.runIf(isLong)(`it stops where a step fails, and says how it ended${longOnly}`, async () => {
    await using host = await ShellHost.start(userland);
    const steps = await inCopy(host, ["echo out; echo err >&2; exit 3", "echo never"]);
    expect(steps).toHaveLength(1);
    expect(steps[0]).toMatchObject({ exitCode: 3, timedOut: false });
    expect([text(steps[0]!.stdout), text(steps[0]!.stderr)]).toEqual(["out\n", "err\n"]);
  });
});

test.runIf(isRoot && isLong)(
  `a step has its arguments, its files, its variables, its folder and no input${rootOnly || longOnly}`,
  async () => {
    await using host = await ShellHost.start();
    const content = new TextEncoder().encode("staged\n".repeat(20_000));
    const [step] = await inCopy(
      host,
      ['pwd; echo "$secret_token|$1|$2|$(wc -l <"$HANDRAIL_FILES/0")"; cat; umask; command -v cat'],
      { files: [{ name: "0", content }] },
    );
    expect(text(step!.stdout)).toBe(
      `${host.tree}\na'b|-x|two words|20000\n${host.sh("umask")}${host.sh("command -v cat")}`,
    );
  },
);

test.runIf(isRoot && isLong)(
  `what lies elsewhere is told apart, with all that was in a folder that went${rootOnly || longOnly}`,
  async () => {
    await using host = await ShellHost.start();
    host.sh(
      "cd ..; mkdir -p beside/in; printf 12 >beside/in/f; printf 3 >file; mkdir still; : >still/s",
    );
    const before = host.listing();
    const [step] = await inCopy(host, [
      "cd ..; rm -r beside; printf 4444 >file; : >new; : >tree/inside; : >still/t",
    ]);
    expect(deeds(step!.inside.changes, host.tree)).toEqual(["created inside"]);
    expect(deeds(step!.outside.changes, `${host.folder}/site`)).toEqual([
      "deleted beside",
      "deleted beside/in",
      "deleted beside/in/f",
      "content file",
      "created new",
      "created still/t",
    ]);
    expect(host.listing()).toBe(before);
  },
);

test.runIf(isRoot && isLong)(
  `what the application does meanwhile is not told as the step's${rootOnly || longOnly}`,
  async () => {
    await using host = await ShellHost.start();
    host.sh("printf a >a; printf b >b; printf grows >log");
    const rehearsal = inCopy(host, [
      `: >mine; rm b; echo ready >"$home/../ready"; i=0
     while [ "$i" -lt 100 ] && [ -e a ]; do i=$((i + 1)); sleep 0.1; done; test ! -e a`,
    ]);
    // The copy is live below: what goes from the real tree goes from it, too.
    const churn = setInterval(() => host.sh('rm -f a; echo more >>log; : >"own-$(date +%N)"'), 200);
    const [step] = await rehearsal.finally(() => clearInterval(churn));
    expect(step!.exitCode).toBe(0);
    expect(deeds(step!.inside.changes, host.tree)).toEqual(["deleted b", "created mine"]);
  },
);

/** Bits of capabilities(7) that a step of root's keeps: what its own files and processes need. */
const capabilitiesLeft = [0, 1, 3, 4, 5, 6, 7, 8, 10, 14, 15, 18, 23, 24, 29, 31];

// Every attempt is one that would do no harm where it went through: a hole here must not hurt who tests.
test.runIf(isRoot)(
  `the host can't be reached from the copy: its kernel, processes, network, sockets and disks${rootOnly}`,
  async () => {
    await using host = await ShellHost.start();
    const server = createServer().listen(0, "127.0.0.1");
    const socket = createServer().listen(`${host.tree}/socket`);
    let met = 0;
    for (const each of [server, socket]) each.on("connection", () => met++);
    await until("both listen", () => server.listening && socket.listening);
    const address = server.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const victim = spawn("sleep", ["60"]);
    const same = "cat /proc/sys/vm/swappiness >";
    const attempts = [
      `${same}/proc/sys/vm/swappiness`,
      "echo never >/sys/kernel/mm/transparent_hugepage/none",
      `kill -9 ${victim.pid}`,
      `exec 3<>/dev/tcp/127.0.0.1/${port}`,
      `python3 -c 'import socket; socket.socket(socket.AF_UNIX).connect("'"$home"'/socket")'`,
      "mount -t tmpfs none /mnt",
      "umount /proc/sys",
      "mknod /tmp/disk b 254 0",
      "ls /proc/1/root/dev/shm/layers",
      "chroot /proc/1/root/dev/old true",
      "nsenter -t 1 -m true",
      `unshare -Urpfm sh -c 'mount -t proc proc /mnt && ${same}/mnt/sys/vm/swappiness'`,
      `unshare -Urm sh -c 'mount -o remount,rw /proc/sys && ${same}/proc/sys/vm/swappiness'`,
      `unshare -Urm sh -c 'umount /proc/sys && ${same}/proc/sys/vm/swappiness'`,
      "unshare -Urnm mount -t sysfs none /mnt",
      "chmod 666 /dev/null",
    ];
    const script = attempts.map(
      (it, at) => `bash -c '${it.replaceAll("'", `'\\''`)}' && echo DONE: ${at}`,
    );
    const namespaces = "for it in mnt pid ipc uts net; do readlink /proc/self/ns/$it; done";
    const [step, own] = await inCopy(host, [
      `set +e\n${script.join("\n")}\nexit 0`,
      `${namespaces}; sed -n 's/^CapBnd:.//p' /proc/self/status`,
    ]);
    server.close();
    socket.close();
    expect(text(step!.stdout)).toBe("");
    expect(step!.exitCode).toBe(0);
    expect([met, victim.kill()]).toEqual([0, true]);
    const there = host.sh(namespaces).split("\n");
    const [mnt, pid, ipc, uts, net, capabilities] = text(own!.stdout).split("\n");
    expect(
      [mnt, pid, ipc, uts, net].filter((it) => it === undefined || there.includes(it)),
    ).toEqual([]);
    const left = capabilitiesLeft.reduce((all, bit) => all | (1n << BigInt(bit)), 0n);
    expect((BigInt(`0x${capabilities}`) & ~left).toString(16)).toBe("0");
  },
);

test.runIf(isRoot && isLong)(
  `service commands are recorded with their words, and not done${rootOnly || longOnly}`,
  async () => {
    await using host = await ShellHost.start();
    // A program of that name which the host has, reached by its name and by its path.
    host.sh(
      `cd ../../bin; printf '#!/bin/sh\\necho really >"$home/really"\\n' >systemctl; chmod 755 systemctl; cp systemctl docker`,
    );
    const [step] = await inCopy(host, [
      `systemctl restart "a b" ''; ${host.folder}/bin/docker stop x; command -v kubectl-none || echo none`,
    ]);
    expect(step!.calls).toEqual([
      ["systemctl", "restart", "a b", ""],
      ["docker", "stop", "x"],
    ]);
    expect(text(step!.stdout)).toBe("none\n");
    expect(step!.inside.changes).toEqual([]);
  },
);

test.runIf(isRoot && isLong)(
  `memory that is used up is told, also where the step has made room again, and so are inodes${rootOnly || longOnly}`,
  async () => {
    await using host = await ShellHost.start();
    const before = host.listing();
    const small = { limits: { ...limits, bytes: 4 * 1024 * 1024, inodes: 500 } };
    const [full] = await inCopy(host, ["head -c 9000000 /dev/zero >big"], small);
    expect(full).toMatchObject({ full: true });
    expect(full!.exitCode).not.toBe(0);
    const [again] = await inCopy(
      host,
      ["head -c 9000000 /dev/zero >big || sleep 0.3; rm big"],
      small,
    );
    expect(again).toMatchObject({ exitCode: 0, full: true });
    const [many] = await inCopy(
      host,
      ["i=0; while [ $i -lt 600 ]; do : >f$i; i=$((i + 1)); done"],
      small,
    );
    expect(many).toMatchObject({ full: true });
    expect(host.listing()).toBe(before);
  },
);

test.runIf(isRoot && isLong)(
  `a step that takes too long is ended with all that it started, and its effects are told${rootOnly || longOnly}`,
  async () => {
    await using host = await ShellHost.start();
    host.sh("printf 1 >a");
    const [step] = await inCopy(host, ["rm a; setsid sleep 871 & (trap '' TERM HUP; sleep 872)"], {
      timeoutMs: 700,
    });
    expect(step).toMatchObject({ timedOut: true });
    expect(deeds(step!.inside.changes, host.tree)).toEqual(["deleted a"]);
    expect(host.sh("ps -eo args | grep 'sleep 87[12]' || true")).toBe("");
  },
);

test.runIf(isRoot && isLong)(
  `a daemon that a step leaves behind ends with the step${rootOnly || longOnly}`,
  async () => {
    await using host = await ShellHost.start();
    const [step] = await inCopy(host, ["nohup setsid sleep 873 >/dev/null 2>&1 & echo begun"]);
    expect(step).toMatchObject({ exitCode: 0, timedOut: false });
    expect(host.sh("ps -eo args | grep 'sleep 87[3]' || true")).toBe("");
  },
);

test.runIf(isRoot && isLong)(
  `a tree on a file system of its own is copied, too, and one that is not there is told when it is made${rootOnly || longOnly}`,
  async () => {
    await using host = await ShellHost.start();
    host.sh("mkdir own; mount -t tmpfs -o nosuid tmpfs own; printf 1 >own/a; mkdir own/d");
    try {
      const [step] = await inCopy(host, ["rm own/a; : >own/d/b; mkdir later; : >later/f; : >x"], {
        paths: [`${host.tree}/own`, `${host.tree}/later`],
      });
      expect(deeds(step!.inside.changes, host.tree)).toEqual([
        "created later",
        "created later/f",
        "deleted own/a",
        "created own/d/b",
      ]);
      expect(deeds(step!.outside.changes, host.tree)).toEqual(["created x"]);
      expect(host.sh("ls own own/d")).toBe("own:\na\nd\n\nown/d:\n");
    } finally {
      host.sh("umount own");
    }
  },
);

test.runIf(isRoot)(`what can't be copied is refused, never passed over${rootOnly}`, async () => {
  await using host = await ShellHost.start();
  host.sh("mkdir real; ln -s real link");
  expect(await refusedInCopy(host, ["true"], { paths: ["/run/app"] })).toMatch(
    /NOT_REHEARSABLE: .*\/run\/app lies where a copy is empty/,
  );
  expect(await refusedInCopy(host, ["true"], { paths: [`${host.tree}/link`] })).toContain(
    "is a symbolic link",
  );
  expect(await refusedInCopy(host, ["true"], { paths: ["/"] })).toContain("the root of everything");
});

test.runIf(isRoot && isLong)(
  `a tree of many changes is counted where it can't be listed${rootOnly || longOnly}`,
  async () => {
    await using host = await ShellHost.start();
    host.sh("i=0; while [ $i -lt 1200 ]; do : >f$i; i=$((i + 1)); done");
    const [step] = await inCopy(host, ["rm f*"], { limits: { ...limits, changesMax: 10 } });
    expect(step!.inside.changes).toHaveLength(10);
    expect(step!.inside.total).toBe(1200);
  },
);

test.runIf(isRoot && isLong && noStrace === "")(
  `a trace names the commands that delete${noStrace || rootOnly || longOnly}`,
  async () => {
    await using host = await ShellHost.start();
    host.sh("mkdir d; : >d/f; : >g");
    const [step] = await inCopy(host, ['sh -c "rm -r d"; unlink g'], { trace: true });
    expect(text(step!.traced)).toMatch(/unlinkat\(.*"f"/);
    expect(deeds(step!.inside.changes, host.tree)).toEqual([
      "deleted d",
      "deleted d/f",
      "deleted g",
    ]);
  },
);

test.runIf(busybox !== undefined && isRoot)(
  `a host with only BusyBox says what it lacks${noBusybox}`,
  async () => {
    await using host = await ShellHost.start(busybox ?? dash);
    expect(await refusedInCopy(host, ["true"])).toMatch(
      /^NOT_REHEARSABLE: .*: (its find\(1\) lacks -printf|\w+\(1\) is missing)/,
    );
  },
);

test.runIf(isRoot && isLong)(
  `a protected folder may have any printable name${rootOnly || longOnly}`,
  async () => {
    await using host = await ShellHost.start();
    const odd = `${host.tree}/a [b]* 'c' "d" $e é --`;
    host.sh(
      String.raw`mkdir -p -- 'a [b]* '\''c'\'' "d" $e é --/in'; cd -- a*; printf 1 >in/f; printf 2 >g`,
    );
    const [step] = await inCopy(host, ["cd a*; rm in/f; printf 3 >g; : >h"], { paths: [odd] });
    expect(deeds(step!.inside.changes, odd)).toEqual(["content g", "created h", "deleted in/f"]);
    expect(step!.outside.changes).toEqual([]);
  },
);

test.runIf(isRoot && isLong)(
  `what a step lays where its calls are recorded holds nothing up${rootOnly || longOnly}`,
  async () => {
    await using host = await ShellHost.start();
    const [fifo] = await inCopy(host, ["rm /dev/handrail-calls; mkfifo /dev/handrail-calls"]);
    expect(fifo).toMatchObject({ exitCode: 0, calls: [] });
    const [link] = await inCopy(host, ["ln -sf /etc/passwd /dev/handrail-calls"]);
    expect(link).toMatchObject({ exitCode: 0, calls: [] });
    const [rubbish] = await inCopy(host, ["head -c 300000 /dev/urandom >/dev/handrail-calls"]);
    expect(rubbish!.calls.length).toBeLessThanOrEqual(100);
  },
);

test.runIf(isRoot && isLong)(
  `a protected file that is a mount by itself is refused, because no change of it could be told${rootOnly || longOnly}`,
  async () => {
    await using host = await ShellHost.start();
    host.sh("printf 1 >file; printf 2 >other; mount --bind other file");
    try {
      const paths = [`${host.tree}/file`];
      expect(await refusedInCopy(host, ["echo 3 >file"], { paths })).toMatch(
        /NOT_REHEARSABLE: .*an overlay is refused where .*\/file lies/,
      );
      const [step] = await inCopy(host, ["echo 3 >file || echo closed; echo 4 >other"]);
      expect(text(step!.stdout)).toBe("closed\n");
      expect(deeds(step!.inside.changes, host.tree)).toEqual(["content other"]);
      expect(host.sh("cat file other")).toBe("22");
    } finally {
      host.sh("umount file");
    }
  },
);

test.runIf(isRoot && isLong)(
  `a tree on a file system that can't be written stays without effects, as on the host${rootOnly || longOnly}`,
  async () => {
    await using host = await ShellHost.start();
    host.sh(
      "mkdir closed; mount -t tmpfs tmpfs closed; printf 1 >closed/f; mount -o remount,ro closed",
    );
    try {
      const [step] = await inCopy(host, ["rm closed/f || echo kept; : >beside"], {
        paths: [`${host.tree}/closed`],
      });
      expect(text(step!.stdout)).toBe("kept\n");
      expect(step!.inside.changes).toEqual([]);
    } finally {
      host.sh("umount closed");
    }
  },
);
