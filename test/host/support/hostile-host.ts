import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { execFileSync, spawnSync } from "../../support/bounded-process.ts";
import { programPath } from "../../support/parts.ts";
import type { ShellHost } from "./shell-hosts.ts";

/** Someone else on the host, to whom the tree belongs. */
export const stranger = 65_534;

export const perlMissing =
  programPath("perl") === null ? " (skipped, because perl is not installed)" : "";

/** Can root look at a folder here through a mount that follows no link (Linux 5.10)? */
export const canReadUnled =
  spawnSync(
    "unshare",
    [
      "-m",
      "sh",
      "-c",
      `d=$(mktemp -d) && ln -s . "$d/link" && mount -o bind "$d" "$d" && mount -o remount,bind,nosymfollow "$d" || exit 1
       [ ! -e "$d/link/." ]; status=$?; umount "$d"; rm "$d/link"; rmdir "$d"; exit $status`,
    ],
    { stdio: "ignore" },
  ).status === 0;

export const noUnledReading = canReadUnled
  ? ""
  : " (skipped, because no mount here can be told to follow no link)";

/**
 * Gives the tree to the stranger, and makes $FOLDER/victim, which is root's: `open` may be read by all,
 * `closed` by root only. A read leaves its trace, because they were read before they were written.
 */
export function makeVictim(host: ShellHost): void {
  host.sh(`chmod 0711 "$FOLDER" "$FOLDER/site"; chown -hR ${stranger}:${stranger} .
    mkdir -p "$FOLDER/victim/folder"; cd "$FOLDER/victim"
    echo SECRET >closed; echo public >open; echo deep >folder/in; chmod 0600 closed; chmod 0644 open
    touch -a -d 2001-01-01 closed open folder/in`);
}

/**
 * All that can be told of what lies outside the tree without reading it, and when it was read. Not how
 * many names a file has: a planted one may go again.
 */
export function outside(host: ShellHost): string {
  return host.sh(
    `find "$FOLDER/victim" -type d -printf '%p %m %U %G %T@\\n' -o -printf '%p %y %m %U %G %s %T@ %A@ %i\\n' | sort`,
  );
}

/** The same but for when it was read. */
export function outsideUnread(host: ShellHost): string {
  return outside(host).replaceAll(/^(\S+ \S \S+ \S+ \S+ \S+ \S+) \S+/gm, "$1");
}

/** Runs a script as the stranger would, in the tree. */
export function asStranger(host: ShellHost, script: string): void {
  execFileSync("/bin/sh", ["-euc", script], {
    cwd: host.tree,
    env: { PATH: "/usr/bin:/bin", FOLDER: host.folder },
    stdio: ["ignore", "ignore", "inherit"],
    uid: stranger,
    gid: stranger,
  });
}

/**
 * The stranger swaps a name in the tree for something else and back, as fast as it can be done:
 * `perl` is what makes the other thing, and must use $n for its name and $out for the victim's folder.
 */
export function swapping(
  host: ShellHost,
  { name, perl }: { readonly name: string; readonly perl: string },
): AsyncDisposable {
  // Each time another name: what a restore puts there meanwhile is swapped next.
  const script = `use POSIX (); my ($n, $out) = @ARGV; my $k = 0;
    while (1) { my $a = "$n.away." . $k++ % 50; rename($n, $a); ${perl}; unlink($n); rename($a, $n); }`;
  return running(
    spawn("perl", ["-e", script, name, `${host.folder}/victim`], {
      cwd: host.tree,
      stdio: "ignore",
      uid: stranger,
      gid: stranger,
    }),
  );
}

/** A process that goes on until it is disposed of. */
export function running(child: ChildProcess): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

/** Does this while somebody is at it. */
export async function during<T>(attack: AsyncDisposable, work: () => Promise<T>): Promise<T> {
  await using _ = attack;
  return await work();
}

/** The tree on a file system of its own, which belongs to the stranger down from its root. */
export function mountedTree(host: ShellHost): AsyncDisposable & { readonly path: string } {
  host.sh(`mount -t tmpfs -o size=64m,mode=0755,uid=${stranger},gid=${stranger} tmpfs "$PWD"`);
  return {
    path: host.tree,
    async [Symbol.asyncDispose]() {
      host.sh('cd /; umount -l "$FOLDER/site/tree"');
    },
  };
}
